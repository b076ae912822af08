// SPDX-License-Identifier: (MIT OR GPL-2.0-only)
/* The connection table: what stays where while the ring changes. */
#include "bench.h"
#include "harness.h"
#include "wire.h"

#include <bpf/bpf.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define VIP "192.168.10.1:80/tcp"
#define DNS "192.168.10.1:53/udp"
#define FIRST "10.111.222.11"
#define SECOND "10.111.222.12"
#define FLOWS 300
#define REAL(n) (0x0a6fde00u + (n))

static struct state *state;

static struct frame segment(int port, int flags)
{
	return tcp("10.111.220.11", 2000 + port, "192.168.10.1", 80, flags, 10);
}

static struct frame datagram(int port)
{
	return udp("10.111.220.11", 2000 + port, "192.168.10.1", 53, 10);
}

static __u32 send_segment(int port, int flags)
{
	struct frame frame = segment(port, flags);

	return real_of(&frame);
}

static __u32 send_datagram(int port)
{
	struct frame frame = datagram(port);

	return real_of(&frame);
}

static int start(__u32 capacity)
{
	state = bench_new_for(capacity);
	return state && !bench_vip(VIP) && !bench_real(VIP, FIRST, 1) && !bench_real(VIP, SECOND, 1);
}

static void set_settings(int udp_ticks, int new_flows)
{
	struct settings settings;

	state_read_settings(state, &settings);
	if (udp_ticks >= 0)
		settings.udp_ticks = udp_ticks;
	if (new_flows >= 0)
		settings.new_flows = new_flows;
	state_write_settings(state, &settings);
}

static int entries(void)
{
	struct flow_key key, *previous = NULL;
	int count = 0;

	while (!bpf_map_get_next_key(state->flows, previous, &key)) {
		previous = &key;
		count++;
	}
	return count;
}

static void open_all(__u32 *reals)
{
	for (int i = 0; i < FLOWS; i++) {
		reals[i] = send_segment(i, SYN);
		send_segment(i, ACK);
	}
}

static int moved(const __u32 *reals, __u32 except)
{
	int count = 0;

	for (int i = 0; i < FLOWS; i++)
		count += reals[i] != except && send_segment(i, ACK) != reals[i];
	return count;
}

static int new_flows_to(__u32 real)
{
	int count = 0;

	for (int i = 0; i < FLOWS; i++)
		count += send_segment(10000 + i, SYN) == real;
	return count;
}

static int at(const __u32 *reals, __u32 real)
{
	int count = 0;

	for (int i = 0; i < FLOWS; i++)
		count += reals[i] == real;
	return count;
}

/* The scenario's heart: connections stay open while a real comes, drains and goes. */
static void test_life_of_a_real(void)
{
	__u32 reals[FLOWS];

	open_all(reals);
	check(at(reals, REAL(11)) > FLOWS / 4 && at(reals, REAL(12)) > FLOWS / 4, "flows: two reals have connections", "%d and %d",
	      at(reals, REAL(11)), at(reals, REAL(12)));
	bench_real(VIP, "10.111.222.13", 1);
	check(!moved(reals, 0), "flows: a real comes, no connection moves", "%d moved", moved(reals, 0));
	check(new_flows_to(REAL(13)) > FLOWS / 5, "flows: it gets its share of new ones", "%d", new_flows_to(REAL(13)));
	bench_drain(VIP, SECOND);
	check(!moved(reals, 0), "flows: a real drains, no connection moves, not even its own", "%d moved", moved(reals, 0));
	check(!new_flows_to(REAL(12)), "flows: a draining real gets no new ones", "%d", new_flows_to(REAL(12)));
	bench_real(VIP, SECOND, -1);
	check(new_flows_to(REAL(12)) > FLOWS / 5, "flows: added again, it does", "%d", new_flows_to(REAL(12)));
	bench_real(VIP, SECOND, 0);
	check(!moved(reals, 0) && !new_flows_to(REAL(12)), "flows: weight 0 is the same as draining", "%d moved", moved(reals, 0));
	bench_real_del(VIP, SECOND);
	check(!moved(reals, REAL(12)), "flows: a real goes, only its own connections move", "%d others moved", moved(reals, REAL(12)));
	for (int i = 0; i < FLOWS; i++)
		if (reals[i] == REAL(12) && send_segment(i, ACK) == REAL(12))
			reals[0] = 0;
	check(reals[0] != 0, "flows: and those go to the others", "one still goes to it");
}

/* The freed entry is taken by another real: flows of the old one must not follow it blindly. */
static void test_generation(void)
{
	__u32 reals[FLOWS], ring[FLOWS];
	int wrong = 0;

	start(0);
	open_all(reals);
	bench_real_del(VIP, SECOND);
	bench_real(VIP, "10.111.222.14", 1);
	for (int i = 0; i < FLOWS; i++)
		ring[i] = send_segment(i + 20000, SYN);
	for (int i = 0; i < FLOWS; i++) {
		__u32 now = send_segment(i, ACK), fresh;

		if (reals[i] != REAL(12))
			continue;
		fresh = send_segment(i, SYN);
		wrong += now != fresh;
	}
	check(!wrong && at(ring, REAL(14)) > 0, "flows: a freed real's connections go by the ring, not to its entry's next owner",
	      "%d followed", wrong);
}

static void test_syn(void)
{
	__u32 before, after;
	int port;

	start(0);
	for (int i = 0; i < 50; i++)
		send_segment(i, SYN);
	check(entries() == 0 && read_event(FLOW_SYN) == 50, "flows: SYNs leave no entry", "%d entries", entries());
	for (int i = 0; i < 50; i++)
		send_segment(i, ACK);
	check(entries() == 50 && read_event(FLOW_ENTERED) == 50, "flows: the packet behind each does", "%d entries", entries());
	for (int i = 50; i < 60; i++)
		send_segment(i, RST | ACK);
	check(entries() == 50 && read_event(FLOW_UNNOTED) == 10, "flows: a RST leaves none", "%d entries", entries());
	send_segment(3, RST);
	check(read_event(FLOW_HIT) == 1, "flows: but is looked up", "%llu hits", read_event(FLOW_HIT));
	bench_real(VIP, "10.111.222.13", 1000);
	for (port = 0; port < 50 && send_segment(port, ACK) == REAL(13); port++)
		;
	before = send_segment(port, ACK);
	after = send_segment(port, SYN);
	check(before != REAL(13) && after == REAL(13) && send_segment(port, ACK) == REAL(13),
	      "flows: a new connection with old ports goes by the ring, and stays there", "%08x, %08x, %08x", before, after,
	      send_segment(port, ACK));
	check(entries() == 50, "flows: for which its entry is corrected", "%d entries", entries());
}

static void test_udp(void)
{
	__u32 before;
	int stayed = 0, left = 0;

	start(0);
	bench_vip(DNS);
	bench_real(DNS, FIRST, 1);
	before = send_datagram(1);
	check(entries() == 1, "flows: a datagram leaves an entry", "%d", entries());
	bench_drain(DNS, FIRST);
	bench_real(DNS, SECOND, 1);
	check(before == REAL(11) && send_datagram(1) == REAL(11), "flows: UDP stays, too", "%08x", send_datagram(1));
	set_settings(0, -1);
	/* 0 ticks: good for the rest of this tick, so it ends within one. */
	for (int i = 0; i < 200 && !left; i++) {
		left = send_datagram(2) == REAL(12) && send_datagram(1) == REAL(12);
		stayed += !left;
		usleep(10000);
	}
	check(left, "flows: a silent UDP flow is forgotten", "after %d tries it still goes to %08x", stayed, send_datagram(1));
	check(send_segment(1, SYN) && send_segment(1, ACK), "flows: TCP is not", "no");
}

static void test_guard(void)
{
	__u64 entered, guarded;

	start(0);
	set_settings(-1, 20);
	for (int i = 0; i < 200; i++)
		send_segment(i, ACK);
	entered = read_event(FLOW_ENTERED);
	guarded = read_event(FLOW_GUARDED);
	/* A tick may end in between, and the kernel may change the CPU once. */
	check(entered >= 20 && entered <= 80 && entered + guarded == 200, "flows: 20 new ones a tick are noted, the flood is not",
	      "%llu noted, %llu not", entered, guarded);
	check(entries() == (int)entered, "flows: which bounds the entries", "%d", entries());
	set_settings(-1, 0);
	for (int i = 1000; i < 1100; i++)
		send_segment(i, ACK);
	check(read_event(FLOW_ENTERED) == entered + 100, "flows: guard 0 is no guard", "%llu", read_event(FLOW_ENTERED) - entered);
}

/* Reals get ACKs of flows never seen, as after a restart: not dropped. */
static void test_eviction(void)
{
	int sent = 0;

	start(64);
	check(state_capacity(state) >= 64 && state_capacity(state) < 64 + 1024, "flows: --capacity is kept", "%u",
	      state_capacity(state));
	set_settings(-1, 0);
	for (int i = 0; i < 5000; i++)
		sent += send_segment(i, ACK) != 0;
	check(sent == 5000, "flows: a full table drops no packet", "%d sent", sent);
	check(entries() <= (int)state_capacity(state), "flows: and holds what it has room for", "%d", entries());
}

/* A packet of one flow may come in on any CPU; the table is shared, its lists are not. */
static void test_cpus(void)
{
	__u32 reals[FLOWS];
	int wrong = 0;

	start(0);
	open_all(reals);
	bench_real(VIP, "10.111.222.13", 5);
	for (int i = 0; i < FLOWS; i++)
		for (enum cpu cpu = FIRST_CPU; cpu <= LAST_CPU; cpu++) {
			struct frame frame = segment(i, ACK);
			struct result result = run_on(cpu, &frame);

			wrong += strcmp(wire_real(&result.frame), reals[i] == REAL(11) ? FIRST : SECOND) != 0;
		}
	check(!wrong, "flows: found on every CPU", "%d of %d were not", wrong, 2 * FLOWS);
}

static void test_capacity_is_fixed(void)
{
	struct state other;

	start(1000);
	close(state->lock);
	state->lock = -1;
	hear();
	check(state_open_or_create_for(&other, bench_pin(), 5000) && said("cannot change while it is in use"),
	      "flows: another --capacity is refused", "%s", heard());
	state_close(&other);
}

void test_flows(void)
{
	hear();
	if (!check(start(0), "flows: set-up", "%s", heard()))
		return;
	test_life_of_a_real();
	test_generation();
	test_syn();
	test_udp();
	test_guard();
	test_eviction();
	test_cpus();
	test_capacity_is_fixed();
}
