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
#define XDPLB_LAYOUT 3

/* Ids start at 1: 0 is what a fresh array map holds, so 0 always means "none". */
#define XDPLB_NONE 0
#define XDPLB_MAX_VIPS 256
#define XDPLB_MAX_REALS 4096
#define XDPLB_MAX_DEVICES 64

/*
 * Slots of one VIP's ring. A prime, as Maglev's permutations need, and much
 * larger than the number of reals, so that shares come out even.
 */
#define XDPLB_SLOTS 65537

/* Smaller links cannot carry what every IPv4 host must take (RFC 791); toobig.h counts on it. */
#define XDPLB_MIN_MTU 576
#define XDPLB_MAX_MTU 65535

#define XDPLB_GUE_PORT 6080     /* IANA's for GUE */

/* IPv4 as ::ffff:a.b.c.d (RFC 4291's IPv4-mapped form), so that one type and one map serve both families. */
struct address {
	__be32 words[4];
};

/* Of an IPv4-mapped address: the word before the last. As bytes 00 00 ff ff. */
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define XDPLB_MAPPED 0xffff0000u
#else
#define XDPLB_MAPPED 0x0000ffffu
#endif

static inline __attribute__((always_inline)) int address_is_ipv4(const struct address *address)
{
	return !address->words[0] && !address->words[1] && address->words[2] == XDPLB_MAPPED;
}

/* What an attached device does beyond the rules; bits of device_config.flags. */
#define DEVICE_ICMP_ECHO 1      /* answers ping to VIPs */
#define DEVICE_FIB 2            /* next hop by the kernel's routes, not by next_hop_mac */

/* Per attached device (key: ifindex), as each may have its own gateway. */
struct device_config {
	struct address source6; /* outer source for IPv6 reals; all 0: none */
	__be32 source;          /* outer source for IPv4 reals; 0: none */
	__be32 vary;            /* bits of source that follow the flow */
	__u32 vary6;            /* whether the last word of source6 does */
	__u32 flags;
	__u32 mtu;              /* longest IP packet the device sends, outer header included */
	__u8 next_hop_mac[6];   /* where encapsulated packets are sent */
	__u8 pad[2];
};

/* port 0 = any port. */
struct vip_key {
	struct address address;
	__be16 port;
	__u8 protocol;
	__u8 pad;
};

/* What a VIP does otherwise than others; bits of vip_info.flags. */
#define VIP_HASH_PORT 1         /* the ring is asked by the destination port alone */

struct vip_info {
	__u32 id;
	__be16 gue_port;        /* UDP port of GUE; 0: plain IP in IP */
	__u16 flags;
};

/*
 * The address half of a VIP: all that a fragment or a cut-off packet shows of
 * it. Protocol 0 stands for any: an address that has a VIP at all.
 */
struct vip_address_key {
	struct address address;
	__u32 protocol;
};

/*
 * One real of one VIP: the same address behind two VIPs is two entries, so
 * that counters can be told apart. The data plane reads address and
 * generation; the rest is the control program's memory between two runs.
 */
struct real {
	struct address address;
	__u32 vip_id;           /* XDPLB_NONE: entry is free */
	__u32 weight;
	__u32 generation;       /* changes when the entry is freed: flows of its old owner must not follow the new */
	__u32 draining;         /* gets no new flows */
};

/* A flow towards a VIP. The VIP's id stands for its address and protocol. */
struct flow_key {
	struct address client;
	__be16 client_port;
	__be16 port;
	__u32 vip_id;
};

struct flow {
	__u32 real_id;
	__u32 generation;       /* of the real when the flow was entered */
	__u32 last_seen;        /* UDP: in ticks; TCP: 0, as its entries do not expire */
	__u32 pad;
};

/* A tick is 2^30 ns, 1.07 s: shifting is cheaper than dividing. */
#define XDPLB_TICK_SHIFT 30

struct settings {
	__u32 udp_ticks;        /* a UDP flow silent for longer is a new one */
	__u32 new_flows;        /* per tick and CPU; beyond, flows are not entered. 0: no limit */
};

/* The guard's own memory, per CPU. */
struct guard {
	__u32 tick;
	__u32 entered;          /* flows, in that tick */
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
