#include "json.h"

#include <string.h>

#include "harness.h"

static char error[256];

static bool is_refused(const char *source, const char *why)
{
	struct json *value = json_parse(source, strlen(source), error, sizeof(error));

	if (value) {
		json_free(value);
		return false;
	}
	CHECK_TEXT(error, why);
	return true;
}

void test_json(void)
{
	const char *source = "{ \"a\": [1, -2.5e1, true, false, null],\n \"b\": {\"c\": \"x\\n\\u00e4\\\"\"} }";
	struct json *value = json_parse(source, strlen(source), error, sizeof(error));
	const struct json *item;

	CHECK(value && value->type == JSON_OBJECT);
	item = json_get(value, "a")->first;
	CHECK(item->number == 1);
	item = item->next;
	CHECK(item->number == -25);
	item = item->next;
	CHECK(item->type == JSON_BOOL && item->boolean);
	item = item->next;
	CHECK(item->type == JSON_BOOL && !item->boolean);
	CHECK(item->next->type == JSON_NULL && !item->next->next);
	CHECK_TEXT(json_get(json_get(value, "b"), "c")->string, "x\n\xc3\xa4\"");
	CHECK(json_get(value, "b")->line == 2);
	json_free(value);

	CHECK(is_refused("", "line 1: a value is missing"));
	CHECK(is_refused("{\n\"a\": 1\n\"b\": 2}", "line 3: ',' or '}' is missing"));
	CHECK(is_refused("{\"a\": 1, \"a\": 2}", "line 1: \"a\" is here twice"));
	CHECK(is_refused("{\"a\" 1}", "line 1: ':' is missing behind a key"));
	CHECK(is_refused("{a: 1}", "line 1: a key in quotes is missing"));
	CHECK(is_refused("[1,]", "line 1: a value is missing"));
	CHECK(is_refused("[1 2]", "line 1: ',' or ']' is missing"));
	CHECK(is_refused("[\"x", "line 1: a string has no end"));
	CHECK(is_refused("[\"\\q\"]", "line 1: unknown escape in a string"));
	CHECK(is_refused("[\"\\u12g4\"]", "line 1: bad \\u escape in a string"));
	CHECK(is_refused("[1.2.3]", "line 1: this is not a number"));
	CHECK(is_refused("{} {}", "line 1: something stands behind the end"));
	CHECK(is_refused("[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[", "line 1: too deep"));
}
