/* SPDX-License-Identifier: (MIT OR GPL-2.0-only) */
/* Maglev consistent hashing: which real takes which slot. Knows nothing of BPF. */
#ifndef XDPLB_MAGLEV_H
#define XDPLB_MAGLEV_H

#include "../layout.h"

#include <stddef.h>

struct maglev_real {
	struct address address; /* seeds the permutation, so order of adding is no matter */
	__u32 weight;           /* 0: no slots */
	__u32 id;               /* what is written into the slots */
};

/* Fills the table (slots must be prime) with ids, or with 0 where no real has weight. Returns 0, or -1 without memory. */
int maglev_fill(const struct maglev_real *reals, size_t count, __u32 *table, __u32 slots);

#endif
