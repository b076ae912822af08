/* SPDX-License-Identifier: (MIT OR GPL-2.0-only) */
/* Counting. The maps are per CPU, so plain additions lose nothing. */
#ifndef XDPLB_STATS_H
#define XDPLB_STATS_H

#include "maps.h"
#include "parse.h"

static __always_inline void count_outcome(__u32 outcome)
{
	__u64 *count = bpf_map_lookup_elem(&outcomes, &outcome);

	if (count)
		*count += 1;
}

static __always_inline void count_event(__u32 event)
{
	__u64 *count = bpf_map_lookup_elem(&events, &event);

	if (count)
		*count += 1;
}

/* Only for packets that were sent: a VIP's counters are the sum of its reals', past ones included. */
static __always_inline void count_sent(__u32 real_id, const struct packet *packet)
{
	__u32 vip_id = packet->flow.vip_id;
	struct vip_stats *vip = bpf_map_lookup_elem(&vip_counters, &vip_id);
	struct real_stats *real = bpf_map_lookup_elem(&real_counters, &real_id);

	if (vip) {
		vip->packets += 1;
		vip->bytes += packet->total_length;
	}
	if (real) {
		real->packets += 1;
		real->bytes += packet->total_length;
		real->connections += opens_connection(packet);
	}
}

#endif
