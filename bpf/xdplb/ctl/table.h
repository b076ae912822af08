/* SPDX-License-Identifier: (MIT OR GPL-2.0-only) */
/* A VIP's slot table in the kernel. */
#ifndef XDPLB_TABLE_H
#define XDPLB_TABLE_H

#include "maglev.h"
#include "state.h"

int table_create(struct state *state, __u32 vip_id);
int table_delete(struct state *state, __u32 vip_id);
/* Writes only the slots that change, in place: flows in all others notice nothing. */
int table_update(struct state *state, __u32 vip_id, const struct maglev_real *reals, size_t count);
/* Puts a new table in the old one's place in one step: no packet sees half of a change. */
int table_replace(struct state *state, __u32 vip_id, const struct maglev_real *reals, size_t count);

#endif
