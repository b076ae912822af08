/* SPDX-License-Identifier: (MIT OR GPL-2.0-only) */
/* IPIP encapsulation: an outer IPv4 header and a new Ethernet header in front of the untouched packet. */
#ifndef XDPLB_ENCAP_H
#define XDPLB_ENCAP_H

#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#include "layout.h"
#include "parse.h"

#define OUTER_BYTES ((int)sizeof(struct iphdr))
#define OUTER_TTL 64
#define MAX_TOTAL_LENGTH 65535

static __always_inline __u16 ipv4_checksum(const struct iphdr *ip)
{
	const __u16 *words = (const void *)ip;
	__u32 sum = 0;

#pragma unroll
	for (unsigned int i = 0; i < sizeof(*ip) / sizeof(*words); i++)
		sum += words[i];
	/* Twice, as the first fold can carry again. */
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	return ~sum;
}

/*
 * Built whole on the stack and copied as 20 bytes: the headroom holds whatever
 * was there before, so no field may be left to it. DF is clear and id 0: a
 * router on the way to the real may fragment, and nothing else uses the id.
 */
static __always_inline struct iphdr outer_header(const struct packet *packet, __be32 source, __be32 real)
{
	struct iphdr outer = {
		.version = 4,
		.ihl = 5,
		.tos = packet->tos,     /* with ECN, so that congestion marks reach the real */
		.tot_len = bpf_htons(packet->total_length + OUTER_BYTES),
		.id = 0,
		.frag_off = 0,
		.ttl = OUTER_TTL,
		.protocol = IPPROTO_IPIP,
		.check = 0,
		.saddr = source,
		.daddr = real,
	};

	outer.check = ipv4_checksum(&outer);
	return outer;
}

static __always_inline void own_mac(struct xdp_md *ctx, __u8 mac[ETH_ALEN])
{
	struct ethhdr *eth = (void *)(long)ctx->data;

	if ((void *)(eth + 1) <= (void *)(long)ctx->data_end)
		__builtin_memcpy(mac, eth->h_dest, ETH_ALEN);
}

static __always_inline enum outcome encapsulate(struct xdp_md *ctx, const struct packet *packet,
						const struct device_config *device, __be32 real)
{
	struct iphdr outer = outer_header(packet, device->source, real);
	__u8 mac[ETH_ALEN] = {};
	struct ethhdr *eth;

	own_mac(ctx, mac);      /* before the old header is overwritten */
	if (bpf_xdp_adjust_head(ctx, -OUTER_BYTES))
		return DROP_NO_HEADROOM;
	eth = (void *)(long)ctx->data;
	if ((void *)(eth + 1) + OUTER_BYTES > (void *)(long)ctx->data_end)
		return DROP_NO_HEADROOM;
	__builtin_memcpy(eth->h_dest, device->next_hop_mac, ETH_ALEN);
	__builtin_memcpy(eth->h_source, mac, ETH_ALEN);
	eth->h_proto = bpf_htons(ETH_P_IP);
	__builtin_memcpy(eth + 1, &outer, OUTER_BYTES);
	return TX;
}

#endif
