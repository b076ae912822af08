/* The checks of a real, read from the configuration file. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fields.h"

static bool add_expected(struct scene *scene, const struct json *value, struct check *check)
{
	if (value->type == JSON_STRING && strcmp(value->string, "any") == 0)
		return true;
	if (!has_type(scene, value, JSON_NUMBER, "expect"))
		return false;
	if (value->number == 0)
		return true;
	if (value->number != (int)value->number || value->number < 100 || value->number > 599)
		return wrong(scene, value, "expect must hold HTTP statuses, 0 or \"any\"");
	if (check->expects == MAX_EXPECT)
		return wrong(scene, value, "expect holds more than %d statuses", MAX_EXPECT);
	check->expect[check->expects++] = (int)value->number;
	return true;
}

static bool read_expect(struct scene *scene, const struct json *object, struct check *check)
{
	const struct json *value = json_get(object, "expect");

	if (!value) {
		check->expect[check->expects++] = 200;
		return true;
	}
	if (value->type != JSON_ARRAY)
		return add_expected(scene, value, check);
	for (value = value->first; value; value = value->next)
		if (!add_expected(scene, value, check))
			return false;
	return true;
}

static bool read_http(struct scene *scene, const struct json *object, const struct real *real, struct check *check)
{
	const char *method = "GET", *path = "/", *host = real->name;
	char *request = NULL;

	if (!get_word(scene, object, "method", &method) || !get_word(scene, object, "path", &path) ||
	    !get_word(scene, object, "host", &host) || !read_expect(scene, object, check))
		return false;
	if (strcmp(method, "GET") != 0 && strcmp(method, "HEAD") != 0)
		return wrong(scene, json_get(object, "method"), "method must be GET or HEAD");
	if (path[0] != '/')
		return wrong(scene, json_get(object, "path"), "path must begin with /");
	if (asprintf(&request, "%s %s HTTP/1.1\r\nHost: %s\r\nUser-Agent: ipvsd\r\nConnection: close\r\n\r\n", method,
		     path, host) < 0)
		abort();
	check->request = request;
	return true;
}

bool read_check(struct scene *scene, const struct json *object, const struct real *real, struct check *check)
{
	const struct json *type = json_get(object, "type");
	int port = real->port;

	if (!has_type(scene, object, JSON_OBJECT, "a check"))
		return false;
	if (!type)
		return wrong(scene, object, "a check has no type");
	if (!has_type(scene, type, JSON_STRING, "type") || !get_number(scene, object, "port", 1, 65535, &port))
		return false;
	check->port = (uint16_t)port;
	if (strcmp(type->string, "http") == 0) {
		check->type = CHECK_HTTP;
		return only_keys(scene, object, "a check of type http", " type port method path host expect ") &&
		       read_http(scene, object, real, check);
	}
	check->type = CHECK_TCP;
	if (strcmp(type->string, "tcp") != 0 && strcmp(type->string, "syn") != 0)
		return wrong(scene, type, "unknown check type \"%.32s\"; known: http tcp syn", type->string);
	return only_keys(scene, object, "a check of this type", " type port ");
}
