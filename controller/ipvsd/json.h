/* JSON (RFC 8259) into a tree. Keys that stand twice in an object are an error: one of them would be lost silently. */
#ifndef IPVSD_JSON_H
#define IPVSD_JSON_H

#include <stdbool.h>
#include <stddef.h>

enum json_type { JSON_NULL, JSON_BOOL, JSON_NUMBER, JSON_STRING, JSON_ARRAY, JSON_OBJECT };

struct json {
	enum json_type type;
	char *key; /* within an object */
	char *string;
	double number;
	bool boolean;
	int line; /* where the value begins, from 1 */
	struct json *first, *next;
};

/* NULL with `line N: what is wrong` in `error`. */
struct json *json_parse(const char *source, size_t length, char *error, size_t room);
void json_free(struct json *value);
/* The value of a key, or NULL. */
const struct json *json_get(const struct json *object, const char *key);
/* What the type is called in messages: "a number". */
const char *json_type_name(enum json_type type);

#endif
