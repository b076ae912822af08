/* SPDX-License-Identifier: (MIT OR GPL-2.0-only) */
/* VIPs and their reals, as they stand in the maps. */
#ifndef XDPLB_SERVICE_H
#define XDPLB_SERVICE_H

#include "state.h"

#include <stddef.h>

#define WEIGHT_UNCHANGED (~(__u32)0)
#define DEFAULT_WEIGHT 1

int vip_add(struct state *state, const struct vip_key *key);
int vip_del(struct state *state, const struct vip_key *key);
/* A real that is there already gets the weight, unless that is WEIGHT_UNCHANGED. */
int real_add(struct state *state, const struct vip_key *key, __be32 address, __u32 weight);
int real_del(struct state *state, const struct vip_key *key, __be32 address);

struct vip {
	struct vip_key key;
	__u32 id;
};

/* Sorted by address, port and protocol. Returns how many, or -1. */
int vip_list(struct state *state, struct vip list[XDPLB_MAX_VIPS]);
/* All entries, free ones too: the index is the real's id. */
int real_read_all(struct state *state, struct real all[XDPLB_MAX_REALS]);

#endif
