/* SPDX-License-Identifier: (MIT OR GPL-2.0-only) */
/* What the decapsulating program and its control program agree on. Not pinned, so its layout may change. */
#ifndef XDPLB_DECAP_H
#define XDPLB_DECAP_H

#include "layout.h"

#define DECAP_MAX_ADDRESSES 64

struct decap_config {
	__be16 gue_port;
	__u16 pad;
};

/* Each packet ends in exactly one of these. */
#define DECAP_COUNTERS(X)                                                      \
	X(DECAP_PASS, "pass")                 /* no tunnel to this host: the stack's */ \
	X(DECAP_IPIP, "ipip")                 /* IPv4 in IPv4, decapsulated */ \
	X(DECAP_4IN6, "4in6")                                                  \
	X(DECAP_6IN6, "6in6")                                                  \
	X(DECAP_GUE, "gue")                                                    \
	X(DECAP_BAD_OUTER, "drop_outer")      /* lengths or checksum lie */    \
	X(DECAP_BAD_INNER, "drop_inner")      /* version or lengths lie */     \
	X(DECAP_CONGESTED, "drop_congestion") /* marked, and inside not ECN-capable */ \
	X(DECAP_FAILED, "drop_failed")        /* the kernel could not move the head */

enum decap_outcome {
#define XDPLB_ENUM(id, name) id,
	DECAP_COUNTERS(XDPLB_ENUM)
#undef XDPLB_ENUM
	DECAP_OUTCOMES,
};

#endif
