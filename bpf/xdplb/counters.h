/* SPDX-License-Identifier: (MIT OR GPL-2.0-only) */
#ifndef XDPLB_COUNTERS_H
#define XDPLB_COUNTERS_H

/*
 * What can become of a packet. Each packet ends in exactly one outcome and is
 * counted under it, so the sum over all of these is the packets seen.
 */
#define XDPLB_COUNTERS(X)                                                      \
	X(PASS, "pass")                       /* not for a VIP: the host's */  \
	X(TX, "tx")                           /* encapsulated, sent */         \
	X(DROP_TRUNCATED, "drop_truncated")   /* header cut off */             \
	X(DROP_VERSION, "drop_version")       /* not the version the frame says */ \
	X(DROP_HEADER_LENGTH, "drop_header_length") /* ihl below 5 */          \
	X(DROP_TOTAL_LENGTH, "drop_total_length") /* length beyond frame */    \
	X(DROP_IP_OPTIONS, "drop_ip_options")                                  \
	X(DROP_FRAGMENT, "drop_fragment")                                      \
	X(DROP_TOO_BIG, "drop_too_big")       /* and no answer possible */     \
	X(DROP_NO_REAL, "drop_no_real")                                        \
	X(DROP_NO_CONFIG, "drop_no_config")   /* device without config */      \
	X(DROP_NO_HEADROOM, "drop_no_headroom")                                \
	X(DROP_NO_SOURCE, "drop_no_source")   /* none of the real's family */  \
	X(REDIRECT, "redirect")               /* as tx, out of another device */ \
	X(ECHO_REPLY, "icmp_echo_reply")                                       \
	X(TOO_BIG, "icmp_too_big")            /* dropped, sender was told */   \
	/* In the order of the kernel's BPF_FIB_LKUP_RET_..., from 1 on. */    \
	X(DROP_FIB_BLACKHOLE, "drop_fib_blackhole")                            \
	X(DROP_FIB_UNREACHABLE, "drop_fib_unreachable")                        \
	X(DROP_FIB_PROHIBIT, "drop_fib_prohibit")                              \
	X(DROP_FIB_NOT_FORWARDED, "drop_fib_not_forwarded") /* no route, or own address */ \
	X(DROP_FIB_FORWARDING_OFF, "drop_fib_forwarding_off")                  \
	X(DROP_FIB_TUNNEL, "drop_fib_tunnel") /* route with encapsulation */   \
	X(DROP_FIB_NO_NEIGHBOUR, "drop_fib_no_neighbour")                      \
	X(DROP_FIB_TOO_BIG, "drop_fib_too_big")                                \
	X(DROP_FIB_NO_SOURCE, "drop_fib_no_source")                            \
	X(DROP_FIB_OTHER, "drop_fib_other")

enum outcome {
#define XDPLB_ENUM(id, name) id,
	XDPLB_COUNTERS(XDPLB_ENUM)
#undef XDPLB_ENUM
	OUTCOMES,
	UNDECIDED = OUTCOMES,   /* no reason found yet to stop: never counted */
};

/* How the real of a packet that was to be sent was found. Each such packet is counted under exactly one. */
#define XDPLB_EVENTS(X)                                                        \
	X(FLOW_HIT, "hit")                    /* connection table */           \
	X(FLOW_SYN, "syn")                    /* ring, always */               \
	X(FLOW_ENTERED, "entered")            /* ring, then noted in the table */ \
	X(FLOW_GUARDED, "guarded")            /* ring; too many new flows to note it */ \
	X(FLOW_UNNOTED, "unnoted")            /* ring; RST, or the table refused it */ \
	X(FLOW_ICMP_ERROR, "icmp_error")      /* table or ring, by the quoted flow */

enum event {
#define XDPLB_ENUM(id, name) id,
	XDPLB_EVENTS(XDPLB_ENUM)
#undef XDPLB_ENUM
	EVENTS,
};

#endif
