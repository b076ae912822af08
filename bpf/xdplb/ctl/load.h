/* SPDX-License-Identifier: (MIT OR GPL-2.0-only) */
/*
 * VIPs and reals from a file, one a line:
 *
 *	vip ADDRESS[:PORT]/tcp|udp [encap ipip|gue] [gue-port PORT]
 *	real ADDRESS [weight N] [drain]         of the VIP above it
 *
 * What stands behind a # is a comment. The file says all there is: what it
 * does not name is removed. Nothing is changed unless the whole file is right.
 */
#ifndef XDPLB_LOAD_H
#define XDPLB_LOAD_H

#include "service.h"

struct wanted {
	struct wanted_vip vips[XDPLB_MAX_VIPS];
	int count;
	struct wanted_real reals[XDPLB_MAX_REALS];      /* those of one VIP in a row */
	int real_count;
};

/* "-" is standard input. Returns NULL, having said why. */
struct wanted *load_read(const char *path);

#endif
