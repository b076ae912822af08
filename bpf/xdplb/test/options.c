// SPDX-License-Identifier: (MIT OR GPL-2.0-only)
#include "../ctl/options.h"

#include "../ctl/message.h"
#include "harness.h"

#include <string.h>

#define PARSE(options, ...)                                                                        \
	({                                                                                         \
		char *arguments[] = { "xdplb", __VA_ARGS__ };                                      \
		hear();                                                                            \
		options_parse(options, sizeof(arguments) / sizeof(arguments[0]), arguments);       \
	})

void test_options(void)
{
	struct options o;

	check(PARSE(&o, "attach", "--dev", "eth0", "--pin=/x", "--next-hop-mac", "m") == EXIT_OK && o.count == 1 &&
		      !strcmp(o.device, "eth0") && !strcmp(o.pin, "/x") && !strcmp(o.next_hop_mac, "m"),
	      "options: both '--name value' and '--name=value'", "%s", heard());
	check(PARSE(&o, "--pin", "/x", "stats", "-f", "json") == EXIT_OK && !strcmp(o.words[0], "stats") &&
		      !strcmp(o.format, "json"),
	      "options: before and after the command", "%s", heard());
	check(PARSE(&o, "attach", "--dev") == EXIT_USAGE && said("--dev needs a value"),
	      "options: a missing value is said", "%s", heard());
	check(PARSE(&o, "attach", "--devx", "y") == EXIT_USAGE && said("no option --devx"),
	      "options: an unknown option is said", "%s", heard());
	check(PARSE(&o, "a", "b", "c", "d", "e", "f", "g", "h", "i") == EXIT_USAGE, "options: too many words", "%s", heard());
	check(PARSE(&o, "real", "--help") == EXIT_OK && o.help, "options: --help anywhere", "%s", heard());
	check(PARSE(&o, "vip", "--weight", "3") == EXIT_OK && options_only(&o, "--dev") == EXIT_USAGE &&
		      said("--weight has no meaning for vip"),
	      "options: one the command has no use for is said", "%s", heard());
	check(PARSE(&o, "x", "--dev", "y") == EXIT_OK && options_only(&o, "--mode --dev") == EXIT_OK,
	      "options: one the command uses is taken", "%s", heard());
}
