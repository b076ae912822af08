/* SPDX-License-Identifier: (MIT OR GPL-2.0-only) */
#ifndef XDPLB_BENCH_WRAPPER_H
#define XDPLB_BENCH_WRAPPER_H

#define PACKET_BYTES 100

struct recipe {
	__u32 packet[PACKET_BYTES / 4];
	__u32 outer_bytes;      /* that the program under test puts in front */
	__u32 flows;            /* to go round; 0: a new one each time */
	__u32 next;             /* flow */
	__u32 ipv6;
	__u32 extra_moves;      /* pairs of head moves, to learn what one costs */
};

#endif
