// SPDX-License-Identifier: (MIT OR GPL-2.0-only)
/* One case for each rule of the data plane: verdict, bytes out and counters. */
#include "bench.h"
#include "harness.h"
#include "wire.h"

#include <bpf/bpf.h>
#include <linux/bpf.h>
#include <stdio.h>
#include <string.h>

#define CLIENT "10.111.220.11"
#define WEB "192.168.10.1:80/tcp"
#define ALL_TCP "192.168.10.1/tcp"
#define DNS "192.168.10.2:53/udp"
#define EMPTY "192.168.10.3/udp"
#define CARRY "192.168.10.5/tcp"

static const char *const outcome_names[] = {
#define NAME(id, name) [id] = name,
	XDPLB_COUNTERS(NAME)
#undef NAME
};

static int verdict_of(enum outcome outcome)
{
	return outcome == PASS ? XDP_PASS : outcome == TX ? XDP_TX : XDP_DROP;
}

/* The sum over a right header, checksum included, is all ones. */
static int checksum_right(const struct frame *frame)
{
	__u32 sum = 0;

	for (int i = 0; i < 20; i += 2)
		sum += get16(frame, AT_IP + i);
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return sum == 0xffff;
}

/* The 34 bytes that must stand before the inner packet, checksum left 0. */
static void expected_head(const struct frame *in, __u8 real, __u8 head[34])
{
	static const __u8 fixed[34] = { 2, 0x42, 0x0a, 0x6f, 0xdd, 0x0c, 2, 0x42, 0x0a, 0x6f, 0xdd, 0x0b, 8, 0,
					0x45, 0, 0, 0, 0, 0, 0, 0, 64, 4, 0, 0, 10, 111, 221, 11, 10, 111, 222, 0 };
	int length = get16(in, AT_LENGTH) + 20;

	memcpy(head, fixed, 34);
	head[AT_TOS] = in->bytes[AT_TOS];
	head[AT_LENGTH] = length >> 8;
	head[AT_LENGTH + 1] = length;
	head[33] = real;
}

/* NULL if right, else what is wrong. */
static const char *judge_encapsulation(const struct frame *in, const struct frame *out, __u8 real)
{
	__u8 head[34], got[34];

	if (out->length != in->length + 20)
		return "frame did not grow by 20 bytes";
	if (!checksum_right(out))
		return "outer checksum is wrong";
	expected_head(in, real, head);
	memcpy(got, out->bytes, 34);
	got[24] = got[25] = 0;
	if (memcmp(got, head, 14))
		return "Ethernet header is wrong";
	if (memcmp(got, head, 34))
		return "outer IPv4 header is wrong";
	if (memcmp(out->bytes + 34, in->bytes + 14, in->length - 14))
		return "inner packet was touched";
	return NULL;
}

static const char *judge_counters(const __u64 before[OUTCOMES], const __u64 after[OUTCOMES], enum outcome outcome)
{
	for (int i = 0; i < OUTCOMES; i++)
		if (after[i] - before[i] != (i == (int)outcome))
			return outcome_names[i];
	return NULL;
}

static __u64 sent_packets(void)
{
	return read_vip(WEB).packets + read_vip(ALL_TCP).packets + read_vip(DNS).packets + read_vip(EMPTY).packets;
}

/* real: last byte of the real's address, for TX. Returns whether the case passed. */
static int expect_to(const char *name, const struct frame *in, enum outcome outcome, __u8 real)
{
	__u64 before[OUTCOMES], after[OUTCOMES], sent = sent_packets();
	struct result result;
	const char *wrong;
	char title[128];

	snprintf(title, sizeof(title), "data plane: %s: %s", name, outcome_names[outcome]);
	read_outcomes(before);
	result = run(in);
	read_outcomes(after);
	sent = sent_packets() - sent;
	if (result.verdict != verdict_of(outcome))
		return check(0, title, "verdict %d", result.verdict);
	wrong = judge_counters(before, after, outcome);
	if (wrong)
		return check(0, title, "counter %s is wrong", wrong);
	if (sent != (outcome == TX))
		return check(0, title, "VIP counters grew by %llu", sent);
	if (outcome == TX)
		wrong = judge_encapsulation(in, &result.frame, real);
	else if (result.frame.length != in->length || memcmp(result.frame.bytes, in->bytes, in->length))
		wrong = "frame was touched";
	return check(!wrong, title, "%s", wrong);
}

static int expect(const char *name, struct frame in, enum outcome outcome)
{
	return expect_to(name, &in, outcome, 0);
}

static struct frame web(int flags, int payload)
{
	return tcp(CLIENT, 31337, "192.168.10.1", 80, flags, payload);
}

/* Encapsulation */

static void test_sent(void)
{
	struct frame frame = web(SYN, 0);

	expect_to("SYN to a VIP", &frame, TX, 11);
	frame = web(ACK, 1);
	expect_to("odd payload", &frame, TX, 11);
	frame = web(ACK, 1460);
	expect_to("full-size segment", &frame, TX, 11);
	frame = udp(CLIENT, 5353, "192.168.10.2", 53, 30);
	expect_to("UDP to a VIP", &frame, TX, 13);
	frame = udp(CLIENT, 5353, "192.168.10.2", 53, 0);
	expect_to("UDP without payload", &frame, TX, 13);
	frame = pad(udp(CLIENT, 5353, "192.168.10.2", 53, 0), 60);
	expect_to("outer length is from the inner header, not the padded frame", &frame, TX, 13);
	frame = tcp(CLIENT, 31337, "192.168.10.1", 8080, SYN, 0);
	expect_to("another port goes to the VIP for any port", &frame, TX, 12);
	frame = with16(web(SYN, 0), AT_FRAGMENT, 0);
	expect_to("DF clear", &frame, TX, 11);
	frame = with16(web(SYN, 0), AT_FRAGMENT, 0xc000);
	expect_to("DF and the reserved bit are no fragment", &frame, TX, 11);
	frame = with(web(ACK, 0), AT_TTL, 1);
	expect_to("inner TTL 1 stays", &frame, TX, 11);
	frame = with(web(ACK, 0), 24, 0xff);
	expect_to("a wrong inner checksum is the real's to judge", &frame, TX, 11);
}

static void test_tos(void)
{
	static const int values[] = { 0, 1, 2, 3, 0xb8, 0xff };
	char name[64];

	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		struct frame frame = with(web(ACK, 10), AT_TOS, values[i]);

		snprintf(name, sizeof(name), "tos 0x%02x is copied", values[i]);
		expect_to(name, &frame, TX, 11);
	}
}

static void test_checksums(void)
{
	int wrong = 0, runs = 0;

	for (int tos = 0; tos < 256; tos += 5) {
		for (int payload = 0; payload <= 1400; payload += 23, runs++) {
			struct frame frame = with(web(ACK, payload), AT_TOS, tos);
			struct result result = run(&frame);

			wrong += result.verdict != XDP_TX || !checksum_right(&result.frame);
		}
	}
	check(!wrong && runs > 3000, "data plane: outer checksum is right for 3000 lengths and tos values", "%d of %d wrong",
	      wrong, runs);
}

/* Added up in little-endian words, the outer header of a SYN to this real gives 1ffff: folded once, it carries again. */
static void test_second_carry(void)
{
	struct frame frame = with(tcp(CLIENT, 31337, "192.168.10.5", 80, SYN, 0), AT_TOS, 0);
	struct result result = run(&frame);

	check(result.verdict == XDP_TX && get16(&result.frame, 24) == 0xfeff && checksum_right(&result.frame),
	      "data plane: outer checksum with two carries", "verdict %d, checksum %04x", result.verdict,
	      get16(&result.frame, 24));
}

/* Not the balancer's business */

static void test_other_protocols(void)
{
	expect("ARP", with16(web(SYN, 0), AT_TYPE, 0x0806), PASS);
	expect("IPv6", with16(web(SYN, 0), AT_TYPE, 0x86dd), PASS);
	expect("VLAN tag", with16(web(SYN, 0), AT_TYPE, 0x8100), PASS);
	expect("LLDP", with16(web(SYN, 0), AT_TYPE, 0x88cc), PASS);
	expect("ICMP to a VIP", with(web(SYN, 0), AT_PROTOCOL, 1), PASS);
	expect("ICMP fragment to a VIP", with16(with(web(SYN, 0), AT_PROTOCOL, 1), AT_FRAGMENT, 0x2000), PASS);
	expect("IPIP to a VIP", with(web(SYN, 0), AT_PROTOCOL, 4), PASS);
	expect("GRE to a VIP", with(web(SYN, 0), AT_PROTOCOL, 47), PASS);
	expect("SCTP to a VIP", with(web(SYN, 0), AT_PROTOCOL, 132), PASS);
	expect("UDP to a TCP VIP", udp(CLIENT, 1000, "192.168.10.1", 80, 4), PASS);
	expect("TCP to a UDP VIP", tcp(CLIENT, 1000, "192.168.10.2", 53, SYN, 0), PASS);
	expect("UDP to another port of a UDP VIP", udp(CLIENT, 1000, "192.168.10.2", 54, 4), PASS);
	expect("TCP to the host", tcp(CLIENT, 1000, "10.111.221.11", 80, SYN, 0), PASS);
	expect("an address next to a VIP", tcp(CLIENT, 1000, "192.168.10.4", 80, SYN, 0), PASS);
	expect("from a VIP to a client", tcp("192.168.10.1", 80, CLIENT, 1000, SYN | ACK, 0), PASS);
}

/* The same faults that are dropped on the way to a VIP. */
static void test_faults_of_others(void)
{
	struct frame host = tcp(CLIENT, 1000, "10.111.221.11", 80, SYN, 0);

	expect("fragment to the host", with16(host, AT_FRAGMENT, 0x2000), PASS);
	expect("IP options to the host", with(pad(host, 60), AT_IP, 0x46), PASS);
	expect("tot_len beyond the frame, to the host", with16(host, AT_LENGTH, 41), PASS);
	expect("version 6 in an IPv4 frame, to the host", with(host, AT_IP, 0x65), PASS);
	expect("cut-off TCP header, to the host", with16(cut(host, 40), AT_LENGTH, 26), PASS);
	expect("UDP fragment to a TCP VIP's address",
	       with16(udp(CLIENT, 1, "192.168.10.1", 80, 9), AT_FRAGMENT, 1), PASS);
}

/* Lies */

static void test_each_length(void)
{
	char name[80];

	for (int length = 14; length < 34; length++) {
		snprintf(name, sizeof(name), "IPv4 frame of %d bytes", length);
		expect(name, cut(web(SYN, 0), length), DROP_TRUNCATED);
	}
	for (int length = 34; length < 54; length++) {
		snprintf(name, sizeof(name), "TCP frame of %d bytes, tot_len says 40", length);
		expect(name, cut(web(SYN, 0), length), DROP_TOTAL_LENGTH);
		snprintf(name, sizeof(name), "TCP frame of %d bytes, tot_len agrees", length);
		expect(name, with16(cut(web(SYN, 0), length), AT_LENGTH, length - 14), DROP_TRUNCATED);
		snprintf(name, sizeof(name), "padded TCP frame, tot_len %d", length - 14);
		expect(name, with16(pad(web(SYN, 0), 60), AT_LENGTH, length - 14), DROP_TRUNCATED);
	}
	for (int length = 34; length < 42; length++) {
		struct frame dns = udp(CLIENT, 5353, "192.168.10.2", 53, 0);

		snprintf(name, sizeof(name), "UDP frame of %d bytes, tot_len agrees", length);
		expect(name, with16(cut(dns, length), AT_LENGTH, length - 14), DROP_TRUNCATED);
		snprintf(name, sizeof(name), "padded UDP frame, tot_len %d", length - 14);
		expect(name, with16(pad(dns, 60), AT_LENGTH, length - 14), DROP_TRUNCATED);
	}
}

static void test_total_length(void)
{
	static const int lies[] = { 0, 1, 19, 41, 60, 1500, 65535 };
	char name[64];

	for (size_t i = 0; i < sizeof(lies) / sizeof(lies[0]); i++) {
		snprintf(name, sizeof(name), "tot_len %d in a packet of 40 bytes", lies[i]);
		expect(name, with16(web(SYN, 0), AT_LENGTH, lies[i]), DROP_TOTAL_LENGTH);
	}
}

static void test_first_byte(void)
{
	char name[64];

	for (int version = 0; version < 16; version++) {
		if (version == 4)
			continue;
		snprintf(name, sizeof(name), "version %d in an IPv4 frame", version);
		expect(name, with(web(SYN, 0), AT_IP, version << 4 | 5), DROP_VERSION);
	}
	for (int words = 0; words < 5; words++) {
		snprintf(name, sizeof(name), "ihl %d", words);
		expect(name, with(web(SYN, 0), AT_IP, 0x40 | words), DROP_HEADER_LENGTH);
	}
	for (int words = 6; words < 16; words++) {
		snprintf(name, sizeof(name), "IP options, ihl %d", words);
		expect(name, with(web(SYN, 60), AT_IP, 0x40 | words), DROP_IP_OPTIONS);
	}
}

static void test_fragments(void)
{
	expect("first fragment", with16(web(ACK, 40), AT_FRAGMENT, 0x2000), DROP_FRAGMENT);
	expect("middle fragment", with16(web(ACK, 40), AT_FRAGMENT, 0x2001), DROP_FRAGMENT);
	expect("last fragment", with16(web(ACK, 40), AT_FRAGMENT, 0x0001), DROP_FRAGMENT);
	expect("last fragment, highest offset", with16(web(ACK, 40), AT_FRAGMENT, 0x1fff), DROP_FRAGMENT);
	expect("fragment with DF", with16(web(ACK, 40), AT_FRAGMENT, 0x6000), DROP_FRAGMENT);
	expect("fragment shorter than a TCP header", with16(with16(cut(web(ACK, 0), 42), AT_LENGTH, 28), AT_FRAGMENT, 2),
	       DROP_FRAGMENT);
	expect("UDP fragment", with16(udp(CLIENT, 1, "192.168.10.2", 53, 9), AT_FRAGMENT, 0x2000), DROP_FRAGMENT);
}

static void test_nowhere_to_send(struct state *state)
{
	struct device_config config;
	int ifindex = 1;

	expect("VIP without reals", udp(CLIENT, 1, "192.168.10.3", 9, 9), DROP_NO_REAL);
	bpf_map_lookup_elem(state->devices, &ifindex, &config);
	bpf_map_delete_elem(state->devices, &ifindex);
	expect("device without configuration", web(SYN, 0), DROP_NO_CONFIG);
	bpf_map_update_elem(state->devices, &ifindex, &config, BPF_ANY);
}

/* The kernel gives up at a million instructions; half of that is for kernels that look at more. Before 5.16 it does not say. */
static void test_verifier(struct state *state)
{
	struct bpf_prog_info info = {};
	__u32 length = sizeof(info);

	bpf_obj_get_info_by_fd(state->program, &info, &length);
	check(info.verified_insns < 500000, "data plane: the verifier has room left", "%u instructions looked at", info.verified_insns);
	check(info.jited_prog_len > 0 && info.jited_prog_len < 65536, "data plane: compiled to machine code of moderate size",
	      "%u bytes", info.jited_prog_len);
}

static int set_up(void)
{
	return bench_vip(WEB) || bench_real(WEB, "10.111.222.11", 1) || bench_vip(ALL_TCP) ||
	       bench_real(ALL_TCP, "10.111.222.12", 1) || bench_vip(DNS) || bench_real(DNS, "10.111.222.13", 1) ||
	       bench_vip(EMPTY) || bench_vip(CARRY) || bench_real(CARRY, "10.111.137.213", 1);
}

void test_dataplane(void)
{
	struct state *state;

	hear();
	state = bench_new();
	if (!check(state && !set_up(), "data plane: the kernel takes it (needs root)", "%s", heard()))
		return;
	test_verifier(state);
	test_sent();
	test_tos();
	test_checksums();
	test_second_carry();
	test_other_protocols();
	test_faults_of_others();
	test_each_length();
	test_total_length();
	test_first_byte();
	test_fragments();
	test_nowhere_to_send(state);
}
