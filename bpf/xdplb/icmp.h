/* SPDX-License-Identifier: (MIT OR GPL-2.0-only) */
/*
 * ICMP to a VIP's address: ping, which the balancer can answer itself, and
 * errors, which belong to the flow they quote. All else is the host's.
 */
#ifndef XDPLB_ICMP_H
#define XDPLB_ICMP_H

#include "checksum.h"
#include "parse.h"
#include "ring.h"

/* linux/icmp.h pulls in the C library, which has no place here. One form serves both families. */
struct icmp_header {
	__u8 type;
	__u8 code;
	__u16 checksum;
	__be32 rest;
};

#define ICMP_HEADER_BYTES 8
#define ICMP4_ECHO_REPLY 0
#define ICMP4_UNREACHABLE 3
#define ICMP4_TOO_BIG_CODE 4
#define ICMP4_ECHO 8
#define ICMP4_TIME_EXCEEDED 11
#define ICMP4_PARAMETER_PROBLEM 12
#define ICMP6_UNREACHABLE 1
#define ICMP6_TOO_BIG 2
#define ICMP6_PARAMETER_PROBLEM 4
#define ICMP6_ECHO 128
#define ICMP6_ECHO_REPLY 129
#define QUOTED_L4_BYTES 8       /* what RFC 792 promises of a quote, and it holds the ports */
#define REPLY_TTL 64

static __always_inline int is_error4(__u8 type)
{
	return type == ICMP4_UNREACHABLE || type == ICMP4_TIME_EXCEEDED || type == ICMP4_PARAMETER_PROBLEM;
}

/* Unreachable, too big, time exceeded, parameter problem. */
static __always_inline int is_error6(__u8 type)
{
	return type >= ICMP6_UNREACHABLE && type <= ICMP6_PARAMETER_PROBLEM;
}

static __always_inline int echo_wanted(struct xdp_md *ctx)
{
	__u32 ifindex = ctx->ingress_ifindex;
	struct device_config *device = bpf_map_lookup_elem(&devices, &ifindex);

	return device && device->flags & DEVICE_ICMP_ECHO;
}

/* The Ethernet header before this IP header. */
static __always_inline void turn_round(void *ip)
{
	struct ethhdr *eth = ip - sizeof(*eth);
	__u8 mac[ETH_ALEN];

	__builtin_memcpy(mac, eth->h_dest, ETH_ALEN);
	__builtin_memcpy(eth->h_dest, eth->h_source, ETH_ALEN);
	__builtin_memcpy(eth->h_source, mac, ETH_ALEN);
}

/* Swapped addresses leave a sum as it was. What changes is the TTL's word and the type's. */
static __always_inline enum outcome echo4(struct iphdr *ip, struct icmp_header *icmp)
{
	__u16 *ttl_word = (__u16 *)&ip->ttl, *type_word = (__u16 *)icmp;
	__u16 old_ttl = *ttl_word, old_type = *type_word;
	__be32 client = ip->saddr;

	ip->saddr = ip->daddr;
	ip->daddr = client;
	ip->ttl = REPLY_TTL;
	ip->check = updated_checksum(ip->check, old_ttl, *ttl_word);
	icmp->type = ICMP4_ECHO_REPLY;
	icmp->checksum = updated_checksum(icmp->checksum, old_type, *type_word);
	turn_round(ip);
	return ECHO_REPLY;
}

/* The hop limit is under no checksum, the addresses are under ICMP's: swapped, they too leave it. */
static __always_inline enum outcome echo6(struct ipv6hdr *ip, struct icmp_header *icmp)
{
	__u16 *type_word = (__u16 *)icmp;
	__u16 old_type = *type_word;
	struct in6_addr client = ip->saddr;

	ip->saddr = ip->daddr;
	ip->daddr = client;
	ip->hop_limit = REPLY_TTL;
	icmp->type = ICMP6_ECHO_REPLY;
	icmp->checksum = updated_checksum(icmp->checksum, old_type, *type_word);
	turn_round(ip);
	return ECHO_REPLY;
}

/*
 * The quoted packet went from the VIP to the client, so its source is our
 * destination. A quote of anything else, or of a packet the VIP did not send,
 * is not about a flow of ours.
 */
static __always_inline enum outcome quoted_ports(__be16 *l4, void *end, struct packet *packet)
{
	if (packet->protocol != IPPROTO_TCP && packet->protocol != IPPROTO_UDP)
		return PASS;
	if ((void *)l4 + QUOTED_L4_BYTES > end)
		return DROP_TRUNCATED;
	packet->flow.port = l4[0];
	packet->flow.client_port = l4[1];
	packet->is_icmp_error = 1;
	return UNDECIDED;
}

static __always_inline enum outcome read_quote4(struct iphdr *quote, void *end, __be32 vip, struct packet *packet)
{
	if (packet->total_length < IPV4_HEADER_BYTES + ICMP_HEADER_BYTES + sizeof(*quote) + QUOTED_L4_BYTES)
		return DROP_TRUNCATED;
	if ((void *)(quote + 1) > end)
		return DROP_TRUNCATED;
	if (quote->version != 4 || quote->ihl != 5 || quote->saddr != vip || quote->frag_off & bpf_htons(0x1fff))
		return PASS;
	set_ipv4(&packet->flow.client, quote->daddr);
	packet->protocol = quote->protocol;
	return quoted_ports((void *)(quote + 1), end, packet);
}

static __always_inline int same(const struct in6_addr *a, const struct address *b)
{
	const __be32 *words = (const void *)a;

	return words[0] == b->words[0] && words[1] == b->words[1] && words[2] == b->words[2] && words[3] == b->words[3];
}

static __always_inline enum outcome read_quote6(struct ipv6hdr *quote, void *end, struct packet *packet)
{
	if (packet->total_length < IPV6_HEADER_BYTES + ICMP_HEADER_BYTES + sizeof(*quote) + QUOTED_L4_BYTES)
		return DROP_TRUNCATED;
	if ((void *)(quote + 1) > end)
		return DROP_TRUNCATED;
	if (quote->version != 6 || !same(&quote->saddr, &packet->destination))
		return PASS;
	set_ipv6(&packet->flow.client, &quote->daddr);
	packet->protocol = quote->nexthdr;
	return quoted_ports((void *)(quote + 1), end, packet);
}

/* UNDECIDED: an error, and the packet's flow is the one it quotes. */
static __always_inline enum outcome icmp4(struct xdp_md *ctx, struct iphdr *ip, void *end, struct packet *packet)
{
	struct icmp_header *icmp = (void *)(ip + 1);
	enum outcome fault;

	if (!is_vip_address(&packet->destination, 0))
		return PASS;
	fault = check_ipv4(ip, end);
	if (fault != UNDECIDED)
		return fault == DROP_FRAGMENT || fault == DROP_IP_OPTIONS ? PASS : fault;
	read_ipv4(ip, packet);
	if (packet->total_length < IPV4_HEADER_BYTES + ICMP_HEADER_BYTES || (void *)(icmp + 1) > end)
		return DROP_TRUNCATED;
	if (is_error4(icmp->type))
		return read_quote4((void *)(icmp + 1), end, ip->daddr, packet);
	if (icmp->type != ICMP4_ECHO || icmp->code || !echo_wanted(ctx))
		return PASS;
	return echo4(ip, icmp);
}

static __always_inline enum outcome icmp6(struct xdp_md *ctx, struct ipv6hdr *ip, void *end, struct packet *packet)
{
	struct icmp_header *icmp = (void *)(ip + 1);
	enum outcome fault;

	if (!is_vip_address(&packet->destination, 0))
		return PASS;
	fault = check_ipv6(ip, end);
	if (fault != UNDECIDED)
		return fault;
	read_ipv6(ip, packet);
	if (packet->total_length < IPV6_HEADER_BYTES + ICMP_HEADER_BYTES || (void *)(icmp + 1) > end)
		return DROP_TRUNCATED;
	if (is_error6(icmp->type))
		return read_quote6((void *)(icmp + 1), end, packet);
	if (icmp->type != ICMP6_ECHO || icmp->code || !echo_wanted(ctx))
		return PASS;
	return echo6(ip, icmp);
}

#endif
