/* SPDX-License-Identifier: (MIT OR GPL-2.0-only) */
/* The command line, split into words and options. */
#ifndef XDPLB_OPTIONS_H
#define XDPLB_OPTIONS_H

#define MAX_WORDS 8

struct options {
	const char *words[MAX_WORDS];   /* command and its arguments */
	int count;
	const char *pin;
	const char *device;
	const char *mode;
	const char *source;
	const char *source6;
	const char *src_prefix;
	const char *src_prefix6;
	const char *next_hop_mac;
	const char *next_hop;
	const char *mtu;
	const char *icmp_echo;          /* not NULL: given, as all that take no value */
	const char *capacity;
	const char *new_flows;
	const char *udp_timeout;
	const char *weight;
	const char *encap;
	const char *gue_port;
	const char *hash;
	const char *address;
	const char *watch;
	const char *interval;
	const char *rounds;
	const char *limit;
	const char *format;
	int help;
};

/* Returns EXIT_OK or EXIT_USAGE, having said why. */
int options_parse(struct options *options, int argc, char **argv);

/* Says so if an option was given that the command has no use for. `allowed` lists option names, blank separated. */
int options_only(const struct options *options, const char *allowed);

#endif
