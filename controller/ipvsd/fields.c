#include "fields.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

bool wrong(struct scene *scene, const struct json *at, const char *format, ...)
{
	va_list values;
	int length = snprintf(scene->error, scene->room, "line %d: ", at->line);

	va_start(values, format);
	vsnprintf(scene->error + length, scene->room - (size_t)length, format, values);
	va_end(values);
	return false;
}

bool has_type(struct scene *scene, const struct json *value, enum json_type type, const char *what)
{
	if (value->type == type)
		return true;
	return wrong(scene, value, "%s must be %s, not %s", what, json_type_name(type), json_type_name(value->type));
}

bool only_keys(struct scene *scene, const struct json *object, const char *what, const char *known)
{
	for (const struct json *value = object->first; value; value = value->next) {
		char word[80];

		snprintf(word, sizeof(word), " %.64s ", value->key);
		if (!strstr(known, word))
			return wrong(scene, value, "unknown key \"%.64s\" in %s; known:%s", value->key, what, known);
	}
	return true;
}

bool get_number(struct scene *scene, const struct json *object, const char *key, int min, int max, int *into)
{
	const struct json *value = json_get(object, key);

	if (!value)
		return true;
	if (!has_type(scene, value, JSON_NUMBER, key))
		return false;
	if (value->number != (int)value->number || value->number < min || value->number > max)
		return wrong(scene, value, "%s must be a whole number from %d to %d", key, min, max);
	*into = (int)value->number;
	return true;
}

bool get_bool(struct scene *scene, const struct json *object, const char *key, bool *into)
{
	const struct json *value = json_get(object, key);

	if (value && !has_type(scene, value, JSON_BOOL, key))
		return false;
	*into = value && value->boolean;
	return true;
}

bool get_word(struct scene *scene, const struct json *object, const char *key, const char **into)
{
	const struct json *value = json_get(object, key);

	if (!value)
		return true;
	if (!has_type(scene, value, JSON_STRING, key))
		return false;
	for (const char *at = value->string; *at; at++)
		if (*at <= ' ' || *at > '~')
			return wrong(scene, value, "%s must be printable ASCII without spaces", key);
	*into = value->string;
	return true;
}
