/* SPDX-License-Identifier: (MIT OR GPL-2.0-only) */
/*
 * A packet to a VIP that does not fit the link with its outer header is
 * dropped, and its sender told what fits: the link's MTU less that header. Also
 * if DF is clear: the balancer does not fragment, and silence would be a hole.
 *
 * The answer comes from the VIP, so that it takes the way all answers do, and
 * goes back to the router the packet came from. It is never longer than what it
 * answers, so it is no use as an amplifier.
 */
#ifndef XDPLB_TOOBIG_H
#define XDPLB_TOOBIG_H

#include "icmp.h"

/*
 * ICMP header and quote together. As much as bpf_csum_diff takes at once; the
 * packet is below the 576 bytes that every host takes, and what it answers is
 * longer than that, as no MTU below XDPLB_MIN_MTU is accepted.
 */
#define ANSWER_BYTES 512
#define QUOTE_BYTES (ANSWER_BYTES - ICMP_HEADER_BYTES)

struct answer4 {
	struct ethhdr eth;
	struct iphdr ip;
	struct icmp_header icmp;
} __attribute__((packed));

struct answer6 {
	struct ethhdr eth;
	struct ipv6hdr ip;
	struct icmp_header icmp;
} __attribute__((packed));

/* Cuts the frame to what is quoted, and makes room in front of it. */
static __always_inline int make_room(struct xdp_md *ctx, int room)
{
	int length = (int)(ctx->data_end - ctx->data);

	return bpf_xdp_adjust_tail(ctx, (int)sizeof(struct ethhdr) + QUOTE_BYTES - length) ||
	       bpf_xdp_adjust_head(ctx, -room);
}

static __always_inline void answer_ethernet(struct ethhdr *eth, const struct ethhdr *asked)
{
	__builtin_memcpy(eth->h_dest, asked->h_source, ETH_ALEN);
	__builtin_memcpy(eth->h_source, asked->h_dest, ETH_ALEN);
	eth->h_proto = asked->h_proto;
}

/* `before` is in 32-bit words summed up. The buffer is read as the wire has it. */
static __always_inline __u16 answer_checksum(void *icmp, __u32 before)
{
	__s64 sum = bpf_csum_diff(NULL, 0, icmp, ANSWER_BYTES, before);

	return ~fold(sum);
}

static __always_inline enum outcome too_big4(struct xdp_md *ctx, const struct packet *packet, __u32 mtu)
{
	struct iphdr ip = {
		.version = 4,
		.ihl = 5,
		.tot_len = bpf_htons(IPV4_HEADER_BYTES + ANSWER_BYTES),
		.ttl = REPLY_TTL,
		.protocol = IPPROTO_ICMP,
		.saddr = packet->destination.words[3],
		.daddr = packet->flow.client.words[3],
	};
	struct answer4 *answer = (void *)(long)ctx->data;
	struct ethhdr asked;

	if ((void *)(answer + 1) > (void *)(long)ctx->data_end)
		return DROP_TOO_BIG;
	asked = answer->eth;
	if (make_room(ctx, sizeof(answer->ip) + sizeof(answer->icmp)))
		return DROP_TOO_BIG;
	answer = (void *)(long)ctx->data;
	if ((void *)&answer->icmp + ANSWER_BYTES > (void *)(long)ctx->data_end)
		return DROP_TOO_BIG;
	answer_ethernet(&answer->eth, &asked);
	ip.check = ipv4_checksum(&ip);
	answer->ip = ip;
	answer->icmp = (struct icmp_header){
		.type = ICMP4_UNREACHABLE,
		.code = ICMP4_TOO_BIG_CODE,
		.rest = bpf_htonl(mtu),
	};
	answer->icmp.checksum = answer_checksum(&answer->icmp, 0);
	return TOO_BIG;
}

static __always_inline enum outcome too_big6(struct xdp_md *ctx, const struct packet *packet, __u32 mtu)
{
	/* What RFC 8200 (8.1) puts before the ICMP message for the checksum, behind the addresses. */
	__be32 pseudo[2] = { bpf_htonl(ANSWER_BYTES), bpf_htonl(IPPROTO_ICMPV6) };
	struct answer6 *answer = (void *)(long)ctx->data;
	struct address client = packet->flow.client, vip = packet->destination;
	struct ethhdr asked;
	__s64 sum;

	if ((void *)(answer + 1) > (void *)(long)ctx->data_end)
		return DROP_TOO_BIG;
	asked = answer->eth;
	if (make_room(ctx, sizeof(answer->ip) + sizeof(answer->icmp)))
		return DROP_TOO_BIG;
	answer = (void *)(long)ctx->data;
	if ((void *)&answer->icmp + ANSWER_BYTES > (void *)(long)ctx->data_end)
		return DROP_TOO_BIG;
	answer_ethernet(&answer->eth, &asked);
	answer->ip = (struct ipv6hdr){
		.version = 6,
		.payload_len = bpf_htons(ANSWER_BYTES),
		.nexthdr = IPPROTO_ICMPV6,
		.hop_limit = REPLY_TTL,
	};
	__builtin_memcpy(&answer->ip.saddr, &vip, sizeof(vip));
	__builtin_memcpy(&answer->ip.daddr, &client, sizeof(client));
	answer->icmp = (struct icmp_header){ .type = ICMP6_TOO_BIG, .rest = bpf_htonl(mtu) };
	sum = bpf_csum_diff(NULL, 0, pseudo, sizeof(pseudo), 0);
	sum = bpf_csum_diff(NULL, 0, client.words, sizeof(client), sum);
	sum = bpf_csum_diff(NULL, 0, vip.words, sizeof(vip), sum);
	answer->icmp.checksum = answer_checksum(&answer->icmp, sum);
	return TOO_BIG;
}

/*
 * mtu: longest inner packet that fits. An error is never answered with an
 * error; nor is a packet shorter than the quote, which only a route with an
 * MTU below XDPLB_MIN_MTU finds too big.
 */
static __always_inline enum outcome answer_too_big(struct xdp_md *ctx, const struct packet *packet, __u32 mtu)
{
	if (packet->is_icmp_error || packet->total_length < QUOTE_BYTES)
		return DROP_TOO_BIG;
	if (packet->inner == IPPROTO_IPIP)
		return too_big4(ctx, packet, mtu);
	return too_big6(ctx, packet, mtu);
}

#endif
