/* SPDX-License-Identifier: (MIT OR GPL-2.0-only) */
/* Whether what the balancer sent is right to the last byte, whatever kind it is. */
#ifndef XDPLB_WIRE_H
#define XDPLB_WIRE_H

#include "bench.h"

enum wire { WIRE_ENCAPSULATED, WIRE_ECHO_REPLY, WIRE_TOO_BIG };

/* NULL if right, else what is wrong. `kind` tells what it took it for. */
const char *wire_judge(const struct frame *in, const struct frame *out, enum wire *kind);

/* The outer destination of an encapsulated frame, as text. */
const char *wire_real(const struct frame *out);
const char *wire_source(const struct frame *out);
/* Sends it and returns where it went: "" if it was not encapsulated, "wrong: ..." if badly. */
const char *real_for(const struct frame *in);

struct frame with(struct frame frame, int at, int value);
struct frame with16(struct frame frame, int at, int value);
struct frame cut(struct frame frame, int length);
struct frame pad(struct frame frame, int length);

/* Runs it and checks verdict, counter and, for PASS and drops, that the frame is untouched; for TX, that the wire is right. */
int expect_outcome(const char *name, const struct frame *in, enum outcome outcome);

#endif
