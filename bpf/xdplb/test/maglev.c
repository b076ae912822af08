// SPDX-License-Identifier: (MIT OR GPL-2.0-only)
#include "../ctl/maglev.h"

#include "../layout.h"
#include "harness.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#define MAX 400

static __u32 table[XDPLB_SLOTS], other[XDPLB_SLOTS];

/* Ids are 1, 2, ... and addresses follow on one another, as in a rack. */
static void make(struct maglev_real *reals, int count)
{
	for (int i = 0; i < count; i++)
		reals[i] = (struct maglev_real){ { { 0, 0, XDPLB_MAPPED, htonl(0x0a6fde0b + i) } }, 1, i + 1 };
}

static void count_slots(const __u32 *slots, int counts[MAX + 1])
{
	memset(counts, 0, (MAX + 1) * sizeof(counts[0]));
	for (int i = 0; i < XDPLB_SLOTS; i++)
		counts[slots[i] <= MAX ? slots[i] : 0]++;
}

static void test_even(int count)
{
	struct maglev_real reals[MAX];
	int counts[MAX + 1], least = XDPLB_SLOTS, most = 0;
	char name[64];

	make(reals, count);
	maglev_fill(reals, count, table, XDPLB_SLOTS);
	count_slots(table, counts);
	for (int i = 1; i <= count; i++) {
		least = counts[i] < least ? counts[i] : least;
		most = counts[i] > most ? counts[i] : most;
	}
	snprintf(name, sizeof(name), "maglev: %d equal reals differ by one slot at most", count);
	check(most - least <= 1 && !counts[0], name, "%d to %d slots, %d empty", least, most, counts[0]);
}

/* Slots that neither belonged to the removed real nor stayed with theirs. */
static void test_removal(int count)
{
	struct maglev_real reals[MAX];
	int moved = 0;
	char name[64];

	make(reals, count);
	maglev_fill(reals, count, table, XDPLB_SLOTS);
	maglev_fill(reals, count - 1, other, XDPLB_SLOTS);
	for (int i = 0; i < XDPLB_SLOTS; i++)
		moved += table[i] != (__u32)count && table[i] != other[i];
	snprintf(name, sizeof(name), "maglev: of %d reals one goes, 2%% of other slots move at most", count);
	check(moved <= XDPLB_SLOTS / 50, name, "%d moved", moved);
}

static void test_order(void)
{
	struct maglev_real reals[10], reversed[10];

	make(reals, 10);
	for (int i = 0; i < 10; i++)
		reversed[i] = reals[9 - i];
	maglev_fill(reals, 10, table, XDPLB_SLOTS);
	maglev_fill(reversed, 10, other, XDPLB_SLOTS);
	check(!memcmp(table, other, sizeof(table)), "maglev: the order of reals is no matter", "tables differ");
}

/* All but the last byte alike, as in one /64. */
static void test_ipv6_reals(void)
{
	struct maglev_real reals[100];
	int counts[MAX + 1], least = XDPLB_SLOTS, most = 0, moved = 0;

	for (int i = 0; i < 100; i++)
		reals[i] = (struct maglev_real){ { { htonl(0x20010db8), 0, 0, htonl(i + 1) } }, 1, i + 1 };
	maglev_fill(reals, 100, table, XDPLB_SLOTS);
	count_slots(table, counts);
	for (int i = 1; i <= 100; i++) {
		least = counts[i] < least ? counts[i] : least;
		most = counts[i] > most ? counts[i] : most;
	}
	maglev_fill(reals, 99, other, XDPLB_SLOTS);
	for (int i = 0; i < XDPLB_SLOTS; i++)
		moved += table[i] != 100 && table[i] != other[i];
	check(most - least <= 1 && moved <= XDPLB_SLOTS / 50, "maglev: IPv6 reals share as evenly, and move as little",
	      "%d to %d slots, %d moved", least, most, moved);
}

/* Half of 100 reals weigh 3, the others 1: every one must have its share. */
static void test_weights(void)
{
	struct maglev_real reals[100];
	int counts[MAX + 1], wrong = 0;

	make(reals, 100);
	for (int i = 0; i < 100; i += 2)
		reals[i].weight = 3;
	maglev_fill(reals, 100, table, XDPLB_SLOTS);
	count_slots(table, counts);
	for (int i = 0; i < 100; i++) {
		double share = XDPLB_SLOTS * reals[i].weight / 200.0;

		wrong += counts[i + 1] < share * 0.98 || counts[i + 1] > share * 1.02;
	}
	check(!wrong, "maglev: weights 3 and 1 give shares within 2%", "%d of 100 reals are off", wrong);
}

static void test_extremes(void)
{
	struct maglev_real reals[2];
	int counts[MAX + 1];

	make(reals, 2);
	reals[0].weight = 0;
	maglev_fill(reals, 2, table, XDPLB_SLOTS);
	count_slots(table, counts);
	check(counts[2] == XDPLB_SLOTS, "maglev: weight 0 gets no slot", "the other has %d", counts[2]);
	reals[0].weight = 1;
	reals[1].weight = 1000;
	maglev_fill(reals, 2, table, XDPLB_SLOTS);
	count_slots(table, counts);
	check(counts[1] >= 65 && counts[1] <= 66, "maglev: weight 1 against 1000 gets its 65 slots", "%d", counts[1]);
	maglev_fill(reals, 0, table, XDPLB_SLOTS);
	count_slots(table, counts);
	check(counts[0] == XDPLB_SLOTS, "maglev: no reals, all slots empty", "%d empty", counts[0]);
}

void test_maglev(void)
{
	static const int counts[] = { 1, 2, 3, 10, 100, 400 };

	for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++)
		test_even(counts[i]);
	test_removal(3);
	test_removal(10);
	test_removal(100);
	test_removal(400);
	test_order();
	test_ipv6_reals();
	test_weights();
	test_extremes();
}
