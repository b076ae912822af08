#include "text.h"

#include <arpa/inet.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

void *must_alloc(size_t size)
{
	void *memory = calloc(1, size ? size : 1);

	if (!memory) {
		fputs("ipvsd: out of memory\n", stderr);
		abort();
	}
	return memory;
}

char *must_copy(const char *from)
{
	char *copy = must_alloc(strlen(from) + 1);

	return strcpy(copy, from);
}

void text_add_bytes(struct text *text, const char *bytes, size_t length)
{
	if (text->length + length + 1 > text->room) {
		size_t room = (text->length + length + 1) * 2;
		char *data = must_alloc(room);

		if (text->length)
			memcpy(data, text->data, text->length);
		free(text->data);
		text->data = data;
		text->room = room;
	}
	if (length)
		memcpy(text->data + text->length, bytes, length);
	text->length += length;
	text->data[text->length] = 0;
}

void text_add(struct text *text, const char *format, ...)
{
	char *line = NULL;
	va_list values;
	int length;

	va_start(values, format);
	length = vasprintf(&line, format, values);
	va_end(values);
	if (length < 0)
		abort();
	text_add_bytes(text, line, (size_t)length);
	free(line);
}

void text_add_json(struct text *text, const char *value)
{
	text_add(text, "\"");
	for (; *value; value++) {
		unsigned char byte = (unsigned char)*value;

		if (byte == '"' || byte == '\\')
			text_add(text, "\\%c", byte);
		else if (byte < 0x20)
			text_add(text, "\\u%04x", byte);
		else
			text_add_bytes(text, value, 1);
	}
	text_add(text, "\"");
}

void text_free(struct text *text)
{
	free(text->data);
	*text = (struct text){ 0 };
}

bool parse_number(const char *from, long min, long max, long *number)
{
	long value = 0;

	if (!*from || strlen(from) > 9 || (from[0] == '0' && from[1]))
		return false;
	for (; *from; from++) {
		if (*from < '0' || *from > '9')
			return false;
		value = value * 10 + (*from - '0');
	}
	if (value < min || value > max)
		return false;
	*number = value;
	return true;
}

bool parse_ipv4(const char *from, uint32_t *address)
{
	struct in_addr parsed;

	if (inet_pton(AF_INET, from, &parsed) != 1)
		return false;
	*address = parsed.s_addr;
	return true;
}

bool parse_endpoint(const char *from, uint32_t *address, uint16_t *port)
{
	const char *colon = strchr(from, ':');
	char host[16];
	long number;

	if (!colon || (size_t)(colon - from) >= sizeof(host))
		return false;
	memcpy(host, from, (size_t)(colon - from));
	host[colon - from] = 0;
	if (!parse_ipv4(host, address) || !parse_number(colon + 1, 1, 65535, &number))
		return false;
	*port = (uint16_t)number;
	return true;
}

double seconds_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_BOOTTIME, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}
