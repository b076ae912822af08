// SPDX-License-Identifier: (MIT OR GPL-2.0-only)
/* xdplb: sets up the balancer and reads it. Each run does one thing and ends; state is in the kernel. */
#include "device.h"
#include "message.h"
#include "options.h"
#include "report.h"
#include "service.h"
#include "state.h"
#include "text.h"

#include <stdio.h>
#include <string.h>

static const char help[] =
	"xdplb - XDP load balancer: sends packets to a VIP to its reals, in IPIP\n"
	"\n"
	"  xdplb attach --dev DEV [--mode generic|native] --source ADDRESS --next-hop-mac MAC\n"
	"  xdplb detach --dev DEV\n"
	"  xdplb vip  add|del ADDRESS[:PORT|:any]/tcp|udp\n"
	"  xdplb real add|del VIP REAL [--weight 0..1000]\n"
	"  xdplb show  [-f text|json]     what is set up\n"
	"  xdplb stats [-f text|json]     what was counted\n"
	"\n"
	"  --pin DIR       where state is kept between runs, on a BPF file system\n"
	"                  (default " DEFAULT_PIN ")\n"
	"  --mode MODE     generic (default) works on any device; native is faster\n"
	"                  and needs the driver's support\n"
	"  --source        the balancer's own address: source of the outer header\n"
	"  --next-hop-mac  MAC of the router that knows the way to the reals\n"
	"  --weight N      a real's share against the others' (default 1); 0: no new\n"
	"                  packets. real add on a real that is there changes it.\n"
	"\n"
	"Without a port (or with :any) a VIP takes all ports of the protocol.\n"
	"Exit: 0 done, 1 failed, 2 wrong usage.\n"
	"\n"
	"Examples:\n"
	"  xdplb attach --dev eth0 --mode generic --source 10.111.221.11 \\\n"
	"               --next-hop-mac 02-42-0a-6f-dd-0c\n"
	"  xdplb vip add 192.168.10.1/tcp\n"
	"  xdplb vip add 192.168.10.1:53/udp\n"
	"  xdplb real add 192.168.10.1/tcp 10.111.222.11\n"
	"  xdplb real add 192.168.10.1/tcp 10.111.222.12 --weight 3\n"
	"  xdplb stats -f json\n"
	"  xdplb detach --dev eth0\n";

static const char *pin_of(const struct options *options)
{
	return options->pin ? options->pin : DEFAULT_PIN;
}

static int expect_words(const struct options *options, int count, const char *form)
{
	return options->count == count ? EXIT_OK : misused("%s", form);
}

static int parse_mode(const char *text, enum mode *mode)
{
	*mode = MODE_GENERIC;
	if (!text || !strcmp(text, "generic"))
		return EXIT_OK;
	*mode = MODE_NATIVE;
	return !strcmp(text, "native") ? EXIT_OK : misused("--mode %s: must be generic or native", text);
}

static int parse_config(const struct options *options, struct device_config *config)
{
	memset(config, 0, sizeof(*config));
	if (!options->source || !options->next_hop_mac)
		return misused("attach needs --source ADDRESS and --next-hop-mac MAC");
	if (parse_unicast(options->source, &config->source))
		return misused("--source %s: must be an IPv4 host address", options->source);
	if (parse_mac(options->next_hop_mac, config->next_hop_mac))
		return misused("--next-hop-mac %s: must be one station's MAC, as 02:42:0a:6f:dd:0c or 02-42-0a-6f-dd-0c",
			       options->next_hop_mac);
	return EXIT_OK;
}

static int attach(const struct options *options, struct state *state)
{
	struct device_config config;
	enum mode mode;

	if (expect_words(options, 1, "xdplb attach --dev DEV --source ADDRESS --next-hop-mac MAC") ||
	    options_only(options, "--dev --mode --source --next-hop-mac"))
		return EXIT_USAGE;
	if (!options->device)
		return misused("attach needs --dev DEV");
	if (parse_mode(options->mode, &mode) || parse_config(options, &config))
		return EXIT_USAGE;
	if (state_open_or_create(state, pin_of(options)))
		return EXIT_FAILED;
	return device_attach(state, options->device, mode, &config);
}

static int detach(const struct options *options, struct state *state)
{
	if (expect_words(options, 1, "xdplb detach --dev DEV") || options_only(options, "--dev"))
		return EXIT_USAGE;
	if (!options->device)
		return misused("detach needs --dev DEV");
	if (state_open(state, pin_of(options)))
		return EXIT_FAILED;
	return device_detach(state, options->device);
}

static int take_vip(const char *text, struct vip_key *vip)
{
	if (!parse_vip(text, vip))
		return EXIT_OK;
	return misused("VIP %s: must be ADDRESS[:PORT|:any]/tcp|udp with an IPv4 host address and a port of 1 to 65535",
		       text);
}

static int is_add(const struct options *options, int *add)
{
	*add = !strcmp(options->words[1], "add");
	if (*add || !strcmp(options->words[1], "del"))
		return EXIT_OK;
	return misused("%s %s: must be add or del", options->words[0], options->words[1]);
}

static int vip(const struct options *options, struct state *state)
{
	struct vip_key key;
	int add;

	if (expect_words(options, 3, "xdplb vip add|del ADDRESS[:PORT]/tcp|udp") || options_only(options, "") ||
	    is_add(options, &add) || take_vip(options->words[2], &key))
		return EXIT_USAGE;
	if (add ? state_open_or_create(state, pin_of(options)) : state_open(state, pin_of(options)))
		return EXIT_FAILED;
	return add ? vip_add(state, &key) : vip_del(state, &key);
}

static int real(const struct options *options, struct state *state)
{
	__u32 weight = WEIGHT_UNCHANGED;
	struct vip_key key;
	__be32 address;
	int add;

	if (expect_words(options, 4, "xdplb real add|del VIP REAL [--weight N]") || is_add(options, &add) ||
	    options_only(options, add ? "--weight" : "") || take_vip(options->words[2], &key))
		return EXIT_USAGE;
	if (parse_unicast(options->words[3], &address))
		return misused("real %s: must be an IPv4 host address", options->words[3]);
	if (options->weight && parse_weight(options->weight, &weight))
		return misused("--weight %s: must be a number from 0 to %d", options->weight, MAX_WEIGHT);
	if (state_open(state, pin_of(options)))
		return EXIT_FAILED;
	return add ? real_add(state, &key, address, weight) : real_del(state, &key, address);
}

static int print_report(const struct options *options, struct state *state, int (*as_text)(struct state *))
{
	const char *format = options->format ? options->format : "text";

	if (expect_words(options, 1, "xdplb show|stats [-f text|json]") || options_only(options, "--format"))
		return EXIT_USAGE;
	if (strcmp(format, "text") && strcmp(format, "json"))
		return misused("-f %s: must be text or json", format);
	if (state_open(state, pin_of(options)))
		return EXIT_FAILED;
	return strcmp(format, "json") ? as_text(state) : report_json(state);
}

static int show(const struct options *options, struct state *state)
{
	return print_report(options, state, report_show);
}

static int stats(const struct options *options, struct state *state)
{
	return print_report(options, state, report_stats);
}

static const struct {
	const char *name;
	int (*run)(const struct options *, struct state *);
} commands[] = {
	{ "attach", attach }, { "detach", detach }, { "vip", vip },
	{ "real", real },     { "show", show },     { "stats", stats },
};

static int run(const struct options *options)
{
	struct state state;

	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		/* Not closed: the process ends, and with it the lock. */
		if (!strcmp(options->words[0], commands[i].name))
			return commands[i].run(options, &state);
	}
	return misused("there is no command %s", options->words[0]);
}

int main(int argc, char **argv)
{
	struct options options;
	int result = options_parse(&options, argc, argv);

	if (result)
		return result;
	if (options.help) {
		fputs(help, stdout);
		return EXIT_OK;
	}
	if (!options.count)
		return misused("a command is missing");
	result = run(&options);
	/* A report that was not written in full is a failure, not a short report. */
	if (fflush(stdout) || ferror(stdout))
		return failed(NULL, "cannot write the output");
	return result;
}
