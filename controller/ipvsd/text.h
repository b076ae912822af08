/* Text that grows, and addresses read from text. */
#ifndef IPVSD_TEXT_H
#define IPVSD_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct text {
	char *data; /* always ends with a NUL once something was added */
	size_t length;
	size_t room;
};

void text_add(struct text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));
void text_add_bytes(struct text *text, const char *bytes, size_t length);
/* As a JSON string, quotes included. */
void text_add_json(struct text *text, const char *value);
void text_free(struct text *text);

/* Takes a whole number from `min` to `max`; false for anything else, also for leading zeros and signs. */
bool parse_number(const char *from, long min, long max, long *number);
/* "10.0.0.1", nothing else. */
bool parse_ipv4(const char *from, uint32_t *address);
/* "10.0.0.1:80". The address is in network order. */
bool parse_endpoint(const char *from, uint32_t *address, uint16_t *port);

/* Seconds since the machine was started, as in /proc/uptime: one clock for all containers. */
double seconds_now(void);

/* malloc that ends the program when memory is out. */
void *must_alloc(size_t size);
char *must_copy(const char *from);

#endif
