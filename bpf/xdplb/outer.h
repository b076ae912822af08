/* SPDX-License-Identifier: (MIT OR GPL-2.0-only) */
/*
 * What will stand around a packet: decided before any byte is moved, so that a
 * packet that cannot be sent is still whole and can be answered.
 */
#ifndef XDPLB_OUTER_H
#define XDPLB_OUTER_H

#include "hash.h"
#include "maps.h"
#include "parse.h"

#define GUE_BYTES 8     /* a UDP header; GUE variant 1 (draft-ietf-intarea-gue) has none of its own */

struct outer {
	struct address source;
	struct address destination;
	__u32 bytes;            /* of the headers added */
	__u32 total_length;
	__be16 gue_port;        /* 0: no GUE */
	__be16 gue_source_port;
	__u8 ipv4;
	__u8 protocol;          /* of what follows the outer IP header */
};

/*
 * By default the source is the balancer's own address, which a real can match
 * on. With --src-prefix some of its bits follow the flow, so that routers and
 * network cards on the way, which see the outer addresses only, spread flows.
 */
static __always_inline enum outcome set_source(const struct device_config *device, __u32 hash, struct outer *outer)
{
	if (outer->ipv4) {
		set_ipv4(&outer->source, device->source | (hash & device->vary));
		return device->source ? UNDECIDED : DROP_NO_SOURCE;
	}
	outer->source = device->source6;
	if (device->vary6)
		outer->source.words[3] = hash;
	return device->source6.words[0] ? UNDECIDED : DROP_NO_SOURCE;
}

/* The source port does for GUE what --src-prefix does for addresses; 49152 and up are nobody's service. */
static __always_inline __be16 source_port(__u32 hash)
{
	return bpf_htons(0xc000 | (hash & 0x3fff));
}

static __always_inline enum outcome plan_outer(const struct packet *packet, const struct device_config *device,
					       const struct real *real, __be16 gue_port, struct outer *outer)
{
	__u32 hash = 0;

	if (gue_port || device->vary || device->vary6)
		hash = hash_flow(&packet->flow);        /* its low half: the ring took the high one */
	outer->destination = real->address;
	outer->ipv4 = address_is_ipv4(&real->address);
	outer->bytes = outer->ipv4 ? IPV4_HEADER_BYTES : IPV6_HEADER_BYTES;
	outer->protocol = packet->inner;
	outer->gue_port = gue_port;
	if (gue_port) {
		outer->bytes += GUE_BYTES;
		outer->protocol = IPPROTO_UDP;
		outer->gue_source_port = source_port(hash);
	}
	outer->total_length = packet->total_length + outer->bytes;
	return set_source(device, hash, outer);
}

#endif
