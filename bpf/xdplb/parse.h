/* SPDX-License-Identifier: (MIT OR GPL-2.0-only) */
/*
 * From frame to flow. Only what the balancer itself relies on is checked; what
 * lies beyond (checksums, TCP options, UDP length) is the real's to judge.
 */
#ifndef XDPLB_PARSE_H
#define XDPLB_PARSE_H

#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#include "counters.h"
#include "layout.h"

#define IPV4_HEADER_BYTES 20
#define IPV6_HEADER_BYTES 40
#define TCP_HEADER_BYTES 20
#define UDP_HEADER_BYTES 8
#define FRAGMENT_BITS 0x3fff    /* more-fragments and the offset; not DF */
#define TCP_FLAGS_BYTE 13
#define TCP_SYN 0x02
#define TCP_RST 0x04
#define TCP_ACK 0x10

/* Copied out of the frame, as moving the head invalidates pointers into it. */
struct packet {
	struct flow_key flow;
	struct address destination;
	__u32 total_length;     /* of the IP packet; the frame may be longer */
	__u8 header_bytes;      /* of its IP header */
	__u8 protocol;          /* of the flow: TCP or UDP, also if this is an ICMP error about it */
	__u8 tos;               /* or traffic class */
	__u8 tcp_flags;
	__u8 inner;             /* its protocol number inside another IP packet */
	__u8 is_icmp_error;
	__u8 vip_flags;
};

static __always_inline int opens_connection(const struct packet *packet)
{
	return (packet->tcp_flags & (TCP_SYN | TCP_ACK)) == TCP_SYN;
}

static __always_inline void set_ipv4(struct address *address, __be32 ipv4)
{
	address->words[0] = 0;
	address->words[1] = 0;
	address->words[2] = XDPLB_MAPPED;
	address->words[3] = ipv4;
}

static __always_inline void set_ipv6(struct address *address, const struct in6_addr *ipv6)
{
	__builtin_memcpy(address, ipv6, sizeof(*address));
}

/*
 * Older kernels' verifiers (6.1's is one) forget over a byte swap that a length
 * has 16 bits, and then refuse to add it to a pointer. The mask tells them
 * again, and the empty asm keeps the compiler from removing it as pointless.
 */
static __always_inline __u32 length_from(__be16 field)
{
	__u32 length = bpf_ntohs(field);

	asm volatile("" : "+r"(length));
	return length & 0xffff;
}

/*
 * The order matters: a length is believed only once the version is right, and
 * fields behind the header only once the lengths are. IP options are refused:
 * no client of a service needs them, and source routes are an attack.
 * Fragments are refused because only the first carries ports, so the others
 * could not follow it to its real.
 */
static __always_inline enum outcome check_ipv4(struct iphdr *ip, void *end)
{
	__u32 total_length = length_from(ip->tot_len);

	if (ip->version != 4)
		return DROP_VERSION;
	if (ip->ihl < 5)
		return DROP_HEADER_LENGTH;
	if (total_length < IPV4_HEADER_BYTES || (void *)ip + total_length > end)
		return DROP_TOTAL_LENGTH;
	if (ip->ihl > 5)
		return DROP_IP_OPTIONS;
	if (ip->frag_off & bpf_htons(FRAGMENT_BITS))
		return DROP_FRAGMENT;
	return UNDECIDED;
}

static __always_inline void read_ipv4(struct iphdr *ip, struct packet *packet)
{
	set_ipv4(&packet->flow.client, ip->saddr);
	packet->total_length = bpf_ntohs(ip->tot_len);
	packet->header_bytes = IPV4_HEADER_BYTES;
	packet->tos = ip->tos;
	packet->inner = IPPROTO_IPIP;
}

static __always_inline enum outcome check_ipv6(struct ipv6hdr *ip, void *end)
{
	__u32 total_length = IPV6_HEADER_BYTES + length_from(ip->payload_len);

	if (ip->version != 6)
		return DROP_VERSION;
	if ((void *)ip + total_length > end)
		return DROP_TOTAL_LENGTH;
	if (ip->nexthdr == IPPROTO_FRAGMENT)
		return DROP_FRAGMENT;
	return UNDECIDED;
}

static __always_inline void read_ipv6(struct ipv6hdr *ip, struct packet *packet)
{
	set_ipv6(&packet->flow.client, &ip->saddr);
	packet->total_length = IPV6_HEADER_BYTES + bpf_ntohs(ip->payload_len);
	packet->header_bytes = IPV6_HEADER_BYTES;
	packet->tos = ip->priority << 4 | ip->flow_lbl[0] >> 4;
	packet->inner = IPPROTO_IPV6;
}

/* The header must fit the packet, not just the frame: Ethernet padding is no header. */
static __always_inline enum outcome read_ports(__u8 *l4, void *end, struct packet *packet)
{
	__u16 need = packet->protocol == IPPROTO_TCP ? TCP_HEADER_BYTES : UDP_HEADER_BYTES;

	if (packet->total_length < packet->header_bytes + need)
		return DROP_TRUNCATED;
	if ((void *)(l4 + UDP_HEADER_BYTES) > end)
		return DROP_TRUNCATED;
	packet->flow.client_port = *(__be16 *)l4;
	packet->flow.port = *(__be16 *)(l4 + 2);
	if (packet->protocol != IPPROTO_TCP)
		return UNDECIDED;
	if ((void *)(l4 + TCP_HEADER_BYTES) > end)
		return DROP_TRUNCATED;
	packet->tcp_flags = l4[TCP_FLAGS_BYTE];
	return UNDECIDED;
}

#endif
