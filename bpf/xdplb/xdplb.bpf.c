// SPDX-License-Identifier: (MIT OR GPL-2.0-only)
/*
 * xdplb's data plane: packets to a VIP leave encapsulated to one of the VIP's
 * reals. No BTF or CO-RE is used: only frames and our own maps are read, so
 * the object loads on any kernel from 5.10.
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#include "counters.h"
#include "encap.h"
#include "flows.h"
#include "icmp.h"
#include "maps.h"
#include "parse.h"
#include "ring.h"
#include "stats.h"
#include "toobig.h"

char LICENSE[] SEC("license") = "Dual MIT/GPL";

static __always_inline enum outcome send_to_real(struct xdp_md *ctx, const struct packet *packet, __be16 gue_port,
						 struct next_hop *hop)
{
	__u32 ifindex = ctx->ingress_ifindex;
	struct device_config *device = bpf_map_lookup_elem(&devices, &ifindex);
	struct outer outer = {};
	struct choice choice;
	enum outcome outcome;

	choose_real(packet, &choice);
	if (!choice.real)
		return DROP_NO_REAL;
	if (!device)
		return DROP_NO_CONFIG;
	outcome = plan_outer(packet, device, choice.real, gue_port, &outer);
	if (outcome != UNDECIDED)
		return outcome;
	if (outer.total_length > device->mtu)
		return answer_too_big(ctx, packet, device->mtu - outer.bytes);
	outcome = find_next_hop(ctx, packet, device, &outer, hop);
	if (outcome == TOO_BIG)
		return answer_too_big(ctx, packet, hop->mtu - outer.bytes);
	if (outcome != UNDECIDED)
		return outcome;
	outcome = encapsulate(ctx, packet, &outer, hop);
	if (outcome == DROP_NO_HEADROOM)
		return outcome;
	count_event(choice.by);
	count_sent(choice.id, packet);
	return outcome;
}

/* UNDECIDED: packet is filled in, and on its way to some address and port. */
static __always_inline enum outcome read_ipv4_packet(struct xdp_md *ctx, struct iphdr *ip, void *end,
						     struct packet *packet)
{
	enum outcome outcome;

	if ((void *)(ip + 1) > end)
		return DROP_TRUNCATED;
	packet->protocol = ip->protocol;
	set_ipv4(&packet->destination, ip->daddr);
	if (ip->protocol == IPPROTO_ICMP)
		return icmp4(ctx, ip, end, packet);
	if (ip->protocol != IPPROTO_TCP && ip->protocol != IPPROTO_UDP)
		return PASS;
	outcome = check_ipv4(ip, end);
	if (outcome == UNDECIDED) {
		read_ipv4(ip, packet);
		outcome = read_ports((void *)(ip + 1), end, packet);
	}
	return outcome == UNDECIDED ? outcome : blame(&packet->destination, packet->protocol, outcome);
}

/* A fragment hides its protocol behind another header: any VIP on its address makes it ours. */
static __always_inline enum outcome read_ipv6_packet(struct xdp_md *ctx, struct ipv6hdr *ip, void *end,
						     struct packet *packet)
{
	enum outcome outcome;

	if ((void *)(ip + 1) > end)
		return DROP_TRUNCATED;
	packet->protocol = ip->nexthdr;
	set_ipv6(&packet->destination, &ip->daddr);
	if (ip->nexthdr == IPPROTO_ICMPV6)
		return icmp6(ctx, ip, end, packet);
	if (ip->nexthdr != IPPROTO_TCP && ip->nexthdr != IPPROTO_UDP && ip->nexthdr != IPPROTO_FRAGMENT)
		return PASS;
	outcome = check_ipv6(ip, end);
	if (outcome == UNDECIDED) {
		read_ipv6(ip, packet);
		outcome = read_ports((void *)(ip + 1), end, packet);
	}
	if (outcome == UNDECIDED)
		return outcome;
	return blame(&packet->destination, ip->nexthdr == IPPROTO_FRAGMENT ? 0 : packet->protocol, outcome);
}

/*
 * A frame that says IP and cannot hold the header is dropped: no stack can use
 * it. What is not IP is the host's.
 */
static __always_inline enum outcome read_frame(struct xdp_md *ctx, struct packet *packet)
{
	void *end = (void *)(long)ctx->data_end;
	struct ethhdr *eth = (void *)(long)ctx->data;

	if ((void *)(eth + 1) > end)
		return PASS;
	if (eth->h_proto == bpf_htons(ETH_P_IP))
		return read_ipv4_packet(ctx, (void *)(eth + 1), end, packet);
	if (eth->h_proto == bpf_htons(ETH_P_IPV6))
		return read_ipv6_packet(ctx, (void *)(eth + 1), end, packet);
	return PASS;
}

static __always_inline enum outcome balance(struct xdp_md *ctx, struct next_hop *hop)
{
	struct packet packet = {};
	enum outcome outcome = read_frame(ctx, &packet);
	struct vip_info *vip;

	if (outcome != UNDECIDED)
		return outcome;
	vip = find_vip(&packet);
	if (!vip)
		return PASS;
	packet.flow.vip_id = vip->id;
	packet.vip_flags = vip->flags;
	return send_to_real(ctx, &packet, vip->gue_port, hop);
}

SEC("xdp")
int xdplb(struct xdp_md *ctx)
{
	struct next_hop hop = {};
	enum outcome outcome = balance(ctx, &hop);

	count_outcome(outcome);
	switch (outcome) {
	case PASS:
		return XDP_PASS;
	case TX:
	case ECHO_REPLY:
	case TOO_BIG:
		return XDP_TX;
	case REDIRECT:
		return bpf_redirect(hop.device, 0);
	default:
		return XDP_DROP;
	}
}
