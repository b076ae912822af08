/* SPDX-License-Identifier: (MIT OR GPL-2.0-only) */
/*
 * What the data plane and the control program agree on: sizes, map keys and
 * map values. The maps outlive both (they are pinned), so a change here is a
 * change of a stored format: change a size, or raise XDPLB_LAYOUT.
 */
#ifndef XDPLB_LAYOUT_H
#define XDPLB_LAYOUT_H

#include <linux/types.h>

/* Part of the pinned program's file name, so that state of another layout is refused, not misread. */
#define XDPLB_LAYOUT 1

/* Ids start at 1: 0 is what a fresh array map holds, so 0 always means "none". */
#define XDPLB_NONE 0
#define XDPLB_MAX_VIPS 256
#define XDPLB_MAX_REALS 4096
#define XDPLB_MAX_DEVICES 64

/*
 * Slots of one VIP's table. A prime, as Maglev's permutations need, and much
 * larger than the number of reals, so that shares come out even.
 */
#define XDPLB_SLOTS 65537

/* Per attached device (key: ifindex), as each may have its own gateway. */
struct device_config {
	__be32 source;          /* outer source address */
	__u8 next_hop_mac[6];   /* where encapsulated packets are sent */
	__u8 pad[2];
};

/* port 0 = any port. */
struct vip_key {
	__be32 address;
	__be16 port;
	__u8 protocol;
	__u8 pad;
};

struct vip_info {
	__u32 id;
};

/* The address half of a VIP: all that a fragment or a cut-off packet shows of it. */
struct vip_address_key {
	__be32 address;
	__u32 protocol;
};

/*
 * One real of one VIP: the same address behind two VIPs is two entries, so
 * that counters can be told apart. The data plane reads only the address; the
 * rest is the control program's memory between two runs.
 */
struct real {
	__be32 address;
	__u32 vip_id;   /* XDPLB_NONE: entry is free */
	__u32 weight;
	__u32 pad;
};

struct vip_stats {
	__u64 packets;
	__u64 bytes;
};

struct real_stats {
	__u64 packets;
	__u64 bytes;            /* whole inner IP packets */
	__u64 connections;      /* TCP SYNs without ACK */
};

#endif
