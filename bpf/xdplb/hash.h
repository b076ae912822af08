/* SPDX-License-Identifier: (MIT OR GPL-2.0-only) */
/*
 * The flow's hash. IPv4 client and both ports fill 64 bits exactly, so a
 * bijective 64-bit mixer (xor-shift and multiply, as in MurmurHash3's
 * finaliser) gives flows distinct hashes; an IPv6 client's address is mixed in
 * first, half by half. VIP and protocol choose the ring and are not hashed
 * again. No secret seed: several balancers behind one ECMP route must send a
 * flow to the same real.
 */
#ifndef XDPLB_HASH_H
#define XDPLB_HASH_H

#include "layout.h"

static inline __attribute__((always_inline)) __u64 mix64(__u64 x)
{
	x ^= x >> 33;
	x *= 0xff51afd7ed558ccdULL;
	x ^= x >> 33;
	x *= 0xc4ceb9fe1a85ec53ULL;
	x ^= x >> 33;
	return x;
}

static inline __attribute__((always_inline)) __u64 two_words(__u32 high, __u32 low)
{
	return (__u64)high << 32 | low;
}

static inline __attribute__((always_inline)) __u64 hash_flow(const struct flow_key *flow)
{
	const __be32 *client = flow->client.words;
	__u32 ports = (__u32)flow->client_port << 16 | flow->port;
	__u64 hash;

	if (address_is_ipv4(&flow->client))
		return mix64(two_words(client[3], ports));
	/* + 1: mix64(0) is 0, and an all-zero half should not stay invisible. */
	hash = mix64(two_words(client[0], client[1]) + 1);
	hash = mix64(hash ^ two_words(client[2], client[3]));
	return mix64(hash ^ ports);
}

/*
 * For a VIP of any port whose clients must meet at one real, as those of a
 * relay (TURN) do: all of a port go to the same, whoever they are.
 */
static inline __attribute__((always_inline)) __u64 hash_port(const struct flow_key *flow)
{
	return mix64(flow->port);
}

/* Multiply and shift in place of a division; takes the hash's high half. */
static inline __attribute__((always_inline)) __u32 slot_of(__u64 hash, __u32 slots)
{
	return (__u32)(((hash >> 32) * slots) >> 32);
}

#endif
