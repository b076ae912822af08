/* SPDX-License-Identifier: (MIT OR GPL-2.0-only) */
/*
 * The flow's hash. Client address and both ports fill 64 bits exactly, so a
 * bijective 64-bit mixer (xor-shift and multiply, as in MurmurHash3's
 * finaliser) gives flows distinct hashes. VIP and protocol choose the table
 * and are not hashed again. No secret seed: several balancers behind one ECMP
 * route must send a flow to the same real.
 */
#ifndef XDPLB_HASH_H
#define XDPLB_HASH_H

#include <linux/types.h>

static inline __attribute__((always_inline)) __u64 mix64(__u64 x)
{
	x ^= x >> 33;
	x *= 0xff51afd7ed558ccdULL;
	x ^= x >> 33;
	x *= 0xc4ceb9fe1a85ec53ULL;
	x ^= x >> 33;
	return x;
}

/* Multiply and shift in place of a division; takes the hash's high half. */
static inline __attribute__((always_inline)) __u32 slot_of(__u64 hash, __u32 slots)
{
	return (__u32)(((hash >> 32) * slots) >> 32);
}

#endif
