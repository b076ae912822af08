/* SPDX-License-Identifier: (MIT OR GPL-2.0-only) */
/*
 * The balancer's state: maps and program, pinned in a directory on a BPF file
 * system so that they live on between two runs. Only state.c knows how.
 */
#ifndef XDPLB_STATE_H
#define XDPLB_STATE_H

#include "../layout.h"

#include <limits.h>

#define DEFAULT_PIN "/sys/fs/bpf/xdplb"

struct state {
	char pin[PATH_MAX];
	int lock;               /* held while open: commands take turns */
	int program;
	int devices;
	int vips;
	int vip_addresses;
	int tables;
	int reals;
	int vip_counters;
	int real_counters;
	int outcomes;
};

/* Both return EXIT_OK, or say what is wrong and return EXIT_FAILED. */
int state_open(struct state *state, const char *pin);           /* must exist */
int state_open_or_create(struct state *state, const char *pin);

/* Loads this binary's data plane over the same maps, so that a new xdplb brings its own. */
int state_renew_program(struct state *state);

void state_close(struct state *state);

#endif
