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
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#include "counters.h"

#define IPV4_HEADER_BYTES 20
#define TCP_HEADER_BYTES 20
#define UDP_HEADER_BYTES 8
#define FRAGMENT_BITS 0x3fff    /* more-fragments and the offset; not DF */
#define TCP_FLAGS_BYTE 13
#define TCP_SYN 0x02
#define TCP_ACK 0x10

/* Copied out of the frame, as moving the head invalidates pointers into it. */
struct packet {
	__be32 client;
	__be32 destination;
	__be16 client_port;
	__be16 port;
	__u16 total_length;
	__u8 protocol;
	__u8 tos;
	__u8 opens_connection;
};

/*
 * IPv4 carrying TCP or UDP goes on; all else is the host's. A frame that says
 * IPv4 and cannot hold an IPv4 header is dropped here: no stack can use it.
 */
static __always_inline enum outcome find_ipv4(void *data, void *end, struct iphdr **ipv4)
{
	struct ethhdr *eth = data;
	struct iphdr *ip = (void *)(eth + 1);

	if ((void *)(eth + 1) > end || eth->h_proto != bpf_htons(ETH_P_IP))
		return PASS;
	if ((void *)(ip + 1) > end)
		return DROP_TRUNCATED;
	if (ip->protocol != IPPROTO_TCP && ip->protocol != IPPROTO_UDP)
		return PASS;
	*ipv4 = ip;
	return UNDECIDED;
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
	packet->client = ip->saddr;
	packet->destination = ip->daddr;
	packet->total_length = bpf_ntohs(ip->tot_len);
	packet->protocol = ip->protocol;
	packet->tos = ip->tos;
}

/* The header must fit the packet, not just the frame: Ethernet padding is no header. */
static __always_inline enum outcome read_ports(struct iphdr *ip, void *end, struct packet *packet)
{
	__u8 *l4 = (void *)(ip + 1);
	__u16 need = packet->protocol == IPPROTO_TCP ? TCP_HEADER_BYTES : UDP_HEADER_BYTES;

	if (packet->total_length < IPV4_HEADER_BYTES + need)
		return DROP_TRUNCATED;
	if ((void *)(l4 + UDP_HEADER_BYTES) > end)
		return DROP_TRUNCATED;
	packet->client_port = *(__be16 *)l4;
	packet->port = *(__be16 *)(l4 + 2);
	packet->opens_connection = 0;
	if (packet->protocol != IPPROTO_TCP)
		return UNDECIDED;
	if ((void *)(l4 + TCP_HEADER_BYTES) > end)
		return DROP_TRUNCATED;
	packet->opens_connection = (l4[TCP_FLAGS_BYTE] & (TCP_SYN | TCP_ACK)) == TCP_SYN;
	return UNDECIDED;
}

#endif
