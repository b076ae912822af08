/* Fields of the configuration file, with messages that name the line. All return false after saying what is wrong. */
#ifndef IPVSD_FIELDS_H
#define IPVSD_FIELDS_H

#include "config.h"
#include "json.h"

/* Where messages go. */
struct scene {
	char *error;
	size_t room;
};

bool wrong(struct scene *scene, const struct json *at, const char *format, ...) __attribute__((format(printf, 3, 4)));
bool has_type(struct scene *scene, const struct json *value, enum json_type type, const char *what);
/* Refuses a key that means nothing here: a misspelt one would be ignored silently. `known` has spaces at both ends. */
bool only_keys(struct scene *scene, const struct json *object, const char *what, const char *known);
/* These leave `into` alone when the key is not there; a bool is false then. */
bool get_number(struct scene *scene, const struct json *object, const char *key, int min, int max, int *into);
bool get_bool(struct scene *scene, const struct json *object, const char *key, bool *into);
/* Printable and without spaces: it becomes part of a request line or header. */
bool get_word(struct scene *scene, const struct json *object, const char *key, const char **into);

/* One entry of a real's `checks`; see checks.c. */
bool read_check(struct scene *scene, const struct json *object, const struct real *real, struct check *check);

#endif
