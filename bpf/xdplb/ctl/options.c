// SPDX-License-Identifier: (MIT OR GPL-2.0-only)
#include "options.h"

#include "message.h"

#include <stddef.h>
#include <string.h>

static const struct {
	const char *name;
	size_t value;           /* offset in struct options */
} known[] = {
	{ "--pin", offsetof(struct options, pin) },
	{ "--dev", offsetof(struct options, device) },
	{ "--mode", offsetof(struct options, mode) },
	{ "--source", offsetof(struct options, source) },
	{ "--next-hop-mac", offsetof(struct options, next_hop_mac) },
	{ "--weight", offsetof(struct options, weight) },
	{ "--format", offsetof(struct options, format) },
	{ "-f", offsetof(struct options, format) },
};
#define KNOWN (sizeof(known) / sizeof(known[0]))

static const char **value_of(const struct options *options, size_t i)
{
	return (const char **)((char *)options + known[i].value);
}

/* Both "--name value" and "--name=value"; *at is moved past what was used. */
static int take_option(struct options *options, int argc, char **argv, int *at)
{
	const char *word = argv[*at];
	size_t length = strcspn(word, "=");

	for (size_t i = 0; i < KNOWN; i++) {
		if (strlen(known[i].name) != length || strncmp(word, known[i].name, length))
			continue;
		if (word[length] == '=')
			*value_of(options, i) = word + length + 1;
		else if (*at + 1 < argc)
			*value_of(options, i) = argv[++*at];
		else
			return misused("%s needs a value", word);
		return EXIT_OK;
	}
	return misused("there is no option %s", word);
}

static int take_word(struct options *options, const char *word)
{
	if (options->count == MAX_WORDS)
		return misused("too many words, from %s on", word);
	options->words[options->count++] = word;
	return EXIT_OK;
}

int options_parse(struct options *options, int argc, char **argv)
{
	memset(options, 0, sizeof(*options));
	for (int at = 1; at < argc; at++) {
		int result = EXIT_OK;

		if (!strcmp(argv[at], "--help") || !strcmp(argv[at], "-h"))
			options->help = 1;
		else if (argv[at][0] == '-')
			result = take_option(options, argc, argv, &at);
		else
			result = take_word(options, argv[at]);
		if (result)
			return result;
	}
	return EXIT_OK;
}

static int is_listed(const char *name, const char *list)
{
	size_t length = strlen(name);

	for (const char *at = list; (at = strstr(at, name)); at += length)
		if ((at == list || at[-1] == ' ') && (!at[length] || at[length] == ' '))
			return 1;
	return 0;
}

int options_only(const struct options *options, const char *allowed)
{
	for (size_t i = 0; i < KNOWN; i++)
		if (*value_of(options, i) && strcmp(known[i].name, "--pin") && strcmp(known[i].name, "-f") &&
		    !is_listed(known[i].name, allowed))
			return misused("%s has no meaning for %s", known[i].name, options->words[0]);
	return EXIT_OK;
}
