// SPDX-License-Identifier: (MIT OR GPL-2.0-only)
/* IPv6 VIPs and reals: the rules of IPv4 wherever they have a meaning. */
#include "../ctl/message.h"
#include "bench.h"
#include "harness.h"
#include "wire.h"

#include <stdio.h>
#include <string.h>

#define CLIENT "2001:db8:20::11"
#define WEB "[2001:db8:10::1]:80/tcp"
#define ALL "2001:db8:10::1/tcp"
#define DNS "[2001:db8:10::1]:53/udp"
#define EMPTY "[2001:db8:10::2]:80/tcp"
#define BOTH "192.168.10.1:80/tcp"

static struct frame web(int flags, int payload)
{
	return tcp6(CLIENT, 31337, "2001:db8:10::1", 80, flags, payload);
}

static void sent_to(const char *name, struct frame frame, const char *real)
{
	const char *got = real_for(&frame);
	char title[128];

	snprintf(title, sizeof(title), "IPv6: %s", name);
	check(!strcmp(got, real), title, "went to '%s'", got);
}

static void expect(const char *name, struct frame frame, enum outcome outcome)
{
	char title[128];

	snprintf(title, sizeof(title), "IPv6: %s", name);
	expect_outcome(title, &frame, outcome);
}

static void test_sent(void)
{
	static const int classes[] = { 0, 1, 2, 3, 0xb8, 0xff };
	char name[64];

	sent_to("6in6", web(SYN, 0), "2001:db8:222::11");
	sent_to("odd payload", web(ACK, 1), "2001:db8:222::11");
	sent_to("a full-size segment", web(ACK, 1440), "2001:db8:222::11");
	sent_to("another port goes to the VIP for any port", tcp6(CLIENT, 1, "2001:db8:10::1", 8080, SYN, 0), "2001:db8:222::12");
	sent_to("UDP", udp6(CLIENT, 5353, "2001:db8:10::1", 53, 9), "2001:db8:222::13");
	sent_to("the frame's padding does not count", pad(udp6(CLIENT, 5353, "2001:db8:10::1", 53, 0), 64), "2001:db8:222::13");
	sent_to("4in6: an IPv4 VIP may have an IPv6 real", tcp("10.111.220.11", 1, "192.168.10.1", 80, SYN, 3), "2001:db8:222::14");
	for (size_t i = 0; i < sizeof(classes) / sizeof(classes[0]); i++) {
		snprintf(name, sizeof(name), "traffic class 0x%02x is copied", classes[i]);
		sent_to(name, with16(web(ACK, 5), AT_IP, 0x6001 | classes[i] << 4), "2001:db8:222::11");
	}
}

static void test_passed(void)
{
	static const int others[] = { 0, 43, 60, 50, 51, 58, 59, 132, 4, 41 };
	char name[64];

	expect("not for a VIP", tcp6(CLIENT, 1, "2001:db8:10::9", 80, SYN, 0), PASS);
	expect("UDP to a TCP port", udp6(CLIENT, 1, "2001:db8:10::1", 80, 0), PASS);
	expect("from a VIP", tcp6("2001:db8:10::1", 80, CLIENT, 1, SYN | ACK, 0), PASS);
	expect("a fragment to the host", with(tcp6(CLIENT, 1, "2001:db8:10::9", 80, SYN, 0), AT_NEXT6, 44), PASS);
	expect("a lying length to the host", with16(tcp6(CLIENT, 1, "2001:db8:10::9", 80, SYN, 0), AT_LENGTH6, 99), PASS);
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		snprintf(name, sizeof(name), "next header %d to a VIP", others[i]);
		expect(name, with(web(SYN, 20), AT_NEXT6, others[i]), PASS);
	}
	/* 135: Neighbour Solicitation, without which nobody finds the host. */
	expect("neighbour discovery", icmp(CLIENT, "2001:db8:10::1", 135, 0, 0, "0123456789abcdef", 16), PASS);
}

static void test_faults(void)
{
	char name[64];

	for (int length = 14; length < 54; length++) {
		snprintf(name, sizeof(name), "frame of %d bytes", length);
		expect(name, cut(web(SYN, 0), length), DROP_TRUNCATED);
	}
	for (int length = 54; length < 74; length++) {
		snprintf(name, sizeof(name), "TCP frame of %d bytes, payload length says 20", length);
		expect(name, cut(web(SYN, 0), length), DROP_TOTAL_LENGTH);
		snprintf(name, sizeof(name), "TCP frame of %d bytes, payload length agrees", length);
		expect(name, with16(cut(web(SYN, 0), length), AT_LENGTH6, length - 54), DROP_TRUNCATED);
	}
	expect("padded UDP, payload length 7", with16(pad(udp6(CLIENT, 1, "2001:db8:10::1", 53, 0), 80), AT_LENGTH6, 7),
	       DROP_TRUNCATED);
	expect("payload length 65535", with16(web(SYN, 0), AT_LENGTH6, 65535), DROP_TOTAL_LENGTH);
	expect("fragment", with(web(ACK, 40), AT_NEXT6, 44), DROP_FRAGMENT);
	for (int version = 0; version < 16; version++) {
		if (version == 6)
			continue;
		snprintf(name, sizeof(name), "version %d in an IPv6 frame", version);
		expect(name, with(web(SYN, 0), AT_IP, version << 4), DROP_VERSION);
	}
	expect("VIP without reals", tcp6(CLIENT, 1, "2001:db8:10::2", 80, SYN, 0), DROP_NO_REAL);
}

static void test_no_source(void)
{
	struct device_config config = bench_config();

	memset(&config.source6, 0, sizeof(config.source6));
	bench_configure(&config);
	expect("no IPv6 source configured", web(SYN, 0), DROP_NO_SOURCE);
	config = bench_config();
	config.source = 0;
	bench_configure(&config);
	expect("no IPv4 source configured", tcp("10.111.220.11", 1, "192.168.10.5", 80, SYN, 0), DROP_NO_SOURCE);
	config = bench_config();
	bench_configure(&config);
}

static void test_counters(void)
{
	struct frame frame = web(SYN, 100);
	struct real_stats before = read_real(WEB, "2001:db8:222::11"), after;

	run(&frame);
	after = read_real(WEB, "2001:db8:222::11");
	check(after.bytes - before.bytes == 160 && after.connections - before.connections == 1,
	      "IPv6: bytes include the IPv6 header", "%llu", after.bytes - before.bytes);
}

static void test_mixed(void)
{
	hear();
	check(bench_real(WEB, "10.111.222.11", 1) == EXIT_FAILED && said("has an IPv4 address and the VIP an IPv6 one"),
	      "IPv6: an IPv4 real behind an IPv6 VIP is refused", "%s", heard());
}

/* 1000 clients of one network and one port: both halves of the address must count. */
static void test_spread(void)
{
	int low = 0, high = 0;
	char client[40];

	bench_vip("[2001:db8:10::3]:80/tcp");
	bench_real("[2001:db8:10::3]:80/tcp", "2001:db8:222::21", 1);
	bench_real("[2001:db8:10::3]:80/tcp", "2001:db8:222::22", 1);
	for (int i = 0; i < 1000; i++) {
		struct frame frame;

		snprintf(client, sizeof(client), "2001:db8:20::%x", i + 1);
		frame = tcp6(client, 40000, "2001:db8:10::3", 80, SYN, 0);
		low += !strcmp(real_for(&frame), "2001:db8:222::21");
		snprintf(client, sizeof(client), "2001:db8:%x::1", i + 1);
		frame = tcp6(client, 40000, "2001:db8:10::3", 80, SYN, 0);
		high += !strcmp(real_for(&frame), "2001:db8:222::21");
	}
	check(low > 400 && low < 600 && high > 400 && high < 600, "IPv6: clients of one network, and networks, spread", "%d, %d", low, high);
}

static int set_up(void)
{
	return bench_new() && !bench_vip(WEB) && !bench_real(WEB, "2001:db8:222::11", 1) && !bench_vip(ALL) &&
	       !bench_real(ALL, "2001:db8:222::12", 1) && !bench_vip(DNS) && !bench_real(DNS, "2001:db8:222::13", 1) &&
	       !bench_vip(EMPTY) && !bench_vip(BOTH) && !bench_real(BOTH, "2001:db8:222::14", 1) &&
	       !bench_vip("192.168.10.5/tcp") && !bench_real("192.168.10.5/tcp", "10.111.222.15", 1);
}

void test_ipv6(void)
{
	hear();
	if (!check(set_up(), "IPv6: set-up", "%s", heard()))
		return;
	test_sent();
	test_passed();
	test_faults();
	test_no_source();
	test_counters();
	test_mixed();
	test_spread();
}
