/* SPDX-License-Identifier: (MIT OR GPL-2.0-only) */
/* From packet to VIP, and from flow to the real the VIP's ring gives it. */
#ifndef XDPLB_RING_H
#define XDPLB_RING_H

#include "hash.h"
#include "maps.h"
#include "parse.h"

/* A VIP with the packet's port wins over one for any port. */
static __always_inline struct vip_info *find_vip(const struct packet *packet)
{
	struct vip_key key = {
		.address = packet->destination,
		.port = packet->flow.port,
		.protocol = packet->protocol,
	};
	struct vip_info *vip = bpf_map_lookup_elem(&vips, &key);

	if (vip)
		return vip;
	key.port = 0;
	return bpf_map_lookup_elem(&vips, &key);
}

/* protocol 0: any. */
static __always_inline int is_vip_address(const struct address *address, __u32 protocol)
{
	struct vip_address_key key = {
		.address = *address,
		.protocol = protocol,
	};

	return bpf_map_lookup_elem(&vip_addresses, &key) != NULL;
}

/*
 * A faulty packet may not show its port, so address and protocol decide
 * whether it was meant for a VIP. What was not is the host's, faulty or not.
 */
static __always_inline enum outcome blame(const struct address *destination, __u32 protocol, enum outcome fault)
{
	return is_vip_address(destination, protocol) ? fault : PASS;
}

static __always_inline __u32 ring_choice(const struct packet *packet)
{
	const struct flow_key *flow = &packet->flow;
	__u32 slot = slot_of(packet->vip_flags & VIP_HASH_PORT ? hash_port(flow) : hash_flow(flow), XDPLB_SLOTS);
	__u32 vip_id = flow->vip_id;
	void *table = bpf_map_lookup_elem(&tables, &vip_id);
	__u32 *real_id = table ? bpf_map_lookup_elem(table, &slot) : NULL;

	return real_id ? *real_id : XDPLB_NONE;
}

#endif
