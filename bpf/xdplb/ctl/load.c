// SPDX-License-Identifier: (MIT OR GPL-2.0-only)
#include "load.h"

#include "message.h"
#include "text.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BLANKS " \t\r\n"

struct reader {
	const char *path;
	int line;
	struct wanted *wanted;
};

static int wrong(const struct reader *reader, const char *format, ...)
{
	char text[256];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	return failed("mend the file; nothing was changed", "%s, line %d: %s", reader->path, reader->line, text);
}

static char *next_word(void)
{
	return strtok(NULL, BLANKS);
}

/* What may stand behind a VIP. */
static int take_form(const struct reader *reader, const char *name, struct vip_form *form)
{
	const char *value = next_word();
	unsigned long port;

	if (!value)
		return wrong(reader, "%s needs a value", name);
	if (!strcmp(name, "hash")) {
		if (strcmp(value, "flow") && strcmp(value, "port"))
			return wrong(reader, "hash %s: must be flow or port", value);
		form->hash_port = !strcmp(value, "port");
		return EXIT_OK;
	}
	if (!strcmp(name, "encap")) {
		if (strcmp(value, "ipip") && strcmp(value, "gue"))
			return wrong(reader, "encap %s: must be ipip or gue", value);
		form->encap = strcmp(value, "gue") ? ENCAP_IPIP : XDPLB_GUE_PORT;
		return EXIT_OK;
	}
	if (!form->encap)
		return wrong(reader, "gue-port has a meaning behind encap gue only");
	if (parse_number(value, 65535, &port) || !port)
		return wrong(reader, "gue-port %s: must be a number from 1 to 65535", value);
	form->encap = port;
	return EXIT_OK;
}

static int is_there(const struct wanted *wanted, const struct vip_key *key)
{
	for (int i = 0; i < wanted->count; i++)
		if (!memcmp(&wanted->vips[i].key, key, sizeof(*key)))
			return 1;
	return 0;
}

static int take_vip(const struct reader *reader, const char *text)
{
	struct wanted *wanted = reader->wanted;
	struct wanted_vip vip = { .reals = wanted->reals + wanted->real_count };
	const char *word;

	if (!text || parse_vip(text, &vip.key))
		return wrong(reader, "vip %s: must be ADDRESS[:PORT|:any]/tcp|udp", text ? text : "");
	if (is_there(wanted, &vip.key))
		return wrong(reader, "vip %s is there twice", text);
	if (wanted->count == XDPLB_MAX_VIPS - 1)
		return wrong(reader, "more than %d VIPs", XDPLB_MAX_VIPS - 1);
	while ((word = next_word())) {
		if (strcmp(word, "encap") && strcmp(word, "gue-port") && strcmp(word, "hash"))
			return wrong(reader, "%s is not known here", word);
		if (take_form(reader, word, &vip.form))
			return EXIT_FAILED;
	}
	if (form_suits(&vip.key, vip.form))
		return wrong(reader, "see above");
	wanted->vips[wanted->count++] = vip;
	return EXIT_OK;
}

static int take_weight(const struct reader *reader, struct wanted_real *real)
{
	const char *value = next_word();

	if (!value || parse_weight(value, &real->weight))
		return wrong(reader, "weight %s: must be a number from 0 to %d", value ? value : "", MAX_WEIGHT);
	return EXIT_OK;
}

static int check_real(const struct reader *reader, const struct wanted_vip *vip, const struct wanted_real *real,
		      const char *text)
{
	for (int i = 0; i < vip->real_count; i++)
		if (address_equal(&vip->reals[i].address, &real->address))
			return wrong(reader, "real %s is there twice", text);
	if (reader->wanted->real_count == XDPLB_MAX_REALS - 1)
		return wrong(reader, "more than %d reals", XDPLB_MAX_REALS - 1);
	return real_suits(&vip->key, &real->address) ? wrong(reader, "see above") : EXIT_OK;
}

static int take_real(const struct reader *reader, const char *text)
{
	struct wanted *wanted = reader->wanted;
	struct wanted_vip *vip = wanted->count ? &wanted->vips[wanted->count - 1] : NULL;
	struct wanted_real real = { .weight = DEFAULT_WEIGHT };
	const char *word;

	if (!vip)
		return wrong(reader, "a real needs a vip line above it");
	if (!text || parse_unicast(text, &real.address))
		return wrong(reader, "real %s: must be a host address", text ? text : "");
	while ((word = next_word())) {
		if (!strcmp(word, "drain"))
			real.draining = 1;
		else if (strcmp(word, "weight"))
			return wrong(reader, "%s is not known here", word);
		else if (take_weight(reader, &real))
			return EXIT_FAILED;
	}
	if (check_real(reader, vip, &real, text))
		return EXIT_FAILED;
	vip->reals[vip->real_count++] = real;
	wanted->real_count++;
	return EXIT_OK;
}

static int take_line(const struct reader *reader, char *line)
{
	char *word;

	line[strcspn(line, "#")] = 0;
	word = strtok(line, BLANKS);
	if (!word)
		return EXIT_OK;
	if (!strcmp(word, "vip"))
		return take_vip(reader, next_word());
	if (!strcmp(word, "real"))
		return take_real(reader, next_word());
	return wrong(reader, "%s: a line begins with vip or real", word);
}

static int read_lines(struct reader *reader, FILE *file)
{
	char line[512];

	while (fgets(line, sizeof(line), file)) {
		reader->line++;
		if (!strchr(line, '\n') && !feof(file))
			return wrong(reader, "longer than %zu bytes", sizeof(line) - 2);
		if (take_line(reader, line))
			return EXIT_FAILED;
	}
	if (ferror(file))
		return failed(NULL, "cannot read %s: %s", reader->path, strerror(errno));
	/* More likely an accident than a wish to remove all. */
	return reader->wanted->count ? EXIT_OK : wrong(reader, "there is no vip in it");
}

struct wanted *load_read(const char *path)
{
	struct reader reader = { .path = path, .wanted = calloc(1, sizeof(*reader.wanted)) };
	FILE *file = strcmp(path, "-") ? fopen(path, "r") : stdin;
	int result;

	if (!reader.wanted || !file) {
		failed(NULL, "cannot open %s: %s", path, strerror(errno));
		return NULL;
	}
	result = read_lines(&reader, file);
	if (file != stdin)
		fclose(file);
	return result ? NULL : reader.wanted;
}
