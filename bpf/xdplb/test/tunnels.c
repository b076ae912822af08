// SPDX-License-Identifier: (MIT OR GPL-2.0-only)
/* Outer headers that differ from the default: GUE, and sources that follow the flow. */
#include "bench.h"
#include "harness.h"
#include "wire.h"

#include <arpa/inet.h>
#include <linux/bpf.h>
#include <stdio.h>
#include <string.h>

#define WEB "192.168.10.1:80/tcp"
#define MIXED "192.168.10.2:80/tcp"
#define WEB6 "[2001:db8:10::1]:80/tcp"

static struct frame web(int port)
{
	return tcp("10.111.220.11", port, "192.168.10.1", 80, ACK, 100);
}

static struct frame web6(int port)
{
	return tcp6("2001:db8:20::11", port, "2001:db8:10::1", 80, ACK, 100);
}

static struct frame mixed(int port)
{
	return tcp("10.111.220.11", port, "192.168.10.2", 80, ACK, 100);
}

static void test_gue(struct frame (*make)(int), const char *vip, const char *real, int bytes, const char *name)
{
	struct frame frame = make(1000);
	struct result result;
	char title[128];

	bench_encap(vip, XDPLB_GUE_PORT);
	result = run(&frame);
	snprintf(title, sizeof(title), "tunnels: %s", name);
	check(!strcmp(real_for(&frame), real) && (int)(result.frame.length - frame.length) == bytes, title, "went to '%s'",
	      real_for(&frame));
	bench_encap(vip, 0);
	snprintf(title, sizeof(title), "tunnels: %s, taken back", name);
	result = run(&frame);
	check(!strcmp(real_for(&frame), real) && (int)(result.frame.length - frame.length) == bytes - 8, title, "went to '%s'",
	      real_for(&frame));
}

/* Distinct values at `at` over 200 flows, each of which must keep its own. */
static int variety(struct frame (*make)(int), int at4, int *steady)
{
	int seen[200], count = 0;

	*steady = 1;
	for (int i = 0; i < 200; i++) {
		struct frame frame = make(5000 + i);
		struct result first = run(&frame), again;
		int value = get16(&first.frame, at4), known = 0;

		frame = make(5000 + i);
		frame.bytes[frame.length - 1] = i;
		again = run(&frame);
		*steady &= value == get16(&again.frame, at4);
		for (int j = 0; j < count; j++)
			known |= seen[j] == value;
		if (!known)
			seen[count++] = value;
	}
	return count;
}

static void test_gue_ports(void)
{
	int steady, count;

	bench_encap(WEB, XDPLB_GUE_PORT);
	count = variety(web, AT_L4, &steady);
	check(count > 180 && steady, "tunnels: GUE's source port follows the flow", "%d of 200, steady %d", count, steady);
	bench_encap(WEB, 0);
}

static void test_prefixes(void)
{
	struct device_config config = bench_config(), plain = config;
	struct frame frame = web(1);
	struct result result;
	int steady, count, wrong = 0;

	count = variety(web, AT_CLIENT + 2, &steady);
	check(count == 1 && steady, "tunnels: without --src-prefix there is one source", "%d", count);
	inet_pton(AF_INET, "172.16.0.0", &config.source);
	config.vary = htonl(0xffff);
	config.vary6 = 1;
	bench_configure(&config);
	count = variety(web, AT_CLIENT + 2, &steady);
	check(count > 180 && steady, "tunnels: with it, the source follows the flow", "%d of 200, steady %d", count, steady);
	for (int i = 0; i < 200; i++) {
		frame = web(7000 + i);
		result = run(&frame);
		wrong += strncmp(wire_source(&result.frame), "172.16.", 7) != 0 || strcmp(real_for(&frame), "10.111.222.11");
	}
	check(!wrong, "tunnels: it stays inside the prefix, checksum right", "%d do not", wrong);
	count = variety(web6, AT_CLIENT6 + 14, &steady);
	check(count > 180 && steady, "tunnels: the same for IPv6", "%d of 200, steady %d", count, steady);
	for (int i = 0; i < 200; i++) {
		frame = web6(7000 + i);
		result = run(&frame);
		wrong += strncmp(wire_source(&result.frame), "2001:db8:221:", 13) != 0 || strcmp(real_for(&frame), "2001:db8:222::11");
	}
	check(!wrong, "tunnels: only the last 32 bits of it", "%d do not", wrong);
	bench_configure(&plain);
}

void test_tunnels(void)
{
	hear();
	if (!check(bench_new() && !bench_vip(WEB) && !bench_real(WEB, "10.111.222.11", 1) && !bench_vip(WEB6) &&
			   !bench_real(WEB6, "2001:db8:222::11", 1) && !bench_vip(MIXED) &&
			   !bench_real(MIXED, "2001:db8:222::12", 1),
		   "tunnels: set-up", "%s", heard()))
		return;
	test_gue(web, WEB, "10.111.222.11", 28, "IPv4 in GUE");
	test_gue(web6, WEB6, "2001:db8:222::11", 48, "IPv6 in GUE");
	test_gue(mixed, MIXED, "2001:db8:222::12", 48, "IPv4 in GUE over IPv6");
	test_gue_ports();
	test_prefixes();
}
