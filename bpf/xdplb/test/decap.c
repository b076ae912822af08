// SPDX-License-Identifier: (MIT OR GPL-2.0-only)
/* At the real: what the balancer put on comes off, to the byte; all else stays as it is. */
#include "../ctl/decap.h"

#include "../ctl/message.h"
#include "../ctl/text.h"
#include "bench.h"
#include "harness.h"
#include "wire.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <linux/bpf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WEB "192.168.10.1:80/tcp"
#define MIXED "192.168.10.2:80/tcp"
#define WEB6 "[2001:db8:10::1]:80/tcp"
#define OUTER 14

static const char *const outcome_names[DECAP_OUTCOMES] = {
#define NAME(id, name) [id] = name,
	DECAP_COUNTERS(NAME)
#undef NAME
};

static struct decap decap;
static struct state *balancer;

static __u64 count_of(__u32 outcome)
{
	__u64 values[1024], sum = 0;
	int cpus = libbpf_num_possible_cpus();

	if (cpus > 1024 || bpf_map_lookup_elem(decap.counts, &outcome, values))
		return 0;
	for (int i = 0; i < cpus; i++)
		sum += values[i];
	return sum;
}

static struct result open_frame(const struct frame *frame)
{
	int program = balancer->program;
	struct result result;

	balancer->program = decap.program;
	result = run(frame);
	balancer->program = program;
	return result;
}

/* inner: what must come out; NULL: the frame as it was. */
static void expect(const char *name, struct frame frame, enum decap_outcome outcome, const struct frame *inner)
{
	__u64 before = count_of(outcome);
	struct result result = open_frame(&frame);
	int verdict = outcome >= DECAP_BAD_OUTER ? XDP_DROP : XDP_PASS;
	char title[128];

	if (!inner)
		inner = &frame;
	snprintf(title, sizeof(title), "decap: %s: %s", name, outcome_names[outcome]);
	check(result.verdict == verdict && count_of(outcome) == before + 1 && result.frame.length == inner->length &&
		      !memcmp(result.frame.bytes + 12, inner->bytes + 12, inner->length - 12),
	      title, "verdict %d, counted %llu, %u bytes", result.verdict, count_of(outcome) - before, result.frame.length);
}

static struct frame tunnelled(const struct frame *inner)
{
	struct result result = run(inner);

	if (result.verdict != XDP_TX)
		abort();
	return result.frame;
}

static void round_trip(const char *name, struct frame inner, enum decap_outcome outcome)
{
	struct frame outer = tunnelled(&inner), macs;
	struct result result;
	char title[128];

	expect(name, outer, outcome, &inner);
	result = open_frame(&outer);
	macs = outer;
	snprintf(title, sizeof(title), "decap: %s: Ethernet addresses stay", name);
	check(!memcmp(result.frame.bytes, macs.bytes, 12), title, "they do not");
}

static struct frame sum_again(struct frame frame)
{
	put16(&frame, OUTER + 10, 0);
	put16(&frame, OUTER + 10, (__u16)~ones_sum(frame.bytes + OUTER, 20, 0));
	return frame;
}

static void test_kinds(void)
{
	struct frame web = tcp("10.111.220.11", 1, "192.168.10.1", 80, ACK, 100);
	struct frame web6 = tcp6("2001:db8:20::11", 1, "2001:db8:10::1", 80, ACK, 100);
	struct frame mixed = tcp("10.111.220.11", 1, "192.168.10.2", 80, ACK, 100);

	round_trip("4in4", web, DECAP_IPIP);
	round_trip("6in6", web6, DECAP_6IN6);
	round_trip("4in6", mixed, DECAP_4IN6);
	bench_encap(WEB, XDPLB_GUE_PORT);
	bench_encap(WEB6, XDPLB_GUE_PORT);
	bench_encap(MIXED, XDPLB_GUE_PORT);
	round_trip("4 in GUE over 4", web, DECAP_GUE);
	round_trip("6 in GUE over 6", web6, DECAP_GUE);
	round_trip("4 in GUE over 6", mixed, DECAP_GUE);
	bench_encap(WEB, 0);
	bench_encap(WEB6, 0);
	bench_encap(MIXED, 0);
	round_trip("an inner packet with padding behind it", pad(udp("10.1.1.1", 1, "192.168.10.1", 53, 0), 60), DECAP_IPIP);
}

static void test_not_ours(void)
{
	struct frame inner = tcp("10.111.220.11", 1, "192.168.10.1", 80, ACK, 100), outer = tunnelled(&inner);

	expect("plain TCP", inner, DECAP_PASS, NULL);
	expect("plain IPv6", tcp6("2001:db8:20::11", 1, "2001:db8:222::11", 80, ACK, 0), DECAP_PASS, NULL);
	expect("UDP to another port", udp("10.1.1.1", 6080, "10.111.222.11", 6081, 60), DECAP_PASS, NULL);
	expect("ARP", with16(outer, AT_TYPE, 0x0806), DECAP_PASS, NULL);
	expect("a tunnel to another host", sum_again(with(outer, OUTER + 19, 99)), DECAP_PASS, NULL);
	expect("a fragment of a tunnel", sum_again(with16(outer, OUTER + 6, 0x2000)), DECAP_PASS, NULL);
	expect("6in4, which xdplb never sends", sum_again(with(outer, OUTER + 9, 41)), DECAP_PASS, NULL);
}

static void test_gue_faults(void)
{
	struct frame inner = tcp("10.111.220.11", 1, "192.168.10.1", 80, ACK, 100), outer;

	bench_encap(WEB, XDPLB_GUE_PORT);
	outer = tunnelled(&inner);
	expect("GUE with a checksum is the stack's", with16(outer, OUTER + 26, 0x1234), DECAP_PASS, NULL);
	expect("GUE variant 0 is not ours", with(outer, OUTER + 28, 0x00), DECAP_PASS, NULL);
	expect("GUE whose UDP length lies", with16(outer, OUTER + 24, 30), DECAP_PASS, NULL);
	bench_encap(WEB, 0);
}

static void test_lies(void)
{
	struct frame inner = tcp("10.111.220.11", 1, "192.168.10.1", 80, ACK, 100), outer = tunnelled(&inner);
	struct frame inner6 = tcp6("2001:db8:20::11", 1, "2001:db8:10::1", 80, ACK, 100), outer6 = tunnelled(&inner6);

	expect("outer checksum", with(outer, OUTER + 8, 1), DECAP_BAD_OUTER, NULL);
	expect("outer length beyond the frame", sum_again(with16(outer, OUTER + 2, 500)), DECAP_BAD_OUTER, NULL);
	expect("outer IPv6 length beyond the frame", with16(outer6, OUTER + 4, 500), DECAP_BAD_OUTER, NULL);
	expect("outer length cuts the inner packet", sum_again(with16(outer, OUTER + 2, 159)), DECAP_BAD_INNER, NULL);
	expect("inner version", with(outer, OUTER + 20, 0x65), DECAP_BAD_INNER, NULL);
	expect("inner header length", with(outer, OUTER + 20, 0x44), DECAP_BAD_INNER, NULL);
	expect("inner length", with16(outer, OUTER + 22, 141), DECAP_BAD_INNER, NULL);
	expect("inner length below its header", with16(outer, OUTER + 22, 19), DECAP_BAD_INNER, NULL);
	expect("inner IPv6 version", with(outer6, OUTER + 40, 0x45), DECAP_BAD_INNER, NULL);
	expect("inner IPv6 length", with16(outer6, OUTER + 44, 121), DECAP_BAD_INNER, NULL);
	expect("nothing inside", sum_again(with16(cut(outer, 34), OUTER + 2, 20)), DECAP_BAD_INNER, NULL);
}

/* RFC 6040: outer CE marks an ECN-capable inner packet, and costs another its life. */
static void test_congestion(void)
{
	struct frame inner = with(tcp("10.111.220.11", 1, "192.168.10.1", 80, ACK, 9), AT_TOS, 0xb8), outer, marked;
	struct frame inner6 = with16(tcp6("2001:db8:20::11", 1, "2001:db8:10::1", 80, ACK, 9), AT_IP, 0x6ba1);
	struct result result;

	outer = sum_again(with(tunnelled(&inner), OUTER + 1, 0xbb));
	expect("congestion, inside not ECN-capable", outer, DECAP_CONGESTED, NULL);
	for (int ecn = 1; ecn <= 3; ecn++) {
		inner = sum_again(with(inner, AT_TOS, 0xb8 | ecn));
		marked = sum_again(with(inner, AT_TOS, 0xbb));
		outer = sum_again(with(tunnelled(&inner), OUTER + 1, 0xbb));
		expect("congestion reaches the inner packet, checksum right", outer, DECAP_IPIP, &marked);
	}
	outer = tunnelled(&inner6);
	put16(&outer, OUTER, 0x6bb0);
	result = open_frame(&outer);
	check(result.verdict == XDP_PASS && get16(&result.frame, AT_IP) == 0x6bb1, "decap: the same for IPv6", "%04x",
	      get16(&result.frame, AT_IP));
}

static int set_up(void)
{
	struct decap_options options = { .count = 2, .gue_port = XDPLB_GUE_PORT };

	parse_unicast("10.111.222.11", &options.addresses[0]);
	parse_unicast("2001:db8:222::11", &options.addresses[1]);
	balancer = bench_new();
	return balancer && !bench_vip(WEB) && !bench_real(WEB, "10.111.222.11", 1) && !bench_vip(WEB6) &&
	       !bench_real(WEB6, "2001:db8:222::11", 1) && !bench_vip(MIXED) && !bench_real(MIXED, "2001:db8:222::11", 1) &&
	       !bench_vip("192.168.10.1:53/udp") && !bench_real("192.168.10.1:53/udp", "10.111.222.11", 1) &&
	       !decap_load(&options, &decap);
}

void test_decap(void)
{
	hear();
	if (!check(set_up(), "decap: set-up", "%s", heard()))
		return;
	test_kinds();
	test_not_ours();
	test_gue_faults();
	test_lies();
	test_congestion();
}
