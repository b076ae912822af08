// SPDX-License-Identifier: (MIT OR GPL-2.0-only)
/* xdplb: sets up the balancer and reads it. Each run does one thing and ends; state is in the kernel. */
#include "conns.h"
#include "decap.h"
#include "device.h"
#include "load.h"
#include "message.h"
#include "options.h"
#include "report.h"
#include "service.h"
#include "state.h"
#include "text.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char help[] =
	"xdplb - XDP load balancer: sends packets to a VIP to its reals, in IPIP or GUE\n"
	"\n"
	"  xdplb attach --dev DEV [--mode generic|native] --source ADDRESS --next-hop-mac MAC\n"
	"  xdplb detach --dev DEV\n"
	"  xdplb vip  add VIP [--encap ipip|gue] [--gue-port PORT] [--hash flow|port]\n"
	"  xdplb vip  del VIP | list\n"
	"  xdplb real add VIP REAL [--weight 0..1000]\n"
	"  xdplb real weight VIP REAL N | drain VIP REAL | del VIP REAL | list [VIP]\n"
	"  xdplb load FILE                all VIPs and reals from a file (- is stdin)\n"
	"  xdplb show  [-f text|json]     what is set up\n"
	"  xdplb stats [-f text|json]     what was counted\n"
	"        --watch [--interval SECONDS] [--rounds N]   again and again\n"
	"  xdplb conns [-f text|json] [--limit N]   the connection table\n"
	"  xdplb decap attach --dev DEV [--mode MODE] [--address ADDRESS,...] [--gue-port PORT]\n"
	"  xdplb decap detach|stats --dev DEV [-f text|json]\n"
	"                  at a real whose kernel has no ipip: opens the tunnels to the\n"
	"                  device's addresses; needs no --pin\n"
	"\n"
	"VIP is ADDRESS[:PORT|:any]/tcp|udp; with a port, an IPv6 address is in brackets.\n"
	"Without a port (or with :any) a VIP takes all ports of the protocol.\n"
	"\n"
	"  --pin DIR       where state is kept between runs, on a BPF file system\n"
	"                  (default " DEFAULT_PIN ")\n"
	"attach:\n"
	"  --mode MODE     generic (default) works on any device; native is faster\n"
	"                  and needs the driver's support\n"
	"  --source, --source6          the balancer's own addresses: source of the\n"
	"                  outer header for IPv4 and for IPv6 reals\n"
	"  --src-prefix, --src-prefix6  instead: a prefix whose other bits follow the\n"
	"                  flow, so that paths and queues behind spread flows\n"
	"  --next-hop-mac  MAC of the router that knows the way to the reals\n"
	"  --next-hop fib  instead: ask the kernel's routes and neighbours\n"
	"  --mtu N         longest IP packet to send (default: the device's MTU);\n"
	"                  senders of longer ones are told what fits\n"
	"  --icmp-echo     answer ping to VIPs\n"
	"  --capacity N    connections to remember (at the first attach, vip add or load)\n"
	"  --new-flows N   connections a CPU notes per second at most; 0: no limit\n"
	"  --udp-timeout S seconds after which a silent UDP flow is forgotten (30)\n"
	"vip:\n"
	"  --hash port     for a VIP of any port: all clients of a port meet at one real\n"
	"                  (default: flow, by client and ports)\n"
	"real:\n"
	"  --weight N      a real's share against the others' (default 1); 0: no new\n"
	"                  flows. real add on a real that is there changes it.\n"
	"  drain           no new flows; those there are stay. real add ends it.\n"
	"\n"
	"A file for load has lines: vip VIP [encap gue] [gue-port N] [hash port], and below it\n"
	"real ADDRESS [weight N] [drain]. What it does not name is removed.\n"
	"\n"
	"Exit: 0 done, 1 failed, 2 wrong usage.\n"
	"\n"
	"Examples:\n"
	"  xdplb attach --dev eth0 --mode generic --source 10.111.221.11 \\\n"
	"               --next-hop-mac 02-42-0a-6f-dd-0c\n"
	"  xdplb vip add 192.168.10.1/tcp\n"
	"  xdplb vip add '[2001:db8::1]:53/udp' --encap gue\n"
	"  xdplb real add 192.168.10.1/tcp 10.111.222.11\n"
	"  xdplb real add 192.168.10.1/tcp 10.111.222.12 --weight 3\n"
	"  xdplb real drain 192.168.10.1/tcp 10.111.222.11\n"
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

static int parse_count(const char *name, const char *text, unsigned long max, unsigned long *number)
{
	if (!parse_number(text, max, number))
		return EXIT_OK;
	return misused("%s %s: must be a number up to %lu", name, text, max);
}

/* A prefix for the outer source leaves at most the last 32 bits to the flow. */
static int parse_varying(const char *name, const char *text, int ipv4, struct address *address, int *bits)
{
	int width = ipv4 ? 32 : 128;

	if (parse_prefix(text, address, bits) || address_is_ipv4(address) != ipv4 || *bits < width - 24 - !ipv4 * 8 ||
	    *bits >= width || (!ipv4 && *bits > 96) || !address->words[ipv4 ? 3 : 0])
		return misused("%s %s: must be a network, as %s", name, text,
			       ipv4 ? "172.16.0.0/16 (/8 to /31)" : "0100::/64 (up to /96)");
	return EXIT_OK;
}

static int parse_source(const struct options *options, struct device_config *config)
{
	struct address address;
	int bits;

	if (options->source && options->src_prefix)
		return misused("--source and --src-prefix exclude each other");
	if (options->source) {
		if (parse_unicast(options->source, &address) || !address_is_ipv4(&address))
			return misused("--source %s: must be an IPv4 host address", options->source);
		config->source = address.words[3];
	}
	if (options->src_prefix) {
		if (parse_varying("--src-prefix", options->src_prefix, 1, &address, &bits))
			return EXIT_USAGE;
		config->source = address.words[3];
		config->vary = htonl((1ULL << (32 - bits)) - 1);
	}
	return EXIT_OK;
}

static int parse_source6(const struct options *options, struct device_config *config)
{
	int bits;

	if (options->source6 && options->src_prefix6)
		return misused("--source6 and --src-prefix6 exclude each other");
	if (options->source6 && (parse_unicast(options->source6, &config->source6) || address_is_ipv4(&config->source6)))
		return misused("--source6 %s: must be an IPv6 host address", options->source6);
	if (options->src_prefix6) {
		if (parse_varying("--src-prefix6", options->src_prefix6, 0, &config->source6, &bits))
			return EXIT_USAGE;
		config->vary6 = 1;
	}
	return EXIT_OK;
}

static int parse_next_hop(const struct options *options, struct device_config *config)
{
	if (!options->next_hop == !options->next_hop_mac)
		return misused("attach needs --next-hop-mac MAC or --next-hop fib, and not both");
	if (options->next_hop && strcmp(options->next_hop, "fib"))
		return misused("--next-hop %s: must be fib", options->next_hop);
	if (options->next_hop)
		config->flags |= DEVICE_FIB;
	else if (parse_mac(options->next_hop_mac, config->next_hop_mac))
		return misused("--next-hop-mac %s: must be one station's MAC, as 02:42:0a:6f:dd:0c or 02-42-0a-6f-dd-0c",
			       options->next_hop_mac);
	return EXIT_OK;
}

static int parse_config(const struct options *options, struct device_config *config)
{
	unsigned long mtu = 0;

	memset(config, 0, sizeof(*config));
	if (!options->source && !options->src_prefix && !options->source6 && !options->src_prefix6)
		return misused("attach needs --source ADDRESS (or --src-prefix, --source6, --src-prefix6)");
	if (parse_source(options, config) || parse_source6(options, config) || parse_next_hop(options, config))
		return EXIT_USAGE;
	if (options->mtu && (parse_number(options->mtu, XDPLB_MAX_MTU, &mtu) || mtu < XDPLB_MIN_MTU))
		return misused("--mtu %s: must be a number from %d to %d", options->mtu, XDPLB_MIN_MTU, XDPLB_MAX_MTU);
	config->mtu = mtu;
	config->flags |= options->icmp_echo ? DEVICE_ICMP_ECHO : 0;
	return EXIT_OK;
}

/* Of the connection table; those not given stay as they are. */
struct table_options {
	unsigned long capacity;         /* 0: not given */
	unsigned long new_flows;
	unsigned long udp_seconds;
};

static int parse_table(const struct options *options, struct table_options *table)
{
	*table = (struct table_options){};
	if (options->capacity && (parse_number(options->capacity, MAX_CAPACITY, &table->capacity) || !table->capacity))
		return misused("--capacity %s: must be a number from 1 to %d", options->capacity, MAX_CAPACITY);
	if (options->new_flows && parse_count("--new-flows", options->new_flows, 100000000, &table->new_flows))
		return EXIT_USAGE;
	if (options->udp_timeout && parse_count("--udp-timeout", options->udp_timeout, 86400, &table->udp_seconds))
		return EXIT_USAGE;
	return EXIT_OK;
}

static int apply_table(const struct options *options, const struct table_options *table, struct state *state)
{
	struct settings settings;

	if (!options->new_flows && !options->udp_timeout)
		return EXIT_OK;
	if (state_read_settings(state, &settings))
		return EXIT_FAILED;
	if (options->new_flows)
		settings.new_flows = table->new_flows;
	if (options->udp_timeout)
		settings.udp_ticks = table->udp_seconds / TICK_SECONDS + 0.5;
	return state_write_settings(state, &settings);
}

static int attach(const struct options *options, struct state *state)
{
	struct device_config config;
	struct table_options table;
	enum mode mode;

	if (expect_words(options, 1, "xdplb attach --dev DEV --source ADDRESS --next-hop-mac MAC") ||
	    options_only(options, "--dev --mode --source --source6 --src-prefix --src-prefix6 --next-hop-mac --next-hop "
				  "--mtu --icmp-echo --capacity --new-flows --udp-timeout"))
		return EXIT_USAGE;
	if (!options->device)
		return misused("attach needs --dev DEV");
	if (parse_mode(options->mode, &mode) || parse_config(options, &config) || parse_table(options, &table))
		return EXIT_USAGE;
	if (state_open_or_create_for(state, pin_of(options), table.capacity) || apply_table(options, &table, state))
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
	return misused("VIP %s: must be ADDRESS[:PORT|:any]/tcp|udp with a host address and a port of 1 to 65535; with a "
		       "port, an IPv6 address is in brackets", text);
}

static int wants_only(const struct options *options, int words, const char *form, const char *allowed)
{
	return expect_words(options, words, form) || options_only(options, allowed) ? EXIT_USAGE : EXIT_OK;
}

static int parse_encap(const struct options *options, int *encap)
{
	unsigned long port = XDPLB_GUE_PORT;

	*encap = FORM_UNCHANGED;
	if (options->gue_port && (parse_number(options->gue_port, 65535, &port) || !port))
		return misused("--gue-port %s: must be a number from 1 to 65535", options->gue_port);
	if (!options->encap)
		return options->gue_port ? misused("--gue-port has a meaning with --encap gue only") : EXIT_OK;
	*encap = strcmp(options->encap, "gue") ? ENCAP_IPIP : (int)port;
	if (*encap == ENCAP_IPIP && options->gue_port)
		return misused("--gue-port has a meaning with --encap gue only");
	if (*encap == ENCAP_IPIP && strcmp(options->encap, "ipip"))
		return misused("--encap %s: must be ipip or gue", options->encap);
	return EXIT_OK;
}

static int parse_hash(const struct options *options, int *hash_port)
{
	*hash_port = FORM_UNCHANGED;
	if (!options->hash)
		return EXIT_OK;
	*hash_port = !strcmp(options->hash, "port");
	if (!*hash_port && strcmp(options->hash, "flow"))
		return misused("--hash %s: must be flow or port", options->hash);
	return EXIT_OK;
}

static int vip_add_command(const struct options *options, struct state *state)
{
	struct table_options table;
	struct vip_form form;
	struct vip_key key;

	if (wants_only(options, 3, "xdplb vip add ADDRESS[:PORT]/tcp|udp", "--encap --gue-port --hash --capacity") ||
	    take_vip(options->words[2], &key) || parse_encap(options, &form.encap) || parse_hash(options, &form.hash_port) ||
	    parse_table(options, &table))
		return EXIT_USAGE;
	if (state_open_or_create_for(state, pin_of(options), table.capacity))
		return EXIT_FAILED;
	return vip_add(state, &key, form);
}

static int vip_del_command(const struct options *options, struct state *state)
{
	struct vip_key key;

	if (wants_only(options, 3, "xdplb vip del ADDRESS[:PORT]/tcp|udp", "") || take_vip(options->words[2], &key))
		return EXIT_USAGE;
	return state_open(state, pin_of(options)) ? EXIT_FAILED : vip_del(state, &key);
}

/* Whether -f asks for JSON. */
static int parse_format(const struct options *options, int *json)
{
	const char *format = options->format ? options->format : "text";

	*json = !strcmp(format, "json");
	return *json || !strcmp(format, "text") ? EXIT_OK : misused("-f %s: must be text or json", format);
}

static int vip_list_command(const struct options *options, struct state *state)
{
	int json;

	if (wants_only(options, 2, "xdplb vip list [-f text|json]", "--format") || parse_format(options, &json))
		return EXIT_USAGE;
	if (state_open(state, pin_of(options)))
		return EXIT_FAILED;
	return json ? report_json(state) : report_vips(state);
}

static int take_real(const struct options *options, struct vip_key *key, struct address *address)
{
	if (take_vip(options->words[2], key))
		return EXIT_USAGE;
	if (parse_unicast(options->words[3], address))
		return misused("real %s: must be a host address, IPv4 or IPv6", options->words[3]);
	return EXIT_OK;
}

static int take_weight(const char *name, const char *text, __u32 *weight)
{
	return parse_weight(text, weight) ? misused("%s %s: must be a number from 0 to %d", name, text, MAX_WEIGHT) : EXIT_OK;
}

static int real_add_command(const struct options *options, struct state *state)
{
	__u32 weight = WEIGHT_UNCHANGED;
	struct address address;
	struct vip_key key;

	if (wants_only(options, 4, "xdplb real add VIP REAL [--weight N]", "--weight") ||
	    take_real(options, &key, &address) ||
	    (options->weight && take_weight("--weight", options->weight, &weight)))
		return EXIT_USAGE;
	return state_open(state, pin_of(options)) ? EXIT_FAILED : real_add(state, &key, &address, weight);
}

static int real_del_command(const struct options *options, struct state *state)
{
	struct address address;
	struct vip_key key;

	if (wants_only(options, 4, "xdplb real del VIP REAL", "") || take_real(options, &key, &address))
		return EXIT_USAGE;
	return state_open(state, pin_of(options)) ? EXIT_FAILED : real_del(state, &key, &address);
}

static int real_weight_command(const struct options *options, struct state *state)
{
	struct address address;
	struct vip_key key;
	__u32 weight;

	if (wants_only(options, 5, "xdplb real weight VIP REAL N", "") || take_real(options, &key, &address) ||
	    take_weight("weight", options->words[4], &weight))
		return EXIT_USAGE;
	return state_open(state, pin_of(options)) ? EXIT_FAILED : real_weight(state, &key, &address, weight);
}

static int real_drain_command(const struct options *options, struct state *state)
{
	struct address address;
	struct vip_key key;

	if (wants_only(options, 4, "xdplb real drain VIP REAL", "") || take_real(options, &key, &address))
		return EXIT_USAGE;
	return state_open(state, pin_of(options)) ? EXIT_FAILED : real_drain(state, &key, &address);
}

static int real_list_command(const struct options *options, struct state *state)
{
	struct vip_key key;
	int json, one = options->count == 3;
	__u32 id;

	if ((!one && expect_words(options, 2, "xdplb real list [VIP] [-f text|json]")) ||
	    options_only(options, "--format") || parse_format(options, &json) ||
	    (one && take_vip(options->words[2], &key)))
		return EXIT_USAGE;
	if (one && json)
		return misused("real list -f json lists those of all VIPs: leave the VIP out");
	if (state_open(state, pin_of(options)) || (one && vip_find(state, &key, &id)))
		return EXIT_FAILED;
	return json ? report_json(state) : report_reals(state, one ? &key : NULL);
}

struct command {
	const char *name;
	int (*run)(const struct options *, struct state *);
};

static int run_one(const struct command *commands, int word, const char *choices, const struct options *options,
		   struct state *state)
{
	if (options->count <= word)
		return misused("%s needs one of: %s", options->words[word - 1], choices);
	for (; commands->name; commands++)
		if (!strcmp(options->words[word], commands->name))
			return commands->run(options, state);
	if (word)
		return misused("%s %s: must be one of: %s", options->words[word - 1], options->words[word], choices);
	return misused("there is no command %s", options->words[0]);
}

static int vip(const struct options *options, struct state *state)
{
	static const struct command commands[] = {
		{ "add", vip_add_command }, { "del", vip_del_command }, { "list", vip_list_command }, {},
	};

	return run_one(commands, 1, "add, del, list", options, state);
}

static int real(const struct options *options, struct state *state)
{
	static const struct command commands[] = {
		{ "add", real_add_command },     { "del", real_del_command },   { "weight", real_weight_command },
		{ "drain", real_drain_command }, { "list", real_list_command }, {},
	};

	return run_one(commands, 1, "add, del, weight, drain, list", options, state);
}

static int load(const struct options *options, struct state *state)
{
	struct table_options table;
	struct wanted *wanted;

	if (wants_only(options, 2, "xdplb load FILE", "--capacity") || parse_table(options, &table))
		return EXIT_USAGE;
	wanted = load_read(options->words[1]);
	if (!wanted || state_open_or_create_for(state, pin_of(options), table.capacity) ||
	    service_become(state, wanted->vips, wanted->count))
		return EXIT_FAILED;
	printf("%s: %d VIPs, %d reals\n", options->words[1], wanted->count, wanted->real_count);
	return EXIT_OK;
}

static int conns(const struct options *options, struct state *state)
{
	unsigned long limit = 0;
	int json;

	if (wants_only(options, 1, "xdplb conns [-f text|json] [--limit N]", "--format --limit") ||
	    parse_format(options, &json) ||
	    (options->limit && parse_count("--limit", options->limit, MAX_CAPACITY, &limit)))
		return EXIT_USAGE;
	if (state_open(state, pin_of(options)))
		return EXIT_FAILED;
	return json ? conns_json(state, limit) : conns_text(state, limit);
}

static int show(const struct options *options, struct state *state)
{
	int json;

	if (wants_only(options, 1, "xdplb show [-f text|json]", "--format") || parse_format(options, &json))
		return EXIT_USAGE;
	if (state_open(state, pin_of(options)))
		return EXIT_FAILED;
	return json ? report_json(state) : report_show(state);
}

/* Opened anew each round, so that others can work on the state in between. */
static int print_stats(const struct options *options, struct state *state, int json)
{
	int result;

	if (state_open(state, pin_of(options)))
		return EXIT_FAILED;
	result = json ? report_json(state) : report_stats(state);
	state_close(state);
	if (fflush(stdout))
		return failed(NULL, "cannot write the output");
	return result;
}

/* rounds 0: until stopped. */
static int watch(const struct options *options, struct state *state, int json)
{
	unsigned long seconds = 1, rounds = 0, done = 0;

	if ((options->interval && parse_count("--interval", options->interval, 86400, &seconds)) ||
	    (options->rounds && parse_count("--rounds", options->rounds, 100000000, &rounds)))
		return EXIT_USAGE;
	for (;;) {
		/* A terminal shows one report in place; a pipe gets one after another. */
		if (!json && isatty(STDOUT_FILENO))
			printf("\033[H\033[2J");
		if (print_stats(options, state, json))
			return EXIT_FAILED;
		if (++done == rounds)
			return EXIT_OK;
		sleep(seconds);
		if (!json)
			putchar('\n');
	}
}

static int stats(const struct options *options, struct state *state)
{
	int json;

	if (wants_only(options, 1, "xdplb stats [-f text|json] [--watch]", "--format --watch --interval --rounds") ||
	    parse_format(options, &json))
		return EXIT_USAGE;
	if (!options->watch && (options->interval || options->rounds))
		return misused("--interval and --rounds have a meaning with --watch only");
	return options->watch ? watch(options, state, json) : print_stats(options, state, json);
}

static int parse_addresses(const char *text, struct decap_options *decap)
{
	char copy[DECAP_MAX_ADDRESSES * ADDRESS_TEXT];

	if (strlen(text) >= sizeof(copy))
		return misused("--address: more than %d addresses", DECAP_MAX_ADDRESSES);
	strcpy(copy, text);
	for (char *word = strtok(copy, ","); word; word = strtok(NULL, ",")) {
		if (decap->count == DECAP_MAX_ADDRESSES)
			return misused("--address: more than %d addresses", DECAP_MAX_ADDRESSES);
		if (parse_unicast(word, &decap->addresses[decap->count++]))
			return misused("--address %s: must be host addresses with commas between", text);
	}
	return EXIT_OK;
}

static int decap_attach_command(const struct options *options, struct state *state)
{
	struct decap_options decap = { .device = options->device };
	unsigned long port = XDPLB_GUE_PORT;

	(void)state;
	if (wants_only(options, 2, "xdplb decap attach --dev DEV", "--dev --mode --address --gue-port"))
		return EXIT_USAGE;
	if (!options->device)
		return misused("decap attach needs --dev DEV");
	if (parse_mode(options->mode, &decap.mode) || (options->address && parse_addresses(options->address, &decap)))
		return EXIT_USAGE;
	if (options->gue_port && (parse_number(options->gue_port, 65535, &port) || !port))
		return misused("--gue-port %s: must be a number from 1 to 65535", options->gue_port);
	decap.gue_port = port;
	return decap_attach(&decap);
}

static int decap_detach_command(const struct options *options, struct state *state)
{
	(void)state;
	if (wants_only(options, 2, "xdplb decap detach --dev DEV", "--dev"))
		return EXIT_USAGE;
	return options->device ? decap_detach(options->device) : misused("decap detach needs --dev DEV");
}

static int decap_stats_command(const struct options *options, struct state *state)
{
	int json;

	(void)state;
	if (wants_only(options, 2, "xdplb decap stats --dev DEV [-f text|json]", "--dev --format") ||
	    parse_format(options, &json))
		return EXIT_USAGE;
	return options->device ? decap_stats(options->device, json) : misused("decap stats needs --dev DEV");
}

static int decap(const struct options *options, struct state *state)
{
	static const struct command commands[] = {
		{ "attach", decap_attach_command }, { "detach", decap_detach_command }, { "stats", decap_stats_command }, {},
	};

	return run_one(commands, 1, "attach, detach, stats", options, state);
}

/* The state is not closed: the process ends, and with it the lock. */
static int run(const struct options *options)
{
	static const struct command commands[] = {
		{ "attach", attach }, { "detach", detach }, { "vip", vip },     { "real", real },   { "load", load },
		{ "show", show },     { "stats", stats },   { "conns", conns },
		{ "decap", decap },   {},
	};
	struct state state;

	return run_one(commands, 0, "", options, &state);
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
