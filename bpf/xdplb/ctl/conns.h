/* SPDX-License-Identifier: (MIT OR GPL-2.0-only) */
/* The connection table, entry by entry. */
#ifndef XDPLB_CONNS_H
#define XDPLB_CONNS_H

#include "state.h"

/* limit 0: all. The totals count all either way. */
int conns_text(struct state *state, unsigned long limit);
int conns_json(struct state *state, unsigned long limit);

#endif
