/* SPDX-License-Identifier: (MIT OR GPL-2.0-only) */
/* What is set up and what it counted, for people and for programs. */
#ifndef XDPLB_REPORT_H
#define XDPLB_REPORT_H

#include "state.h"

#define REPORT_SCHEMA 1

int report_json(struct state *state);
int report_show(struct state *state);
int report_stats(struct state *state);
int report_vips(struct state *state);
/* only: NULL for all VIPs' reals. */
int report_reals(struct state *state, const struct vip_key *only);

#endif
