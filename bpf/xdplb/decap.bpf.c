// SPDX-License-Identifier: (MIT OR GPL-2.0-only)
/*
 * For reals on kernels without ipip: takes off what xdplb puts on (IPv4 in
 * IPv4, IPv4 or IPv6 in IPv6, GUE variant 1) and leaves the packet to the
 * host's stack, as if it had come so. Only tunnels to this host's own
 * addresses are opened; fragments are not, as only the stack can join them.
 */
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/udp.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#include "checksum.h"
#include "decap.h"
#include "parse.h"

char LICENSE[] SEC("license") = "Dual MIT/GPL";

#define ECN_BITS 3
#define ECN_CONGESTED 3
#define NONE 255        /* protocol number that no packet has (RFC 5237: reserved) */

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__type(key, struct address);
	__type(value, __u32);
	__uint(max_entries, DECAP_MAX_ADDRESSES);
} decap_hosts SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__type(key, __u32);
	__type(value, struct decap_config);
	__uint(max_entries, 1);
} decap_configs SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__type(key, __u32);
	__type(value, __u64);
	__uint(max_entries, DECAP_OUTCOMES);
} decap_counts SEC(".maps");

static __always_inline int is_here(const struct address *address)
{
	return bpf_map_lookup_elem(&decap_hosts, address) != NULL;
}

static __always_inline int is_gue_port(__be16 port)
{
	__u32 zero = 0;
	struct decap_config *config = bpf_map_lookup_elem(&decap_configs, &zero);

	return config && config->gue_port == port;
}

/*
 * RFC 6040: congestion marked on the outside must reach the receiver. Inside
 * is not 0 wherever this is called.
 */
static __always_inline void mark4(struct iphdr *ip)
{
	__u16 *word = (__u16 *)ip, old = *word;

	ip->tos |= ECN_CONGESTED;
	ip->check = updated_checksum(ip->check, old, *word);
}

/* `room`: bytes of the outer packet's payload, padding of the frame not included. */
static __always_inline enum decap_outcome open4(struct iphdr *ip, void *end, __u32 room, __u8 outer_ecn)
{
	if ((void *)(ip + 1) > end || ip->version != 4 || ip->ihl < 5)
		return DECAP_BAD_INNER;
	if (bpf_ntohs(ip->tot_len) < ip->ihl * 4 || bpf_ntohs(ip->tot_len) > room)
		return DECAP_BAD_INNER;
	if (outer_ecn != ECN_CONGESTED)
		return DECAP_IPIP;
	if (!(ip->tos & ECN_BITS))
		return DECAP_CONGESTED;
	mark4(ip);
	return DECAP_IPIP;
}

static __always_inline enum decap_outcome open6(struct ipv6hdr *ip, void *end, __u32 room, __u8 outer_ecn)
{
	if ((void *)(ip + 1) > end || ip->version != 6)
		return DECAP_BAD_INNER;
	if (bpf_ntohs(ip->payload_len) + IPV6_HEADER_BYTES > room)
		return DECAP_BAD_INNER;
	if (outer_ecn != ECN_CONGESTED)
		return DECAP_6IN6;
	if (!(ip->flow_lbl[0] >> 4 & ECN_BITS))
		return DECAP_CONGESTED;
	ip->flow_lbl[0] |= ECN_CONGESTED << 4;
	return DECAP_6IN6;
}

/* The Ethernet header moves in front of the inner packet, with its type. */
static __always_inline int strip(struct xdp_md *ctx, int bytes, __be16 type)
{
	struct ethhdr *eth = (void *)(long)ctx->data;
	struct ethhdr old;

	if ((void *)(eth + 1) > (void *)(long)ctx->data_end)
		return -1;
	old = *eth;
	if (bpf_xdp_adjust_head(ctx, bytes))
		return -1;
	eth = (void *)(long)ctx->data;
	if ((void *)(eth + 1) > (void *)(long)ctx->data_end)
		return -1;
	__builtin_memcpy(eth, &old, ETH_ALEN * 2);
	eth->h_proto = type;
	return 0;
}

/* What is inside, of protocol 4 or 41, `headers` behind the Ethernet header. */
static __always_inline enum decap_outcome open_inner(struct xdp_md *ctx, __u8 protocol, int headers, __u32 room,
						     __u8 outer_ecn)
{
	void *inner = (void *)(long)ctx->data + sizeof(struct ethhdr) + headers;
	void *end = (void *)(long)ctx->data_end;
	int is4 = protocol == IPPROTO_IPIP;
	enum decap_outcome outcome = is4 ? open4(inner, end, room, outer_ecn) : open6(inner, end, room, outer_ecn);

	if (outcome != DECAP_IPIP && outcome != DECAP_6IN6)
		return outcome;
	return strip(ctx, headers, is4 ? bpf_htons(ETH_P_IP) : bpf_htons(ETH_P_IPV6)) ? DECAP_FAILED : outcome;
}

/* GUE variant 1 has no header: the first bits of what follows UDP tell the protocol. Variant 0 is not ours. */
static __always_inline __u8 inside_gue(struct udphdr *udp, void *end, __u32 room)
{
	__u8 *first = (void *)(udp + 1);

	/* xdplb sends no checksum; who sends one wants it verified, which the stack does. */
	if ((void *)(first + 1) > end || !is_gue_port(udp->dest) || udp->check || bpf_ntohs(udp->len) != room)
		return NONE;
	return *first >> 4 == 4 ? IPPROTO_IPIP : *first >> 4 == 6 ? IPPROTO_IPV6 : NONE;
}

static __always_inline enum decap_outcome open_gue(struct xdp_md *ctx, struct udphdr *udp, void *end, int headers,
						   __u32 room, __u8 ecn)
{
	__u8 protocol = inside_gue(udp, end, room);
	enum decap_outcome outcome;

	if (protocol == NONE)
		return DECAP_PASS;
	outcome = open_inner(ctx, protocol, headers + sizeof(*udp), room - sizeof(*udp), ecn);
	return outcome == DECAP_IPIP || outcome == DECAP_6IN6 ? DECAP_GUE : outcome;
}

static __always_inline enum decap_outcome from_ipv4(struct xdp_md *ctx, struct iphdr *ip, void *end)
{
	struct address here;
	__u32 length, room;

	if ((void *)(ip + 1) > end || (ip->protocol != IPPROTO_IPIP && ip->protocol != IPPROTO_UDP))
		return DECAP_PASS;
	set_ipv4(&here, ip->daddr);
	if (!is_here(&here) || ip->ihl != 5 || ip->frag_off & bpf_htons(FRAGMENT_BITS))
		return DECAP_PASS;
	length = length_from(ip->tot_len);
	if (ip->version != 4 || length < IPV4_HEADER_BYTES || (void *)ip + length > end || fold(sum_ipv4_header(ip)) != 0xffff)
		return ip->protocol == IPPROTO_IPIP ? DECAP_BAD_OUTER : DECAP_PASS;
	room = length - IPV4_HEADER_BYTES;
	if (ip->protocol == IPPROTO_IPIP)
		return open_inner(ctx, IPPROTO_IPIP, IPV4_HEADER_BYTES, room, ip->tos & ECN_BITS);
	return open_gue(ctx, (void *)(ip + 1), end, IPV4_HEADER_BYTES, room, ip->tos & ECN_BITS);
}

static __always_inline enum decap_outcome from_ipv6(struct xdp_md *ctx, struct ipv6hdr *ip, void *end)
{
	enum decap_outcome outcome;
	struct address here;
	__u32 room;
	__u8 ecn;

	if ((void *)(ip + 1) > end)
		return DECAP_PASS;
	if (ip->nexthdr != IPPROTO_IPIP && ip->nexthdr != IPPROTO_IPV6 && ip->nexthdr != IPPROTO_UDP)
		return DECAP_PASS;
	set_ipv6(&here, &ip->daddr);
	if (!is_here(&here))
		return DECAP_PASS;
	room = length_from(ip->payload_len);
	if (ip->version != 6 || (void *)(ip + 1) + room > end)
		return ip->nexthdr == IPPROTO_UDP ? DECAP_PASS : DECAP_BAD_OUTER;
	ecn = ip->flow_lbl[0] >> 4 & ECN_BITS;
	if (ip->nexthdr == IPPROTO_UDP)
		return open_gue(ctx, (void *)(ip + 1), end, IPV6_HEADER_BYTES, room, ecn);
	outcome = open_inner(ctx, ip->nexthdr, IPV6_HEADER_BYTES, room, ecn);
	return outcome == DECAP_IPIP ? DECAP_4IN6 : outcome;
}

static __always_inline enum decap_outcome decapsulate(struct xdp_md *ctx)
{
	void *end = (void *)(long)ctx->data_end;
	struct ethhdr *eth = (void *)(long)ctx->data;

	if ((void *)(eth + 1) > end)
		return DECAP_PASS;
	if (eth->h_proto == bpf_htons(ETH_P_IP))
		return from_ipv4(ctx, (void *)(eth + 1), end);
	if (eth->h_proto == bpf_htons(ETH_P_IPV6))
		return from_ipv6(ctx, (void *)(eth + 1), end);
	return DECAP_PASS;
}

SEC("xdp")
int xdplb_decap(struct xdp_md *ctx)
{
	__u32 outcome = decapsulate(ctx);
	__u64 *count = bpf_map_lookup_elem(&decap_counts, &outcome);

	if (count)
		*count += 1;
	return outcome >= DECAP_BAD_OUTER ? XDP_DROP : XDP_PASS;
}
