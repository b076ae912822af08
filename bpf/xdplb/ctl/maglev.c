// SPDX-License-Identifier: (MIT OR GPL-2.0-only)
/*
 * After Eisenbud et al., "Maglev: A Fast and Reliable Software Network Load
 * Balancer" (NSDI 2016), section 3.4. Each real has its own permutation of the
 * slots, and the reals take turns in claiming their next free one. Weights
 * scale how many turns a real gets, through all of the filling.
 */
#include "maglev.h"

#include "../hash.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

struct claimant {
	__u64 order;
	struct address address;
	__u32 next;             /* slot to try next */
	__u32 skip;
	__u32 weight;
	__u32 credit;           /* a turn costs max_weight */
	__u32 id;
};

static int by_order(const void *a, const void *b)
{
	const struct claimant *x = a, *y = b;

	if (x->order != y->order)
		return x->order < y->order ? -1 : 1;
	return memcmp(&x->address, &y->address, sizeof(x->address));
}

/* mix64 is a bijection: IPv4 addresses have distinct orders, and IPv6 ones tie hardly ever. */
static __u64 order_of(const struct address *address)
{
	const __u64 start = 0x9e3779b97f4a7c15ULL;
	__u64 order;

	if (address_is_ipv4(address))
		return mix64(ntohl(address->words[3]) + start);
	order = mix64(two_words(ntohl(address->words[0]), ntohl(address->words[1])) + start);
	return mix64(order ^ two_words(ntohl(address->words[2]), ntohl(address->words[3])));
}

static struct claimant claimant_of(const struct maglev_real *real, __u32 slots)
{
	__u64 order = order_of(&real->address);

	return (struct claimant){
		.order = order,
		.address = real->address,
		.next = mix64(order ^ 0x2545f4914f6cdd1dULL) % slots,
		.skip = mix64(order ^ 0xd1b54a32d192ed03ULL) % (slots - 1) + 1,
		.weight = real->weight,
		.id = real->id,
	};
}

static size_t enlist(const struct maglev_real *reals, size_t count, struct claimant *claimants, __u32 slots)
{
	size_t enlisted = 0;

	for (size_t i = 0; i < count; i++)
		if (reals[i].weight)
			claimants[enlisted++] = claimant_of(&reals[i], slots);
	qsort(claimants, enlisted, sizeof(*claimants), by_order);
	return enlisted;
}

static void claim(struct claimant *claimant, __u32 *table, __u32 slots)
{
	while (table[claimant->next])
		claimant->next = ((__u64)claimant->next + claimant->skip) % slots;
	table[claimant->next] = claimant->id;
}

static __u32 greatest_weight(const struct claimant *claimants, size_t count)
{
	__u32 greatest = 0;

	for (size_t i = 0; i < count; i++)
		if (claimants[i].weight > greatest)
			greatest = claimants[i].weight;
	return greatest;
}

static void take_turns(struct claimant *claimants, size_t count, __u32 *table, __u32 slots)
{
	__u32 cost = greatest_weight(claimants, count);
	__u32 filled = 0;

	while (filled < slots) {
		for (size_t i = 0; i < count && filled < slots; i++) {
			claimants[i].credit += claimants[i].weight;
			if (claimants[i].credit < cost)
				continue;
			claimants[i].credit -= cost;
			claim(&claimants[i], table, slots);
			filled++;
		}
	}
}

int maglev_fill(const struct maglev_real *reals, size_t count, __u32 *table, __u32 slots)
{
	struct claimant *claimants = calloc(count ? count : 1, sizeof(*claimants));
	size_t enlisted;

	if (!claimants)
		return -1;
	memset(table, 0, slots * sizeof(*table));
	enlisted = enlist(reals, count, claimants, slots);
	if (enlisted)
		take_turns(claimants, enlisted, table, slots);
	free(claimants);
	return 0;
}
