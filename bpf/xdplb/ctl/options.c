// SPDX-License-Identifier: (MIT OR GPL-2.0-only)
#include "options.h"

#include "message.h"

#include <stddef.h>
#include <string.h>

static const struct {
	const char *name;
	size_t value;           /* offset in struct options */
	int alone;              /* takes no value */
} known[] = {
	{ "--pin", offsetof(struct options, pin), 0 },
	{ "--dev", offsetof(struct options, device), 0 },
	{ "--mode", offsetof(struct options, mode), 0 },
	{ "--source", offsetof(struct options, source), 0 },
	{ "--source6", offsetof(struct options, source6), 0 },
	{ "--src-prefix", offsetof(struct options, src_prefix), 0 },
	{ "--src-prefix6", offsetof(struct options, src_prefix6), 0 },
	{ "--next-hop-mac", offsetof(struct options, next_hop_mac), 0 },
	{ "--next-hop", offsetof(struct options, next_hop), 0 },
	{ "--mtu", offsetof(struct options, mtu), 0 },
	{ "--icmp-echo", offsetof(struct options, icmp_echo), 1 },
	{ "--capacity", offsetof(struct options, capacity), 0 },
	{ "--new-flows", offsetof(struct options, new_flows), 0 },
	{ "--udp-timeout", offsetof(struct options, udp_timeout), 0 },
	{ "--weight", offsetof(struct options, weight), 0 },
	{ "--encap", offsetof(struct options, encap), 0 },
	{ "--gue-port", offsetof(struct options, gue_port), 0 },
	{ "--hash", offsetof(struct options, hash), 0 },
	{ "--address", offsetof(struct options, address), 0 },
	{ "--watch", offsetof(struct options, watch), 1 },
	{ "--interval", offsetof(struct options, interval), 0 },
	{ "--rounds", offsetof(struct options, rounds), 0 },
	{ "--limit", offsetof(struct options, limit), 0 },
	{ "--format", offsetof(struct options, format), 0 },
	{ "-f", offsetof(struct options, format), 0 },
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
		if (known[i].alone && word[length] == '=')
			return misused("%s takes no value", known[i].name);
		if (known[i].alone)
			*value_of(options, i) = known[i].name;
		else if (word[length] == '=')
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
