// SPDX-License-Identifier: (MIT OR GPL-2.0-only)
/* ping to VIPs, errors about flows, and packets that do not fit. */
#include "bench.h"
#include "harness.h"
#include "wire.h"

#include <linux/bpf.h>
#include <stdio.h>
#include <string.h>

#define CLIENT "10.111.220.11"
#define CLIENT6 "2001:db8:20::11"
#define ROUTER "10.9.9.9"
#define ROUTER6 "2001:db8:9::9"
#define VIP "192.168.10.1"
#define VIP6 "2001:db8:10::1"
#define WEB "192.168.10.1:80/tcp"
#define WEB6 "[2001:db8:10::1]:80/tcp"
#define DNS "192.168.10.1:53/udp"

static void configure(__u32 flags, __u32 mtu)
{
	struct device_config config = bench_config();

	config.flags = flags;
	config.mtu = mtu;
	bench_configure(&config);
}

static void expect(const char *name, struct frame frame, enum outcome outcome)
{
	char title[128];

	snprintf(title, sizeof(title), "ICMP: %s", name);
	expect_outcome(title, &frame, outcome);
}

static struct frame ping(const char *client, const char *vip, int bytes)
{
	static const char data[1400] = "what is sent must come back, whatever it is";

	return icmp(client, vip, strchr(vip, ':') ? 128 : 8, 0, 0x12340001, data, bytes);
}

/* Every checksum an echo request can have: the payload's first word makes it. */
static void test_echo_checksums(const char *client, const char *vip, const char *name)
{
	int wrong = 0, answered = 0, at = strchr(vip, ':') ? AT_L46 : AT_L4;

	for (int word = 0; word < 65536; word++) {
		struct frame frame = ping(client, vip, 2);
		struct result result;
		enum wire kind;

		put16(&frame, at + 8, word);
		icmp_checksum(&frame);
		frame.bytes[strchr(vip, ':') ? AT_HOPS6 : AT_TTL] = word % 255 + 1;
		if (at == AT_L4) {
			put16(&frame, AT_IP + 10, 0);
			put16(&frame, AT_IP + 10, (__u16)~ones_sum(frame.bytes + AT_IP, 20, 0));
		}
		result = run(&frame);
		answered += result.verdict == XDP_TX;
		wrong += result.verdict != XDP_TX || wire_judge(&frame, &result.frame, &kind) || kind != WIRE_ECHO_REPLY;
	}
	check(!wrong && answered == 65536, name, "%d of 65536 wrong", wrong);
}

static struct frame with_ip_checksum(struct frame frame)
{
	put16(&frame, AT_IP + 10, 0);
	put16(&frame, AT_IP + 10, (__u16)~ones_sum(frame.bytes + AT_IP, 20, 0));
	return frame;
}

static void test_echo(void)
{
	struct frame damaged;
	struct result result;

	configure(0, 1500);
	expect("ping is the host's by default", ping(CLIENT, VIP, 56), PASS);
	expect("ping is the host's by default, IPv6", ping(CLIENT6, VIP6, 56), PASS);
	configure(DEVICE_ICMP_ECHO, 1500);
	expect("ping to a VIP", with_ip_checksum(ping(CLIENT, VIP, 56)), ECHO_REPLY);
	expect("ping without data", with_ip_checksum(ping(CLIENT, VIP, 0)), ECHO_REPLY);
	expect("ping to a VIP, IPv6", ping(CLIENT6, VIP6, 57), ECHO_REPLY);
	expect("ping to the host", ping(CLIENT, "10.111.221.11", 56), PASS);
	expect("ping to the host, IPv6", ping(CLIENT6, "2001:db8:221::11", 56), PASS);
	expect("ping's fragment", with16(ping(CLIENT, VIP, 56), AT_FRAGMENT, 0x2000), PASS);
	expect("echo reply to a VIP", icmp(CLIENT, VIP, 0, 0, 1, "data", 4), PASS);
	expect("timestamp request", icmp(CLIENT, VIP, 13, 0, 1, "0123456789ab", 12), PASS);
	expect("echo with a code", icmp(CLIENT, VIP, 8, 1, 1, "data", 4), PASS);
	expect("cut-off echo", with16(cut(ping(CLIENT, VIP, 56), 40), AT_LENGTH, 26), DROP_TRUNCATED);
	expect("echo that lies about its length", with16(ping(CLIENT, VIP, 56), AT_LENGTH, 500), DROP_TOTAL_LENGTH);
	expect("echo that lies about its length, IPv6", with16(ping(CLIENT6, VIP6, 56), AT_LENGTH6, 500), DROP_TOTAL_LENGTH);
	test_echo_checksums(CLIENT, VIP, "ICMP: echo checksums are right for all 65536 requests");
	test_echo_checksums(CLIENT6, VIP6, "ICMP: echo checksums are right for all 65536 requests, IPv6");
	damaged = with(ping(CLIENT, VIP, 56), AT_L4 + 20, 0xff);
	result = run(&damaged);
	check(result.verdict == XDP_TX && ones_sum(result.frame.bytes + AT_L4, 64, 0) != 0xffff,
	      "ICMP: a damaged ping's answer is damaged, not mended", "verdict %d", result.verdict);
	configure(0, FRAME_BYTES);
}

/* Quotes */

static struct frame reply_of(const char *client, int client_port, const char *vip, int port, int is_udp)
{
	if (strchr(vip, ':'))
		return is_udp ? udp6(vip, port, client, client_port, 40) : tcp6(vip, port, client, client_port, ACK, 40);
	return is_udp ? udp(vip, port, client, client_port, 40) : tcp(vip, port, client, client_port, ACK, 40);
}

/* `bytes` of the L4 header and data are quoted. */
static struct frame error_about(const struct frame *reply, const char *vip, int type, int code, int rest, int bytes)
{
	int header = strchr(vip, ':') ? 40 : 20;

	return icmp(strchr(vip, ':') ? ROUTER6 : ROUTER, vip, type, code, rest, reply->bytes + AT_IP, header + bytes);
}

static void follows(const char *name, const struct frame *error, const char *real)
{
	char title[128];
	const char *got;

	snprintf(title, sizeof(title), "ICMP: %s", name);
	got = real_for(error);
	check(!strcmp(got, real), title, "went to '%s', not '%s'", got, real);
}

/* For many flows, as one of two reals is right by chance half the time. */
static void test_follow(const char *client, const char *vip, int is_udp, int type, int code, int bytes, const char *name)
{
	int wrong = 0, sent = 0;
	char title[128], real[128];

	for (int port = 3000; port < 3100; port++) {
		struct frame reply = reply_of(client, port, vip, is_udp ? 53 : 80, is_udp), error, packet;

		if (strchr(vip, ':'))
			packet = tcp6(client, port, vip, 80, ACK, 0);
		else
			packet = is_udp ? udp(client, port, vip, 53, 0) : tcp(client, port, vip, 80, ACK, 0);
		snprintf(real, sizeof(real), "%s", real_for(&packet));
		error = error_about(&reply, vip, type, code, 1400, bytes);
		sent += real[0] != 0;
		wrong += strcmp(real_for(&error), real) != 0;
	}
	snprintf(title, sizeof(title), "ICMP: %s goes to the flow's real", name);
	check(!wrong && sent == 100, title, "%d of %d did not", wrong, sent);
}

static void test_table_first(void)
{
	struct frame packet = tcp(CLIENT, 4000, VIP, 80, ACK, 0), reply = reply_of(CLIENT, 4000, VIP, 80, 0), error;
	__u64 hits, entered;
	char real[128];

	snprintf(real, sizeof(real), "%s", real_for(&packet));
	bench_drain(WEB, real);
	error = error_about(&reply, VIP, 3, 4, 1400, 8);
	hits = read_event(FLOW_HIT);
	entered = read_event(FLOW_ENTERED);
	follows("an error follows the table, not the ring", &error, real);
	check(read_event(FLOW_HIT) == hits && read_event(FLOW_ENTERED) == entered && read_event(FLOW_ICMP_ERROR),
	      "ICMP: an error is counted as such and enters nothing", "it is not");
	bench_real(WEB, real, -1);
}

static void test_errors(void)
{
	struct frame reply = reply_of(CLIENT, 3000, VIP, 80, 0), other = reply_of(CLIENT, 3000, "192.168.10.9", 80, 0), error;
	struct frame options = reply;

	test_follow(CLIENT, VIP, 0, 3, 4, 8, "frag-needed with 8 bytes quoted");
	test_follow(CLIENT, VIP, 0, 3, 4, 20, "frag-needed with 20 bytes quoted");
	test_follow(CLIENT, VIP, 0, 3, 3, 60, "port unreachable with all quoted");
	test_follow(CLIENT, VIP, 0, 3, 1, 8, "host unreachable");
	test_follow(CLIENT, VIP, 0, 11, 0, 8, "time exceeded");
	test_follow(CLIENT, VIP, 0, 12, 0, 8, "parameter problem");
	test_follow(CLIENT, VIP, 1, 3, 3, 8, "unreachable about UDP");
	test_follow(CLIENT6, VIP6, 0, 2, 0, 60, "IPv6 packet too big");
	test_follow(CLIENT6, VIP6, 0, 2, 0, 8, "IPv6 packet too big with 8 bytes quoted");
	test_follow(CLIENT6, VIP6, 0, 1, 4, 20, "IPv6 unreachable");
	test_follow(CLIENT6, VIP6, 0, 3, 0, 20, "IPv6 time exceeded");
	test_table_first();
	for (int bytes = 0; bytes < 8; bytes++) {
		error = error_about(&reply, VIP, 3, 4, 1400, bytes);
		expect("a quote cut off before the ports end", error, DROP_TRUNCATED);
	}
	expect("an error without a quote", icmp(ROUTER, VIP, 3, 4, 1400, "", 0), DROP_TRUNCATED);
	expect("a quote of another address's packet", error_about(&other, VIP, 3, 4, 1400, 20), PASS);
	expect("an error to the host", error_about(&other, "10.111.221.11", 3, 4, 1400, 20), PASS);
	error = error_about(&reply, VIP, 3, 4, 1400, 20);
	expect("a quote of a port that is no VIP's", with16(error, AT_L4 + 28, 81), PASS);
	expect("a quote of a later fragment", with16(error, AT_L4 + 8 + 6, 0x0001), PASS);
	expect("a quote of ICMP", with(error, AT_L4 + 8 + 9, 1), PASS);
	expect("a quote of version 6", with(error, AT_L4 + 8, 0x65), PASS);
	options.bytes[AT_IP] = 0x46;
	expect("a quote with IP options", error_about(&options, VIP, 3, 4, 1400, 40), PASS);
	expect("redirect", error_about(&reply, VIP, 5, 0, 0, 20), PASS);
	expect("source quench", error_about(&reply, VIP, 4, 0, 0, 20), PASS);
	error = error_about(&reply, VIP, 3, 4, 1400, 20);
	expect("an error of an unused type", with(error, AT_L4, 42), PASS);
}

/* Too big */

static int told(const struct frame *frame)
{
	struct result result = run(frame);
	int at = frame->bytes[AT_TYPE] == 0x86 ? AT_L46 : AT_L4;

	if (result.verdict != XDP_TX || result.frame.bytes[AT_PROTOCOL] == 4)
		return 0;
	return get16(&result.frame, at + 6);
}

static void test_too_big(void)
{
	struct frame frame, reply = reply_of(CLIENT, 3000, VIP, 80, 0);
	int payload = 1480 - 40, wrong = 0;

	configure(0, 1500);
	expect("1480 bytes fit a link of 1500", tcp(CLIENT, 1, VIP, 80, ACK, payload), TX);
	expect("1481 do not", tcp(CLIENT, 1, VIP, 80, ACK, payload + 1), TOO_BIG);
	expect("1481, DF clear", with16(tcp(CLIENT, 1, VIP, 80, ACK, payload + 1), AT_FRAGMENT, 0), TOO_BIG);
	frame = tcp(CLIENT, 1, VIP, 80, ACK, payload + 1);
	check(told(&frame) == 1480, "ICMP: its sender is told 1480", "%d", told(&frame));
	expect("1460 bytes of IPv6 fit", tcp6(CLIENT6, 1, VIP6, 80, ACK, 1460 - 60), TX);
	expect("1461 do not", tcp6(CLIENT6, 1, VIP6, 80, ACK, 1461 - 60), TOO_BIG);
	frame = tcp6(CLIENT6, 1, VIP6, 80, ACK, 1461 - 60);
	check(told(&frame) == 1460, "ICMP: its sender is told 1460", "%d", told(&frame));
	bench_encap(WEB, XDPLB_GUE_PORT);
	frame = tcp(CLIENT, 1, VIP, 80, ACK, 1473 - 40);
	check(told(&frame) == 1472, "ICMP: in GUE, 1472", "%d", told(&frame));
	bench_encap(WEB, 0);
	for (int length = 1441; length <= 1960; length += 7) {
		struct result result;
		enum wire kind;

		frame = tcp(CLIENT, length, VIP, 80, ACK, length);
		frame.bytes[AT_L4 + 25] = length * 31;
		result = run(&frame);
		wrong += result.verdict != XDP_TX || wire_judge(&frame, &result.frame, &kind) || kind != WIRE_TOO_BIG;
		frame = tcp6(CLIENT6, length, VIP6, 80, ACK, length);
		frame.bytes[AT_L46 + 25] = length * 31;
		result = run(&frame);
		wrong += result.verdict != XDP_TX || wire_judge(&frame, &result.frame, &kind) || kind != WIRE_TOO_BIG;
	}
	check(!wrong, "ICMP: too-big answers are right for many lengths", "%d are not", wrong);
	expect("an ICMP error too big itself is not answered", icmp(ROUTER, VIP, 3, 4, 1400, reply.bytes + AT_IP, 1480), DROP_TOO_BIG);
	configure(0, XDPLB_MIN_MTU);
	expect("the least MTU", tcp(CLIENT, 1, VIP, 80, ACK, 557 - 40), TOO_BIG);
	expect("the least MTU, IPv6", tcp6(CLIENT6, 1, VIP6, 80, ACK, 537 - 60), TOO_BIG);
	configure(0, FRAME_BYTES);
}

void test_icmp(void)
{
	hear();
	if (!check(bench_new() && !bench_vip(WEB) && !bench_real(WEB, "10.111.222.11", 1) && !bench_real(WEB, "10.111.222.12", 1) &&
			   !bench_vip(WEB6) && !bench_real(WEB6, "2001:db8:222::11", 1) &&
			   !bench_real(WEB6, "2001:db8:222::12", 1) && !bench_vip(DNS) && !bench_real(DNS, "10.111.222.11", 1) &&
			   !bench_real(DNS, "10.111.222.12", 1),
		   "ICMP: set-up", "%s", heard()))
		return;
	test_echo();
	test_errors();
	test_too_big();
}
