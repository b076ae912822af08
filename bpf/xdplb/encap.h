/* SPDX-License-Identifier: (MIT OR GPL-2.0-only) */
/*
 * Encapsulation: a new Ethernet and an outer IP header, and for GUE a UDP
 * header, in front of the untouched packet.
 *
 * Built whole on the stack and copied: the headroom holds whatever was there
 * before, so no field may be left to it.
 *
 * IPv4: DF is clear, whatever the inner packet says, and id 0. The balancer
 * sees to it that the packet fits the first link; behind that a router may
 * fragment rather than drop what nobody would hear of: its "too big" would go
 * to the balancer. Fragments of two packets share id 0, and checksums inside
 * tell them apart; a network that fragments wants a smaller --mtu instead.
 */
#ifndef XDPLB_ENCAP_H
#define XDPLB_ENCAP_H

#include <linux/udp.h>

#include "checksum.h"
#include "nexthop.h"
#include "outer.h"

#define OUTER_TTL 64

struct ipv4_headers {
	struct iphdr ip;
	struct udphdr udp;
};

struct ipv6_headers {
	struct ipv6hdr ip;
	struct udphdr udp;
};

static __always_inline void fill_ipv4(const struct packet *packet, const struct outer *outer, struct iphdr *ip)
{
	*ip = (struct iphdr){
		.version = 4,
		.ihl = 5,
		.tos = packet->tos,     /* with ECN, so that congestion marks reach the real */
		.tot_len = bpf_htons(outer->total_length),
		.id = 0,
		.frag_off = 0,
		.ttl = OUTER_TTL,
		.protocol = outer->protocol,
		.check = 0,
		.saddr = outer->source.words[3],
		.daddr = outer->destination.words[3],
	};
	ip->check = ipv4_checksum(ip);
}

static __always_inline void fill_ipv6(const struct packet *packet, const struct outer *outer, struct ipv6hdr *ip)
{
	*ip = (struct ipv6hdr){
		.version = 6,
		.priority = packet->tos >> 4,
		.flow_lbl = { packet->tos << 4 },       /* its low half; the flow label proper is 0 */
		.payload_len = bpf_htons(outer->total_length - IPV6_HEADER_BYTES),
		.nexthdr = outer->protocol,
		.hop_limit = OUTER_TTL,
	};
	__builtin_memcpy(&ip->saddr, &outer->source, sizeof(ip->saddr));
	__builtin_memcpy(&ip->daddr, &outer->destination, sizeof(ip->daddr));
}

/* No checksum: the inner packet has its own, and RFC 6935 allows a tunnel to go without over IPv6, too. */
static __always_inline void fill_udp(const struct packet *packet, const struct outer *outer, struct udphdr *udp)
{
	*udp = (struct udphdr){
		.source = outer->gue_source_port,
		.dest = outer->gue_port,
		.len = bpf_htons(packet->total_length + GUE_BYTES),
		.check = 0,
	};
}

/* `bytes` is a constant wherever this is called, which the verifier wants to see. */
static __always_inline enum outcome put(struct xdp_md *ctx, const struct next_hop *hop, const void *headers,
					int bytes, __be16 type)
{
	struct ethhdr *eth;

	if (bpf_xdp_adjust_head(ctx, -bytes))
		return DROP_NO_HEADROOM;
	eth = (void *)(long)ctx->data;
	if ((void *)(eth + 1) + bytes > (void *)(long)ctx->data_end)
		return DROP_NO_HEADROOM;
	__builtin_memcpy(eth->h_dest, hop->to, ETH_ALEN);
	__builtin_memcpy(eth->h_source, hop->from, ETH_ALEN);
	eth->h_proto = type;
	__builtin_memcpy(eth + 1, headers, bytes);
	return hop->device ? REDIRECT : TX;
}

static __always_inline enum outcome encapsulate(struct xdp_md *ctx, const struct packet *packet,
						const struct outer *outer, const struct next_hop *hop)
{
	if (outer->ipv4) {
		struct ipv4_headers headers;

		fill_ipv4(packet, outer, &headers.ip);
		if (!outer->gue_port)
			return put(ctx, hop, &headers, sizeof(headers.ip), bpf_htons(ETH_P_IP));
		fill_udp(packet, outer, &headers.udp);
		return put(ctx, hop, &headers, sizeof(headers), bpf_htons(ETH_P_IP));
	} else {
		struct ipv6_headers headers;

		fill_ipv6(packet, outer, &headers.ip);
		if (!outer->gue_port)
			return put(ctx, hop, &headers, sizeof(headers.ip), bpf_htons(ETH_P_IPV6));
		fill_udp(packet, outer, &headers.udp);
		return put(ctx, hop, &headers, sizeof(headers), bpf_htons(ETH_P_IPV6));
	}
}

#endif
