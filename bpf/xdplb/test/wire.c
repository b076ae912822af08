// SPDX-License-Identifier: (MIT OR GPL-2.0-only)
#include "wire.h"

#include "harness.h"

#include <arpa/inet.h>
#include <linux/bpf.h>
#include <stdio.h>
#include <string.h>

static const char *const outcome_names[] = {
#define NAME(id, name) [id] = name,
	XDPLB_COUNTERS(NAME)
#undef NAME
};

static int is6(const struct frame *frame)
{
	return frame->bytes[AT_TYPE] == 0x86;
}

static int tclass(const struct frame *frame)
{
	return is6(frame) ? get16(frame, AT_IP) >> 4 & 0xff : frame->bytes[AT_TOS];
}

static int total_length(const struct frame *frame)
{
	return is6(frame) ? 40 + get16(frame, AT_LENGTH6) : get16(frame, AT_LENGTH);
}

static int protocol(const struct frame *frame)
{
	return frame->bytes[is6(frame) ? AT_NEXT6 : AT_PROTOCOL];
}

static const char *judge_ipv4(const struct frame *out, int tos, int length, int next)
{
	if (out->bytes[AT_IP] != 0x45)
		return "version or header length";
	if (out->bytes[AT_TOS] != tos)
		return "tos";
	if (get16(out, AT_LENGTH) != length)
		return "total length";
	if (get16(out, AT_IP + 4) || get16(out, AT_FRAGMENT))
		return "id or fragment field";
	if (out->bytes[AT_TTL] != 64)
		return "TTL";
	if (out->bytes[AT_PROTOCOL] != next)
		return "protocol";
	return ones_sum(out->bytes + AT_IP, 20, 0) == 0xffff ? NULL : "IPv4 checksum";
}

static const char *judge_ipv6(const struct frame *out, int tos, int length, int next)
{
	if (get16(out, AT_IP) != (0x6000 | tos << 4) || get16(out, AT_IP + 2))
		return "version, traffic class or flow label";
	if (get16(out, AT_LENGTH6) != length - 40)
		return "payload length";
	if (out->bytes[AT_NEXT6] != next)
		return "next header";
	return out->bytes[AT_HOPS6] == 64 ? NULL : "hop limit";
}

static const char *judge_udp(const struct frame *out, int at, int length)
{
	if (get16(out, at) < 0xc000)
		return "GUE source port";
	if (get16(out, at + 2) != XDPLB_GUE_PORT)
		return "GUE port";
	if (get16(out, at + 4) != length)
		return "GUE length";
	return get16(out, at + 6) ? "GUE checksum" : NULL;
}

static const char *judge_encapsulated(const struct frame *in, const struct frame *out)
{
	static const __u8 next_hop[] = { 2, 0x42, 0x0a, 0x6f, 0xdd, 0x0c };
	int added = out->length - in->length, ip = is6(out) ? 40 : 20, gue = added - ip;
	int next = gue ? 17 : is6(in) ? 41 : 4;
	const char *wrong;

	if (gue && gue != 8)
		return "frame grew by no known header";
	if (memcmp(out->bytes, next_hop, 6) || memcmp(out->bytes + 6, in->bytes, 6))
		return "Ethernet addresses";
	wrong = (is6(out) ? judge_ipv6 : judge_ipv4)(out, tclass(in), total_length(in) + added, next);
	if (!wrong && gue)
		wrong = judge_udp(out, AT_IP + ip, total_length(in) + 8);
	if (wrong)
		return wrong;
	return memcmp(out->bytes + AT_IP + added, in->bytes + AT_IP, in->length - AT_IP) ? "inner packet was touched" : NULL;
}

/* What both ICMP answers have in common: the way back, and checksums. */
static const char *judge_way_back(const struct frame *in, const struct frame *out)
{
	int v6 = is6(in), at = v6 ? AT_CLIENT6 : AT_CLIENT, size = v6 ? 16 : 4, bytes = total_length(out) - (v6 ? 40 : 20);
	__u32 start = v6 ? ones_sum(out->bytes + AT_CLIENT6, 32, bytes + 58) : 0;

	if (is6(out) != v6)
		return "family";
	if (memcmp(in->bytes, out->bytes + 6, 6) || memcmp(in->bytes + 6, out->bytes, 6))
		return "Ethernet addresses are not swapped";
	if (memcmp(in->bytes + at, out->bytes + at + size, size) || memcmp(in->bytes + at + size, out->bytes + at, size))
		return "addresses are not swapped";
	if (out->bytes[v6 ? AT_HOPS6 : AT_TTL] != 64)
		return "TTL";
	if (!v6 && ones_sum(out->bytes + AT_IP, 20, 0) != 0xffff)
		return "IPv4 checksum";
	return ones_sum(out->bytes + (v6 ? AT_L46 : AT_L4), bytes, start) == 0xffff ? NULL : "ICMP checksum";
}

static const char *judge_echo(const struct frame *in, const struct frame *out)
{
	int at = is6(in) ? AT_L46 : AT_L4;

	if (out->length != in->length || out->bytes[at] != (is6(in) ? 129 : 0) || out->bytes[at + 1])
		return "length, type or code";
	if (memcmp(in->bytes + at + 4, out->bytes + at + 4, in->length - at - 4))
		return "id, sequence or data";
	return judge_way_back(in, out);
}

static const char *judge_too_big(const struct frame *in, const struct frame *out)
{
	int v6 = is6(in), at = v6 ? AT_L46 : AT_L4;

	if ((int)out->length != at + 512 || total_length(out) != at - AT_IP + 512)
		return "length";
	if (get16(out, at) != (v6 ? 0x200 : 0x304))
		return "type or code";
	if (memcmp(in->bytes + AT_IP, out->bytes + at + 8, 504))
		return "quote";
	return judge_way_back(in, out);
}

const char *wire_judge(const struct frame *in, const struct frame *out, enum wire *kind)
{
	int next = protocol(out);

	*kind = WIRE_ENCAPSULATED;
	if (next == 1 || next == 58) {
		*kind = out->bytes[is6(out) ? AT_L46 : AT_L4] == (is6(out) ? 129 : 0) ? WIRE_ECHO_REPLY : WIRE_TOO_BIG;
		return (*kind == WIRE_ECHO_REPLY ? judge_echo : judge_too_big)(in, out);
	}
	if (next != 4 && next != 41 && next != 17)
		return "protocol";
	return judge_encapsulated(in, out);
}

static const char *address_at(const struct frame *out, int at4, int at6)
{
	static char text[INET6_ADDRSTRLEN];

	return is6(out) ? inet_ntop(AF_INET6, out->bytes + at6, text, sizeof(text)) :
			  inet_ntop(AF_INET, out->bytes + at4, text, sizeof(text));
}

const char *wire_real(const struct frame *out)
{
	return address_at(out, AT_DESTINATION, AT_DESTINATION6);
}

const char *wire_source(const struct frame *out)
{
	return address_at(out, AT_CLIENT, AT_CLIENT6);
}

const char *real_for(const struct frame *in)
{
	static char text[128];
	struct result result = run(in);
	const char *wrong;
	enum wire kind;

	if (result.verdict != XDP_TX)
		return "";
	wrong = wire_judge(in, &result.frame, &kind);
	snprintf(text, sizeof(text), "%s%s", wrong ? "wrong: " : "",
		 wrong ? wrong : kind == WIRE_ENCAPSULATED ? wire_real(&result.frame) : "");
	return text;
}

struct frame with(struct frame frame, int at, int value)
{
	frame.bytes[at] = value;
	return frame;
}

struct frame with16(struct frame frame, int at, int value)
{
	put16(&frame, at, value);
	return frame;
}

struct frame cut(struct frame frame, int length)
{
	frame.length = length;
	return frame;
}

struct frame pad(struct frame frame, int length)
{
	memset(frame.bytes + frame.length, 0xee, length - frame.length);
	frame.length = length;
	return frame;
}

static int verdict_of(enum outcome outcome)
{
	if (outcome == TX || outcome == ECHO_REPLY || outcome == TOO_BIG)
		return XDP_TX;
	return outcome == PASS ? XDP_PASS : outcome == REDIRECT ? XDP_REDIRECT : XDP_DROP;
}

static const char *judge_bytes(const struct frame *in, const struct result *result, enum outcome outcome)
{
	enum wire kind, wanted = outcome == ECHO_REPLY ? WIRE_ECHO_REPLY : outcome == TOO_BIG ? WIRE_TOO_BIG : WIRE_ENCAPSULATED;
	const char *wrong;

	if (verdict_of(outcome) == XDP_PASS || verdict_of(outcome) == XDP_DROP) {
		if (result->frame.length != in->length || memcmp(result->frame.bytes, in->bytes, in->length))
			return "frame was touched";
		return NULL;
	}
	if (outcome == REDIRECT)
		return NULL;    /* Ethernet addresses are the route's: its test looks at them */
	wrong = wire_judge(in, &result->frame, &kind);
	return wrong ? wrong : kind == wanted ? NULL : "something else was sent";
}

int expect_outcome(const char *name, const struct frame *in, enum outcome outcome)
{
	__u64 before[OUTCOMES], after[OUTCOMES];
	struct result result;
	const char *wrong;
	char title[160];

	snprintf(title, sizeof(title), "%s: %s", name, outcome_names[outcome]);
	read_outcomes(before);
	result = run(in);
	read_outcomes(after);
	if (result.verdict != verdict_of(outcome))
		return check(0, title, "verdict %d", result.verdict);
	for (int i = 0; i < OUTCOMES; i++)
		if (after[i] - before[i] != (i == (int)outcome))
			return check(0, title, "counter %s is wrong", outcome_names[i]);
	wrong = judge_bytes(in, &result, outcome);
	return check(!wrong, title, "%s", wrong);
}
