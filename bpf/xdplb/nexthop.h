/* SPDX-License-Identifier: (MIT OR GPL-2.0-only) */
/*
 * Where an encapsulated packet goes next: to the MAC the device was configured
 * with, or where the kernel's routes and neighbours say. The kernel only
 * answers for a device that forwards, and never sends ARP on our behalf: each
 * of its refusals is an outcome of its own.
 */
#ifndef XDPLB_NEXTHOP_H
#define XDPLB_NEXTHOP_H

#include "outer.h"

#define FAMILY_IPV4 2   /* AF_INET, AF_INET6: their header is not for BPF */
#define FAMILY_IPV6 10

struct next_hop {
	__u8 to[ETH_ALEN];
	__u8 from[ETH_ALEN];
	__u32 device;           /* 0: the one the packet came in on */
	__u32 mtu;              /* if UNDECIDED turns into TOO_BIG */
};

static __always_inline void own_mac(struct xdp_md *ctx, __u8 mac[ETH_ALEN])
{
	struct ethhdr *eth = (void *)(long)ctx->data;

	if ((void *)(eth + 1) <= (void *)(long)ctx->data_end)
		__builtin_memcpy(mac, eth->h_dest, ETH_ALEN);
}

static __always_inline void ask_about(struct xdp_md *ctx, const struct packet *packet, const struct outer *outer,
				      struct bpf_fib_lookup *fib)
{
	fib->family = outer->ipv4 ? FAMILY_IPV4 : FAMILY_IPV6;
	fib->l4_protocol = outer->protocol;
	fib->tot_len = outer->total_length;
	fib->ifindex = ctx->ingress_ifindex;
	if (outer->ipv4) {
		fib->tos = packet->tos;
		fib->ipv4_src = outer->source.words[3];
		fib->ipv4_dst = outer->destination.words[3];
	} else {
		__builtin_memcpy(fib->ipv6_src, &outer->source, sizeof(outer->source));
		__builtin_memcpy(fib->ipv6_dst, &outer->destination, sizeof(outer->destination));
	}
}

static __always_inline enum outcome fib_failure(long answer, const struct packet *packet, const struct outer *outer,
						const struct bpf_fib_lookup *fib, struct next_hop *hop)
{
	/* Kernels before 5.13 do not say the route's MTU: then there is nothing to answer with. */
	if (answer == BPF_FIB_LKUP_RET_FRAG_NEEDED && fib->tot_len < outer->total_length && !packet->is_icmp_error) {
		hop->mtu = fib->tot_len;
		return TOO_BIG;
	}
	if (answer > 0 && answer <= DROP_FIB_NO_SOURCE - DROP_FIB_BLACKHOLE + 1)
		return DROP_FIB_BLACKHOLE + answer - 1;
	return DROP_FIB_OTHER;
}

static __always_inline enum outcome ask_kernel(struct xdp_md *ctx, const struct packet *packet,
					       const struct outer *outer, struct next_hop *hop)
{
	struct bpf_fib_lookup fib = {};
	long answer;

	ask_about(ctx, packet, outer, &fib);
	answer = bpf_fib_lookup(ctx, &fib, sizeof(fib), 0);
	if (answer != BPF_FIB_LKUP_RET_SUCCESS)
		return fib_failure(answer, packet, outer, &fib, hop);
	__builtin_memcpy(hop->to, fib.dmac, ETH_ALEN);
	__builtin_memcpy(hop->from, fib.smac, ETH_ALEN);
	hop->device = fib.ifindex == ctx->ingress_ifindex ? 0 : fib.ifindex;
	return UNDECIDED;
}

static __always_inline enum outcome find_next_hop(struct xdp_md *ctx, const struct packet *packet,
						  const struct device_config *device, const struct outer *outer,
						  struct next_hop *hop)
{
	if (device->flags & DEVICE_FIB)
		return ask_kernel(ctx, packet, outer, hop);
	__builtin_memcpy(hop->to, device->next_hop_mac, ETH_ALEN);
	own_mac(ctx, hop->from);        /* before the old header is overwritten */
	return UNDECIDED;
}

#endif
