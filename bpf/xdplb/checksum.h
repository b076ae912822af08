/* SPDX-License-Identifier: (MIT OR GPL-2.0-only) */
/* The Internet checksum (RFC 1071), and changing it with the data it covers (RFC 1624). */
#ifndef XDPLB_CHECKSUM_H
#define XDPLB_CHECKSUM_H

#include <linux/ip.h>
#include <bpf/bpf_helpers.h>

static __always_inline __u16 fold(__u32 sum)
{
	/* Twice, as the first fold can carry again. */
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	return sum;
}

static __always_inline __u32 sum_ipv4_header(const struct iphdr *ip)
{
	const __u16 *words = (const void *)ip;
	__u32 sum = 0;

#pragma unroll
	for (unsigned int i = 0; i < sizeof(*ip) / sizeof(*words); i++)
		sum += words[i];
	return sum;
}

static __always_inline __u16 ipv4_checksum(const struct iphdr *ip)
{
	return ~fold(sum_ipv4_header(ip));
}

/*
 * The checksum after one 16-bit word has changed: RFC 1624's equation 3. With
 * 32 bits to add in and both folds, no carry is lost. A wrong checksum stays
 * wrong: a packet damaged on the way is not made to look sound.
 */
static __always_inline __u16 updated_checksum(__u16 checksum, __u16 old, __u16 new)
{
	return ~fold((__u32)(__u16)~checksum + (__u16)~old + new);
}

#endif
