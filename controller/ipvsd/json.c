#include "json.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "text.h"

/* Far more than a configuration needs; keeps the recursion off the end of the stack. */
#define MAX_DEPTH 32

struct reader {
	const char *at, *end;
	int line, depth;
	char *error;
	size_t room;
	bool failed;
};

static struct json *read_value(struct reader *in);

static void fail(struct reader *in, const char *what)
{
	if (!in->failed)
		snprintf(in->error, in->room, "line %d: %s", in->line, what);
	in->failed = true;
}

static void skip_space(struct reader *in)
{
	for (; in->at < in->end && strchr(" \t\r\n", *in->at) && *in->at; in->at++)
		in->line += *in->at == '\n';
}

static bool accept(struct reader *in, char wanted)
{
	skip_space(in);
	if (in->at >= in->end || *in->at != wanted)
		return false;
	in->at++;
	return true;
}

static int read_hex(struct reader *in)
{
	int value = 0;

	if (in->end - in->at < 4)
		return -1;
	for (int i = 0; i < 4; i++) {
		char digit = *in->at++;
		const char *digits = "0123456789abcdef";
		const char *found = digit ? strchr(digits, digit | 0x20) : NULL;

		if (!found)
			return -1;
		value = value * 16 + (int)(found - digits);
	}
	return value;
}

/* Every name and path of a configuration is plain text, so an escape beyond the Basic Multilingual Plane is refused. */
static void read_unicode(struct reader *in, struct text *into)
{
	int code = read_hex(in);
	char bytes[3];

	if (code <= 0 || (code >= 0xd800 && code <= 0xdfff)) {
		fail(in, "bad \\u escape in a string");
	} else if (code < 0x80) {
		bytes[0] = (char)code;
		text_add_bytes(into, bytes, 1);
	} else if (code < 0x800) {
		bytes[0] = (char)(0xc0 | code >> 6);
		bytes[1] = (char)(0x80 | (code & 0x3f));
		text_add_bytes(into, bytes, 2);
	} else {
		bytes[0] = (char)(0xe0 | code >> 12);
		bytes[1] = (char)(0x80 | ((code >> 6) & 0x3f));
		bytes[2] = (char)(0x80 | (code & 0x3f));
		text_add_bytes(into, bytes, 3);
	}
}

static void read_escape(struct reader *in, struct text *into)
{
	static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
	char letter = in->at < in->end ? *in->at++ : 0;
	const char *found = letter ? strchr(from, letter) : NULL;

	if (letter == 'u')
		read_unicode(in, into);
	else if (found)
		text_add_bytes(into, &to[found - from], 1);
	else
		fail(in, "unknown escape in a string");
}

/* Stands behind the opening quote. */
static char *read_string(struct reader *in)
{
	struct text text = { 0 };

	text_add_bytes(&text, "", 0);
	while (!in->failed) {
		if (in->at >= in->end) {
			fail(in, "a string has no end");
		} else if (*in->at == '"') {
			in->at++;
			return text.data;
		} else if ((unsigned char)*in->at < 0x20) {
			fail(in, "a string has no end on its line");
		} else if (*in->at == '\\') {
			in->at++;
			read_escape(in, &text);
		} else {
			text_add_bytes(&text, in->at++, 1);
		}
	}
	text_free(&text);
	return NULL;
}

static void read_number(struct reader *in, struct json *value)
{
	char digits[32];
	size_t length = 0;
	char *end;

	while (in->at < in->end && *in->at && strchr("+-.0123456789eE", *in->at) && length < sizeof(digits) - 1)
		digits[length++] = *in->at++;
	digits[length] = 0;
	value->type = JSON_NUMBER;
	value->number = strtod(digits, &end);
	if (!length || *end || digits[0] == '+' || digits[0] == '.' || !isfinite(value->number))
		fail(in, length ? "this is not a number" : "a value is missing");
}

static bool read_word(struct reader *in, const char *word)
{
	size_t length = strlen(word);

	if ((size_t)(in->end - in->at) < length || memcmp(in->at, word, length) != 0)
		return false;
	in->at += length;
	return true;
}

static void read_key(struct reader *in, const struct json *object, char **key)
{
	if (!accept(in, '"')) {
		fail(in, "a key in quotes is missing");
		return;
	}
	*key = read_string(in);
	if (*key && json_get(object, *key)) {
		char words[128];

		snprintf(words, sizeof(words), "\"%.64s\" is here twice", *key);
		fail(in, words);
	} else if (!accept(in, ':')) {
		fail(in, "':' is missing behind a key");
	}
}

static void read_members(struct reader *in, struct json *into, char closing)
{
	struct json **tail = &into->first;

	if (accept(in, closing))
		return;
	while (!in->failed) {
		char *key = NULL;
		struct json *value = NULL;

		if (closing == '}')
			read_key(in, into, &key);
		if (!in->failed)
			value = read_value(in);
		if (!value) {
			free(key);
			return;
		}
		value->key = key;
		*tail = value;
		tail = &value->next;
		if (accept(in, closing))
			return;
		if (!accept(in, ','))
			fail(in, closing == '}' ? "',' or '}' is missing" : "',' or ']' is missing");
	}
}

static struct json *read_value(struct reader *in)
{
	struct json *value = must_alloc(sizeof(*value));

	skip_space(in);
	value->line = in->line;
	if (++in->depth > MAX_DEPTH) {
		fail(in, "too deep");
	} else if (accept(in, '{')) {
		value->type = JSON_OBJECT;
		read_members(in, value, '}');
	} else if (accept(in, '[')) {
		value->type = JSON_ARRAY;
		read_members(in, value, ']');
	} else if (accept(in, '"')) {
		value->type = JSON_STRING;
		value->string = read_string(in);
	} else if (read_word(in, "true") || read_word(in, "false")) {
		value->type = JSON_BOOL;
		value->boolean = in->at[-3] == 'r'; /* tRue, faLse */
	} else if (!read_word(in, "null")) {
		read_number(in, value);
	}
	in->depth--;
	if (in->failed) {
		json_free(value);
		return NULL;
	}
	return value;
}

struct json *json_parse(const char *source, size_t length, char *error, size_t room)
{
	struct reader in = { .at = source, .end = source + length, .line = 1, .error = error, .room = room };
	struct json *value = read_value(&in);

	skip_space(&in);
	if (value && in.at < in.end) {
		fail(&in, "something stands behind the end");
		json_free(value);
		return NULL;
	}
	return value;
}

void json_free(struct json *value)
{
	while (value) {
		struct json *next = value->next;

		json_free(value->first);
		free(value->key);
		free(value->string);
		free(value);
		value = next;
	}
}

const struct json *json_get(const struct json *object, const char *key)
{
	for (const struct json *value = object ? object->first : NULL; value; value = value->next)
		if (value->key && strcmp(value->key, key) == 0)
			return value;
	return NULL;
}

const char *json_type_name(enum json_type type)
{
	static const char *const names[] = { "null", "true or false", "a number", "a string", "a list", "an object" };

	return names[type];
}
