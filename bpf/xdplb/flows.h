/* SPDX-License-Identifier: (MIT OR GPL-2.0-only) */
/*
 * The connection table: what keeps a flow at its real while the ring changes.
 *
 * - A SYN is never looked up: a new connection goes where the ring says now.
 *   Nor is it entered, or a flood of them would evict the connections of
 *   others; the first packet behind it is, which a forger of addresses does
 *   not get to send sensibly. An entry left by an older connection with the
 *   same ports is corrected, not added, so that packet finds the right real.
 * - A RST is looked up and not entered: nothing follows it.
 * - UDP has no SYN; its entries count for udp_ticks since their last packet.
 * - As forged ACKs and datagrams cost an entry each, a CPU enters so many a
 *   tick and no more. The flows beyond go by the ring, as all did before.
 * - An entry is good only for the generation of the real that it was made
 *   for: a removed real's flows go to the ring at once.
 */
#ifndef XDPLB_FLOWS_H
#define XDPLB_FLOWS_H

#include "maps.h"
#include "parse.h"
#include "ring.h"

struct choice {
	__u32 id;
	struct real *real;
	enum event by;
};

static __always_inline __u32 now_in_ticks(void)
{
	return bpf_ktime_get_ns() >> XDPLB_TICK_SHIFT;
}

static __always_inline void choose(struct choice *choice, __u32 real_id, enum event by)
{
	choice->id = real_id;
	choice->real = real_id == XDPLB_NONE ? NULL : bpf_map_lookup_elem(&reals, &real_id);
	choice->by = by;
}

static __always_inline struct settings *get_settings(void)
{
	__u32 zero = 0;

	return bpf_map_lookup_elem(&settings, &zero);
}

static __always_inline int may_enter(const struct settings *settings, __u32 tick)
{
	__u32 zero = 0;
	struct guard *guard = bpf_map_lookup_elem(&guards, &zero);

	if (!guard || !settings->new_flows)
		return 1;
	if (guard->tick != tick) {
		guard->tick = tick;
		guard->entered = 0;
	}
	if (guard->entered >= settings->new_flows)
		return 0;
	guard->entered += 1;
	return 1;
}

static __always_inline enum event enter_flow(const struct packet *packet, const struct choice *choice)
{
	const struct settings *settings = get_settings();
	__u32 tick = now_in_ticks();
	struct flow flow = {
		.real_id = choice->id,
		.generation = choice->real->generation,
		.last_seen = packet->protocol == IPPROTO_UDP ? tick : 0,
	};

	if (!settings || !may_enter(settings, tick))
		return FLOW_GUARDED;
	return bpf_map_update_elem(&flows, &packet->flow, &flow, BPF_ANY) ? FLOW_UNNOTED : FLOW_ENTERED;
}

/* Also refreshes: a UDP flow in use does not expire. */
static __always_inline int expired(struct flow *flow)
{
	const struct settings *settings = get_settings();
	__u32 tick = now_in_ticks();

	/* Signed: another CPU may have been here a tick later. */
	if (!settings || (__s32)(tick - flow->last_seen) > (__s32)settings->udp_ticks)
		return 1;
	if (flow->last_seen != tick)
		flow->last_seen = tick;
	return 0;
}

static __always_inline int still_good(const struct packet *packet, struct flow *flow, const struct choice *choice)
{
	if (!choice->real || choice->real->generation != flow->generation)
		return 0;
	return packet->protocol != IPPROTO_UDP || !expired(flow);
}

static __always_inline void choose_for_syn(const struct packet *packet, struct choice *choice)
{
	struct flow *flow = bpf_map_lookup_elem(&flows, &packet->flow);

	choose(choice, ring_choice(packet), FLOW_SYN);
	if (!flow || !choice->real)
		return;
	flow->real_id = choice->id;
	flow->generation = choice->real->generation;
}

static __always_inline void choose_for_error(const struct packet *packet, struct choice *choice)
{
	struct flow *flow = bpf_map_lookup_elem(&flows, &packet->flow);

	choice->real = NULL;
	if (flow)
		choose(choice, flow->real_id, FLOW_ICMP_ERROR);
	/* An error must neither refresh the flow nor make one, so expiry is not looked at. */
	if (!flow || !choice->real || choice->real->generation != flow->generation)
		choose(choice, ring_choice(packet), FLOW_ICMP_ERROR);
}

static __always_inline void choose_for_data(const struct packet *packet, struct choice *choice)
{
	struct flow *flow = bpf_map_lookup_elem(&flows, &packet->flow);

	if (flow) {
		choose(choice, flow->real_id, FLOW_HIT);
		if (still_good(packet, flow, choice))
			return;
	}
	choose(choice, ring_choice(packet), FLOW_UNNOTED);
	if (choice->real && !(packet->tcp_flags & TCP_RST))
		choice->by = enter_flow(packet, choice);
}

static __always_inline void choose_real(const struct packet *packet, struct choice *choice)
{
	if (packet->is_icmp_error)
		choose_for_error(packet, choice);
	else if (opens_connection(packet))
		choose_for_syn(packet, choice);
	else
		choose_for_data(packet, choice);
}

#endif
