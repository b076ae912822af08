/* SPDX-License-Identifier: (MIT OR GPL-2.0-only) */
/* From flow to VIP to real. */
#ifndef XDPLB_LOOKUP_H
#define XDPLB_LOOKUP_H

#include "hash.h"
#include "maps.h"
#include "parse.h"

/* A VIP with the packet's port wins over one for any port. */
static __always_inline struct vip_info *find_vip(const struct packet *packet)
{
	struct vip_key key = {
		.address = packet->destination,
		.port = packet->port,
		.protocol = packet->protocol,
	};
	struct vip_info *vip = bpf_map_lookup_elem(&vips, &key);

	if (vip)
		return vip;
	key.port = 0;
	return bpf_map_lookup_elem(&vips, &key);
}

/*
 * A faulty packet may not show its port, so address and protocol decide
 * whether it was meant for a VIP. What was not is the host's, faulty or not.
 */
static __always_inline enum outcome blame(struct iphdr *ip, enum outcome fault)
{
	struct vip_address_key key = {
		.address = ip->daddr,
		.protocol = ip->protocol,
	};

	return bpf_map_lookup_elem(&vip_addresses, &key) ? fault : PASS;
}

static __always_inline __u32 choose_slot(const struct packet *packet)
{
	__u64 flow = (__u64)packet->client << 32 | (__u32)packet->client_port << 16 | packet->port;

	return slot_of(mix64(flow), XDPLB_SLOTS);
}

static __always_inline __u32 choose_real(__u32 vip_id, const struct packet *packet)
{
	__u32 slot = choose_slot(packet);
	void *table = bpf_map_lookup_elem(&tables, &vip_id);
	__u32 *real_id = table ? bpf_map_lookup_elem(table, &slot) : NULL;

	return real_id ? *real_id : XDPLB_NONE;
}

#endif
