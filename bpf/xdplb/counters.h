/* SPDX-License-Identifier: (MIT OR GPL-2.0-only) */
/*
 * What can become of a packet. Each packet ends in exactly one outcome and is
 * counted under it, so the sum over all counters is the packets seen.
 */
#ifndef XDPLB_COUNTERS_H
#define XDPLB_COUNTERS_H

#define XDPLB_COUNTERS(X)                                                      \
	X(PASS, "pass")                       /* not for a VIP: the host's */  \
	X(TX, "tx")                           /* encapsulated, sent */         \
	X(DROP_TRUNCATED, "drop_truncated")   /* header cut off */             \
	X(DROP_VERSION, "drop_version")       /* IPv4 frame, other version */  \
	X(DROP_HEADER_LENGTH, "drop_header_length") /* ihl below 5 */          \
	X(DROP_TOTAL_LENGTH, "drop_total_length") /* tot_len beyond frame */   \
	X(DROP_IP_OPTIONS, "drop_ip_options")                                  \
	X(DROP_FRAGMENT, "drop_fragment")                                      \
	X(DROP_TOO_BIG, "drop_too_big")       /* no room for outer header */   \
	X(DROP_NO_REAL, "drop_no_real")                                        \
	X(DROP_NO_CONFIG, "drop_no_config")   /* device without config */      \
	X(DROP_NO_HEADROOM, "drop_no_headroom")

enum outcome {
#define XDPLB_ENUM(id, name) id,
	XDPLB_COUNTERS(XDPLB_ENUM)
#undef XDPLB_ENUM
	OUTCOMES,
	UNDECIDED = OUTCOMES,   /* no reason found yet to stop: never counted */
};

#endif
