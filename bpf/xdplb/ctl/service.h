/* SPDX-License-Identifier: (MIT OR GPL-2.0-only) */
/* VIPs and their reals, as they stand in the maps. */
#ifndef XDPLB_SERVICE_H
#define XDPLB_SERVICE_H

#include "state.h"

#include <stddef.h>

#define WEIGHT_UNCHANGED (~(__u32)0)
#define DEFAULT_WEIGHT 1

/* How a VIP treats its packets. */
struct vip_form {
	int encap;              /* ENCAP_IPIP, or the UDP port of GUE */
	int hash_port;          /* the ring is asked by the destination port alone */
};

#define FORM_UNCHANGED (-1)     /* either of the two, for a VIP that is there already */
#define ENCAP_IPIP 0

/* A VIP that is there already gets the form, as far as that is not FORM_UNCHANGED. */
int vip_add(struct state *state, const struct vip_key *key, struct vip_form form);
/* Says why a VIP cannot have a form. Returns EXIT_OK if it can. */
int form_suits(const struct vip_key *key, struct vip_form form);
int vip_del(struct state *state, const struct vip_key *key);
/* A real that is there already gets the weight, unless that is WEIGHT_UNCHANGED, and takes new flows again. */
int real_add(struct state *state, const struct vip_key *key, const struct address *address, __u32 weight);
int real_del(struct state *state, const struct vip_key *key, const struct address *address);
int real_weight(struct state *state, const struct vip_key *key, const struct address *address, __u32 weight);
/* No new flows; those in the connection table stay. */
int real_drain(struct state *state, const struct vip_key *key, const struct address *address);

struct vip {
	struct vip_key key;
	__u32 id;
	struct vip_form form;
};

struct wanted_real {
	struct address address;
	__u32 weight;
	int draining;
};

struct wanted_vip {
	struct vip_key key;
	struct vip_form form;
	struct wanted_real *reals;
	int real_count;
};

/* Makes VIPs and reals what is wanted, no more and no less. Each VIP's ring changes in one step. */
int service_become(struct state *state, const struct wanted_vip *wanted, int count);
/* Says why a real cannot be behind a VIP. Returns EXIT_OK if it can. */
int real_suits(const struct vip_key *key, const struct address *address);
int vip_find(struct state *state, const struct vip_key *key, __u32 *id);

/* Sorted by address, port and protocol. Returns how many, or -1. */
int vip_list(struct state *state, struct vip list[XDPLB_MAX_VIPS]);
/* All entries, free ones too: the index is the real's id. */
int real_read_all(struct state *state, struct real all[XDPLB_MAX_REALS]);

#endif
