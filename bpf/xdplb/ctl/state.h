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
/* The program's file in it: state of another layout is refused, not misread. */
#define STRING(x) #x
#define PROGRAM_PIN(layout) "program-layout" STRING(layout)

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
	int events;
	int flows;
	int settings;
};

/* Both return EXIT_OK, or say what is wrong and return EXIT_FAILED. */
int state_open(struct state *state, const char *pin);           /* must exist */
int state_open_or_create(struct state *state, const char *pin);
/* capacity: of the connection table; 0: as it is, or the default. One that is there keeps its own, so another is refused. */
int state_open_or_create_for(struct state *state, const char *pin, __u32 capacity);

__u32 state_capacity(const struct state *state);
int state_read_settings(const struct state *state, struct settings *settings);
int state_write_settings(const struct state *state, const struct settings *settings);

#define MAX_CAPACITY 16777216
#define TICK_SECONDS ((double)(1ULL << XDPLB_TICK_SHIFT) / 1e9)

/* Loads this binary's data plane over the same maps, so that a new xdplb brings its own. */
int state_renew_program(struct state *state);

void state_close(struct state *state);

#endif
