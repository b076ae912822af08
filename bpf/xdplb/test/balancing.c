// SPDX-License-Identifier: (MIT OR GPL-2.0-only)
/* Which flow goes where, and what is counted of it. */
#include "bench.h"
#include "harness.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define VIP "192.168.10.1:80/tcp"
#define FLOWS 10000
#define FIRST "10.111.222.11"
#define SECOND "10.111.222.12"
#define THIRD "10.111.222.13"
#define REAL(n) (0x0a6fde00u + (n))

/* One client with many ports, or many clients with one port: both must spread. SYNs, as these follow the ring alone. */
enum variety { PORTS, CLIENTS };

static struct frame flow(enum variety variety, int i)
{
	char client[20] = "10.111.220.11";

	if (variety == CLIENTS)
		snprintf(client, sizeof(client), "10.%d.%d.%d", 50 + i / 62500, i / 250 % 250, i % 250 + 1);
	return tcp(client, variety == PORTS ? 1024 + i : 40000, "192.168.10.1", 80, SYN, 0);
}

static __u32 *where(enum variety variety)
{
	__u32 *reals = calloc(FLOWS, sizeof(*reals));

	for (int i = 0; i < FLOWS; i++) {
		struct frame frame = flow(variety, i);

		reals[i] = real_of(&frame);
	}
	return reals;
}

static int count(const __u32 *reals, __u32 real)
{
	int found = 0;

	for (int i = 0; i < FLOWS; i++)
		found += reals[i] == real;
	return found;
}

/* Five standard deviations of independent choices: chance misses one time in a million. */
static int within_chance(int found, double share)
{
	double deviation = found - FLOWS * share;

	return deviation * deviation <= 25 * FLOWS * share * (1 - share);
}

static int start(void)
{
	return bench_new() && !bench_vip(VIP) && !bench_real(VIP, FIRST, 1) && !bench_real(VIP, SECOND, 1);
}

static void test_spread(enum variety variety, const char *name)
{
	__u32 *reals = where(variety);
	int first = count(reals, REAL(11)), second = count(reals, REAL(12));

	check(first + second == FLOWS && within_chance(first, 0.5), name, "%d and %d of %d", first, second, FLOWS);
	free(reals);
}

/* All that may differ between two packets of a flow. */
static struct frame vary(struct frame frame, int i)
{
	frame.bytes[AT_TOS] = i * 3;
	put16(&frame, AT_IP + 4, i * 77);
	frame.bytes[AT_TTL] = 1 + i % 255;
	frame.bytes[AT_L4 + 13] = i % 2 ? SYN : FIN | ACK;
	frame.bytes[AT_L4 + 7] = i;
	frame.bytes[2] = i;
	return frame;
}

static void test_stability(void)
{
	int moved = 0;

	for (int i = 0; i < 500; i++) {
		struct frame frame = flow(PORTS, i);
		__u32 real = real_of(&frame);

		for (int j = 0; j < 5; j++) {
			struct frame other = vary(frame, i + j * 50);

			moved += real_of(&other) != real;
		}
	}
	check(!moved, "balancing: all packets of a flow go to one real", "%d of 2500 did not", moved);
}

static void test_weight(void)
{
	__u32 *reals;
	int second;

	bench_real(VIP, SECOND, 3);
	reals = where(PORTS);
	second = count(reals, REAL(12));
	check(within_chance(second, 0.75), "balancing: weight 3 against 1 gets three quarters", "%d of %d", second, FLOWS);
	free(reals);
	bench_real(VIP, SECOND, 0);
	reals = where(PORTS);
	check(count(reals, REAL(11)) == FLOWS, "balancing: weight 0 gets no new flows", "%d of %d", count(reals, REAL(12)), FLOWS);
	free(reals);
	bench_real(VIP, FIRST, 0);
	reals = where(PORTS);
	check(count(reals, 0) == FLOWS, "balancing: all weights 0, nothing is sent", "%d dropped", count(reals, 0));
	free(reals);
}

static int moved_between(const __u32 *before, const __u32 *after, __u32 except)
{
	int moved = 0;

	for (int i = 0; i < FLOWS; i++)
		moved += before[i] != after[i] && before[i] != except && after[i] != except;
	return moved;
}

static void test_change(void)
{
	__u32 *two = where(PORTS), *three, *again;

	bench_real(VIP, THIRD, 1);
	three = where(PORTS);
	check(within_chance(count(three, REAL(13)), 1 / 3.0), "balancing: a new real gets its third", "%d of %d",
	      count(three, REAL(13)), FLOWS);
	check(moved_between(two, three, REAL(13)) <= FLOWS / 50, "balancing: to make room, flows move only to the new real",
	      "%d others moved", moved_between(two, three, REAL(13)));
	bench_real_del(VIP, THIRD);
	again = where(PORTS);
	check(!memcmp(two, again, FLOWS * sizeof(*two)), "balancing: after it left, all flows are where they were", "they are not");
	check(!count(again, REAL(13)), "balancing: a removed real gets nothing", "%d", count(again, REAL(13)));
	free(two);
	free(three);
	free(again);
}

static void test_order(void)
{
	__u32 *before = where(PORTS), *after;

	bench_new();
	bench_vip(VIP);
	bench_real(VIP, SECOND, 1);
	bench_real(VIP, FIRST, 1);
	after = where(PORTS);
	check(!memcmp(before, after, FLOWS * sizeof(*before)), "balancing: reals added in another order, same places", "they differ");
	free(before);
	free(after);
}

/* A VIP of any port whose clients are to meet: the port alone decides. */
#define MEETING "192.168.10.2/udp"
#define PORTS_ASKED 1000

static struct frame to_port(const char *client, int port)
{
	return udp(client, 1024 + port % 999, "192.168.10.2", port, 10);
}

static int clients_apart(int port)
{
	char client[20];
	__u32 first = 0;
	int apart = 0;

	for (int i = 0; i < 100; i++) {
		struct frame frame;
		__u32 real;

		snprintf(client, sizeof(client), "10.50.%d.%d", i, 200 - i);
		frame = to_port(client, port);
		real = real_of(&frame);
		first = i ? first : real;
		apart += !real || real != first;
	}
	return apart;
}

static int at_first_of_ports(void)
{
	int found = 0;

	for (int i = 0; i < PORTS_ASKED; i++) {
		struct frame frame = to_port("10.111.220.11", 5000 + i);

		found += real_of(&frame) == REAL(11);
	}
	return found;
}

static void test_hash_port(void)
{
	int first, apart = 0;

	bench_new();
	bench_vip(MEETING);
	bench_real(MEETING, FIRST, 1);
	bench_real(MEETING, SECOND, 1);
	for (int i = 0; i < 10; i++)
		apart += clients_apart(3478 + i);
	check(apart > 300, "balancing: clients of a port are spread", "only %d of 1000 from the first", apart);
	bench_new();
	bench_vip(MEETING);
	bench_hash_port(MEETING, 1);
	bench_real(MEETING, FIRST, 1);
	bench_real(MEETING, SECOND, 1);
	apart = 0;
	for (int i = 0; i < 10; i++)
		apart += clients_apart(3478 + i);
	check(!apart, "balancing: hashed by port, all clients of a port meet", "%d of 1000 did not", apart);
	first = at_first_of_ports();
	check(first > 421 && first < 579, "balancing: hashed by port, ports are spread", "%d of %d", first, PORTS_ASKED);
}

/* A hundred reals, a hundred thousand flows: chi square, and what moves when one real goes. */
#define MANY_REALS 100
#define MANY_FLOWS 100000

static void place(__u8 *reals)
{
	for (int i = 0; i < MANY_FLOWS; i++) {
		char client[20];
		struct frame frame;

		snprintf(client, sizeof(client), "10.%d.%d.%d", 50 + i / 62500, i / 250 % 250, i % 250 + 1);
		frame = tcp(client, 1024 + i % 50000, "192.168.10.1", 80, SYN, 0);
		reals[i] = real_of(&frame);
	}
}

static void test_many(void)
{
	__u8 *before = malloc(MANY_FLOWS), *after = malloc(MANY_FLOWS);
	int counts[256] = {}, others = 0;
	double chi = 0, expected = (double)MANY_FLOWS / MANY_REALS;
	char real[20];

	bench_new();
	bench_vip(VIP);
	for (int i = 1; i <= MANY_REALS; i++) {
		snprintf(real, sizeof(real), "10.111.222.%d", i);
		bench_real(VIP, real, 1);
	}
	place(before);
	for (int i = 0; i < MANY_FLOWS; i++)
		counts[before[i]]++;
	for (int i = 1; i <= MANY_REALS; i++)
		chi += (counts[i] - expected) * (counts[i] - expected) / expected;
	check(chi < 150 && !counts[0], "balancing: 100000 flows over 100 reals, chi square below 150", "%.1f, %d lost", chi, counts[0]);
	bench_real_del(VIP, "10.111.222.50");
	place(after);
	for (int i = 0; i < MANY_FLOWS; i++)
		others += before[i] != 50 && before[i] != after[i];
	check(others <= MANY_FLOWS / 50, "balancing: one of 100 reals goes, 2% of other flows' slots move at most", "%d", others);
	free(before);
	free(after);
}

/* Counters */

static void send_one(enum cpu cpu, int flags, int payload)
{
	struct frame frame = tcp("10.111.220.11", 31337, "192.168.10.1", 80, flags, payload);

	run_on(cpu, &frame);
}

static void test_counters(void)
{
	struct real_stats real;
	struct vip_stats vip;

	bench_new();
	bench_vip(VIP);
	bench_real(VIP, FIRST, 1);
	send_one(FIRST_CPU, SYN, 0);
	send_one(LAST_CPU, SYN | ECE | CWR, 0);
	send_one(FIRST_CPU, SYN | ACK, 0);
	send_one(LAST_CPU, ACK, 100);
	send_one(FIRST_CPU, FIN | ACK, 0);
	send_one(FIRST_CPU, RST, 0);
	real = read_real(VIP, FIRST);
	vip = read_vip(VIP);
	check(real.packets == 6, "counters: packets of a real, over two CPUs", "%llu, not 6", real.packets);
	check(real.bytes == 6 * 40 + 100, "counters: bytes are whole inner IP packets", "%llu, not 340", real.bytes);
	check(real.connections == 2, "counters: connections are SYNs without ACK", "%llu, not 2", real.connections);
	check(vip.packets == 6 && vip.bytes == 340, "counters: a VIP's are its reals' sum", "%llu, %llu", vip.packets, vip.bytes);
}

static void test_udp_counters(void)
{
	struct frame frame = udp("10.111.220.11", 5353, "192.168.10.1", 53, 7);
	struct real_stats real;

	/* Where TCP has its flags, so that a careless reader counts a SYN. */
	memset(frame.bytes + AT_L4 + 8, SYN, 7);
	bench_vip("192.168.10.1:53/udp");
	bench_real("192.168.10.1:53/udp", FIRST, 1);
	memset(frame.bytes + frame.length, 0xee, 60 - frame.length);
	frame.length = 60;
	run(&frame);
	run(&frame);
	real = read_real("192.168.10.1:53/udp", FIRST);
	check(real.packets == 2 && real.bytes == 70, "counters: UDP bytes without Ethernet padding", "%llu, %llu", real.packets,
	      real.bytes);
	check(real.connections == 0, "counters: UDP has no connections", "%llu", real.connections);
	check(read_real(VIP, FIRST).packets == 6, "counters: one address behind two VIPs is counted apart", "%llu",
	      read_real(VIP, FIRST).packets);
}

void test_balancing(void)
{
	hear();
	if (!check(start(), "balancing: set-up", "%s", heard()))
		return;
	test_stability();
	test_spread(PORTS, "balancing: two reals share one client's ports");
	test_spread(CLIENTS, "balancing: two reals share many clients");
	test_change();
	test_order();
	test_weight();
	test_many();
	test_hash_port();
	test_counters();
	test_udp_counters();
}
