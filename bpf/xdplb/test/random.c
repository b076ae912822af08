// SPDX-License-Identifier: (MIT OR GPL-2.0-only)
/*
 * Whatever comes in, nothing malformed goes out: many packets, most of them
 * broken in some way, and laws that hold for all. The same every run; the seed
 * is printed when one fails.
 */
#include "bench.h"
#include "harness.h"
#include "wire.h"

#include <linux/bpf.h>
#include <stdio.h>
#include <string.h>

#define PACKETS 60000
#define CLIENT "10.111.220.11"
#define CLIENT6 "2001:db8:20::11"

static __u64 seed;

static __u32 rnd(__u32 below)
{
	seed = seed * 6364136223846793005ULL + 1442695040888963407ULL;
	return (seed >> 33) % below;
}

static struct frame error_frame(int v6)
{
	struct frame reply = v6 ? tcp6("2001:db8:10::1", 80, CLIENT6, 1000, ACK, 40) : tcp("192.168.10.1", 80, CLIENT, 1000, ACK, 40);

	return v6 ? icmp(CLIENT6, "2001:db8:10::1", 1 + rnd(4), rnd(5), 1400, reply.bytes + AT_IP, 40 + rnd(60)) :
		    icmp(CLIENT, "192.168.10.1", 3, rnd(16), 1400, reply.bytes + AT_IP, 20 + rnd(60));
}

static struct frame sound(void)
{
	static const int flags[] = { SYN, ACK, RST, FIN | ACK, SYN | ACK, ACK | ECE };
	int port = 1 + rnd(65535), flag = flags[rnd(6)], payload = rnd(10) ? rnd(100) : rnd(1800);

	switch (rnd(10)) {
	case 0:
		return udp(CLIENT, port, "192.168.10.1", 53, payload);
	case 1:
		return udp6(CLIENT6, port, "2001:db8:10::1", 53, payload);
	case 2:
		return icmp(CLIENT, "192.168.10.1", 8, 0, port, "some data to be echoed", 22);
	case 3:
		return icmp(CLIENT6, "2001:db8:10::1", 128, 0, port, "some data to be echoed", 22);
	case 4:
	case 5:
		return error_frame(rnd(2));
	case 6:
		return tcp(CLIENT, port, "192.168.10.2", 80, flag, payload);    /* to an IPv6 real */
	case 7:
		return tcp6(CLIENT6, port, "2001:db8:10::1", 80, flag, payload);
	default:
		return tcp(CLIENT, port, "192.168.10.1", 80, flag, payload);
	}
}

/* Mostly in the headers, where it matters. */
static void damage(struct frame *frame)
{
	switch (rnd(6)) {
	case 0:
		frame->bytes[rnd(frame->length < 80 ? frame->length : 80)] = rnd(256);
		break;
	case 1:
		frame->bytes[rnd(frame->length < 80 ? frame->length : 80)] ^= 1 << rnd(8);
		break;
	case 2:
		if (frame->length > 15)
			frame->length = 14 + rnd(frame->length - 14);
		break;
	case 3:
		put16(frame, frame->bytes[AT_TYPE] == 0x86 ? AT_LENGTH6 : AT_LENGTH, rnd(2) ? rnd(200) : rnd(65536));
		break;
	case 4:
		if (frame->length < 1900)
			*frame = pad(*frame, frame->length + 1 + rnd(60));
		break;
	default:
		put16(frame, AT_TYPE, rnd(2) ? 0x0800 : 0x86dd);
	}
}

/* An encapsulated packet's own lengths and version were believed, so they must be right. */
static const char *judge_inner(const struct frame *in)
{
	int v6 = in->bytes[AT_TYPE] == 0x86, length = v6 ? 40 + get16(in, AT_LENGTH6) : get16(in, AT_LENGTH);

	if (in->bytes[AT_IP] >> 4 != (v6 ? 6 : 4) || (!v6 && in->bytes[AT_IP] != 0x45))
		return "inner version or header length lies";
	return length <= (int)in->length - AT_IP ? NULL : "inner length lies";
}

static const char *judge(const struct frame *in, const struct result *result)
{
	const char *wrong;
	enum wire kind;

	if (result->verdict == XDP_PASS || result->verdict == XDP_DROP) {
		if (result->frame.length == in->length && !memcmp(in->bytes, result->frame.bytes, in->length))
			return NULL;
		return "passed or dropped, but touched";
	}
	if (result->verdict != XDP_TX)
		return "verdict";
	wrong = wire_judge(in, &result->frame, &kind);
	return wrong ? wrong : judge_inner(in);
}

/* A damaged request's answer carries the damage: its checksums are not for the judge. */
static int checksums_right(const struct frame *in)
{
	struct frame again = *in;
	int v6 = in->bytes[AT_TYPE] == 0x86;

	if (in->bytes[v6 ? AT_NEXT6 : AT_PROTOCOL] != (v6 ? 58 : 1))
		return 1;
	if (!v6 && ones_sum(in->bytes + AT_IP, 20, 0) != 0xffff)
		return 0;
	again.length = AT_IP + (v6 ? 40 + get16(in, AT_LENGTH6) : get16(in, AT_LENGTH));
	if (again.length < 42 || again.length > in->length)
		return 1;
	icmp_checksum(&again);
	return get16(&again, v6 ? AT_L46 + 2 : AT_L4 + 2) == get16(in, v6 ? AT_L46 + 2 : AT_L4 + 2);
}

static __u64 all_outcomes(void)
{
	__u64 counts[OUTCOMES], sum = 0;

	read_outcomes(counts);
	for (int i = 0; i < OUTCOMES; i++)
		sum += counts[i];
	return sum;
}

static void test_all(const char *name)
{
	__u64 before = all_outcomes(), at = 0;
	int verdicts[5] = {}, ran = 0;
	const char *wrong = NULL;

	for (int i = 0; i < PACKETS && !wrong; i++) {
		struct frame frame;
		struct result result;

		at = seed;
		frame = sound();
		for (int faults = rnd(3); faults; faults--)
			damage(&frame);
		if (frame.length < 14 || !checksums_right(&frame))
			continue;
		result = run(&frame);
		ran++;
		verdicts[result.verdict < 5 && result.verdict >= 0 ? result.verdict : 0]++;
		wrong = judge(&frame, &result);
	}
	check(!wrong, name, "%s (seed %llu)", wrong, at);
	check(verdicts[XDP_TX] > ran / 10 && verdicts[XDP_DROP] > ran / 20 && verdicts[XDP_PASS] > ran / 20,
	      "any packet: all verdicts occur", "sent %d, dropped %d, passed %d of %d", verdicts[XDP_TX], verdicts[XDP_DROP],
	      verdicts[XDP_PASS], ran);
	check(all_outcomes() - before == (__u64)ran, "any packet: each has one outcome", "%llu of %d", all_outcomes() - before, ran);
}

void test_random(void)
{
	struct device_config config;

	hear();
	if (!check(bench_new() && !bench_vip("192.168.10.1:80/tcp") && !bench_real("192.168.10.1:80/tcp", "10.111.222.11", 1) &&
			   !bench_real("192.168.10.1:80/tcp", "2001:db8:222::12", 1) && !bench_vip("192.168.10.2:80/tcp") &&
			   !bench_real("192.168.10.2:80/tcp", "2001:db8:222::11", 1) && !bench_vip("192.168.10.1:53/udp") &&
			   !bench_real("192.168.10.1:53/udp", "10.111.222.11", 1) && !bench_vip("[2001:db8:10::1]:80/tcp") &&
			   !bench_real("[2001:db8:10::1]:80/tcp", "2001:db8:222::11", 1) &&
			   !bench_vip("[2001:db8:10::1]:53/udp") && !bench_real("[2001:db8:10::1]:53/udp", "2001:db8:222::11", 1),
		   "any packet: set-up", "%s", heard()))
		return;
	config = bench_config();
	config.flags = DEVICE_ICMP_ECHO;
	config.mtu = 1500;
	bench_configure(&config);
	seed = 1;
	test_all("any packet: never a malformed one out, inner bytes as they came, checksums right");
	bench_encap("192.168.10.1:80/tcp", XDPLB_GUE_PORT);
	bench_encap("[2001:db8:10::1]:80/tcp", XDPLB_GUE_PORT);
	seed = 2;
	test_all("any packet: the same with GUE");
}
