// SPDX-License-Identifier: (MIT OR GPL-2.0-only)
#include "bench.h"

#include "../ctl/message.h"
#include "../ctl/service.h"
#include "../ctl/text.h"

#include <arpa/inet.h>
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/bpf.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

#define LOOPBACK 1      /* ifindex the kernel gives to frames of a test run */
/*
 * Laid in front of each frame as XDP metadata. When the program moves the head
 * outwards, the kernel moves metadata along but leaves the old bytes, so that
 * the outer header is written over these and a field left unwritten shows.
 */
#define POISON 0xa5
#define POISON_BYTES 32

static struct state state;
static char pin[64];

/* Gone with this process: a mount and a network namespace nobody else sees. */
static int isolate(void)
{
	if (unshare(CLONE_NEWNS | CLONE_NEWNET) || mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL))
		return -1;
	if (mount("bpf", "/sys/fs/bpf", "bpf", 0, NULL))
		return -1;
	/* What a faulty program makes where nothing should be made must not outlive the run. */
	if (mount("tmpfs", "/tmp", "tmpfs", 0, NULL) || chdir("/tmp"))
		return -1;
	strcpy(pin, DEFAULT_PIN);
	return 0;
}

static void forget_old(void)
{
	static const char *const names[] = { "devices",	     "vips",	      "vip_addresses", "tables", "reals",
					     "vip_counters", "real_counters", "outcomes",      "events", "flows",
					     "settings",     "guards",	      PROGRAM_PIN(XDPLB_LAYOUT) };
	char path[128];

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		snprintf(path, sizeof(path), "%s/%s", pin, names[i]);
		unlink(path);
	}
	state_close(&state);
}

static struct address host(const char *text)
{
	struct address parsed;

	if (parse_unicast(text, &parsed))
		abort();
	return parsed;
}

struct device_config bench_config(void)
{
	return (struct device_config){
		.source = host("10.111.221.11").words[3],
		.source6 = host("2001:db8:221::11"),
		.next_hop_mac = { 0x02, 0x42, 0x0a, 0x6f, 0xdd, 0x0c },
		.mtu = FRAME_BYTES,
	};
}

int bench_configure(const struct device_config *config)
{
	int ifindex = LOOPBACK;

	return bpf_map_update_elem(state.devices, &ifindex, config, BPF_ANY);
}

struct state *bench_new_for(__u32 capacity)
{
	struct device_config config = bench_config();

	if (pin[0])
		forget_old();
	else if (isolate())
		return NULL;
	if (state_open_or_create_for(&state, pin, capacity) || bench_configure(&config))
		return NULL;
	return &state;
}

struct state *bench_new(void)
{
	return bench_new_for(0);
}

const char *bench_pin(void)
{
	return pin;
}

struct vip_key bench_key(const char *vip)
{
	struct vip_key key;

	if (parse_vip(vip, &key))
		abort();
	return key;
}

int bench_vip(const char *vip)
{
	struct vip_key key = bench_key(vip);

	return vip_add(&state, &key, (struct vip_form){ FORM_UNCHANGED, FORM_UNCHANGED });
}

int bench_vip_del(const char *vip)
{
	struct vip_key key = bench_key(vip);

	return vip_del(&state, &key);
}

int bench_real(const char *vip, const char *real, int weight)
{
	struct vip_key key = bench_key(vip);
	struct address address = host(real);

	return real_add(&state, &key, &address, weight < 0 ? WEIGHT_UNCHANGED : (__u32)weight);
}

int bench_real_del(const char *vip, const char *real)
{
	struct vip_key key = bench_key(vip);
	struct address address = host(real);

	return real_del(&state, &key, &address);
}

int bench_drain(const char *vip, const char *real)
{
	struct vip_key key = bench_key(vip);
	struct address address = host(real);

	return real_drain(&state, &key, &address);
}

int bench_encap(const char *vip, int encap)
{
	struct vip_key key = bench_key(vip);

	return vip_add(&state, &key, (struct vip_form){ .encap = encap, .hash_port = FORM_UNCHANGED });
}

int bench_hash_port(const char *vip, int hash_port)
{
	struct vip_key key = bench_key(vip);

	return vip_add(&state, &key, (struct vip_form){ .encap = FORM_UNCHANGED, .hash_port = hash_port });
}

/* Frames */

void put16(struct frame *frame, int at, unsigned int value)
{
	frame->bytes[at] = value >> 8;
	frame->bytes[at + 1] = value;
}

int get16(const struct frame *frame, int at)
{
	return frame->bytes[at] << 8 | frame->bytes[at + 1];
}

/* Every field differs from what the outer header must hold, so that copying the wrong one shows. */
static struct frame ipv4(const char *client, const char *vip, int protocol, int l4_bytes)
{
	static const __u8 ethernet[] = { 2, 0x42, 0x0a, 0x6f, 0xdd, 0x0b, 2, 0x42, 0x0a, 0x6f, 0xdd, 0x0c, 8, 0 };
	static const __u8 start[] = { 0x45, 0xb9, 0, 0, 0x12, 0x34, 0x40, 0, 57 };
	struct frame frame = { .length = AT_L4 + l4_bytes };
	__be32 from = host(client).words[3], to = host(vip).words[3];

	memcpy(frame.bytes, ethernet, sizeof(ethernet));
	memcpy(frame.bytes + AT_IP, start, sizeof(start));
	put16(&frame, AT_LENGTH, frame.length - AT_IP);
	frame.bytes[AT_PROTOCOL] = protocol;
	memcpy(frame.bytes + AT_CLIENT, &from, 4);
	memcpy(frame.bytes + AT_DESTINATION, &to, 4);
	return frame;
}

static void fill_payload(struct frame *frame, int at)
{
	for (__u32 i = at; i < frame->length; i++)
		frame->bytes[i] = i * 7 + 3;
}

static void put_tcp(struct frame *frame, int at, int client_port, int port, int flags)
{
	put16(frame, at, client_port);
	put16(frame, at + 2, port);
	frame->bytes[at + 12] = 0x50;
	frame->bytes[at + 13] = flags;
	fill_payload(frame, at + 20);
}

static void put_udp(struct frame *frame, int at, int client_port, int port, int payload)
{
	put16(frame, at, client_port);
	put16(frame, at + 2, port);
	put16(frame, at + 4, 8 + payload);
	fill_payload(frame, at + 8);
}

struct frame tcp(const char *client, int client_port, const char *vip, int port, int flags, int payload)
{
	struct frame frame = ipv4(client, vip, IPPROTO_TCP, 20 + payload);

	put_tcp(&frame, AT_L4, client_port, port, flags);
	return frame;
}

struct frame udp(const char *client, int client_port, const char *vip, int port, int payload)
{
	struct frame frame = ipv4(client, vip, IPPROTO_UDP, 8 + payload);

	put_udp(&frame, AT_L4, client_port, port, payload);
	return frame;
}

/* Traffic class b9 and a flow label, so that mixing them up shows. */
static struct frame ipv6(const char *client, const char *vip, int next, int l4_bytes)
{
	static const __u8 ethernet[] = { 2, 0x42, 0x0a, 0x6f, 0xdd, 0x0b, 2, 0x42, 0x0a, 0x6f, 0xdd, 0x0c, 0x86, 0xdd };
	static const __u8 start[] = { 0x6b, 0x91, 0x23, 0x45 };
	struct address from = host(client), to = host(vip);
	struct frame frame = { .length = AT_L46 + l4_bytes };

	memcpy(frame.bytes, ethernet, sizeof(ethernet));
	memcpy(frame.bytes + AT_IP, start, sizeof(start));
	put16(&frame, AT_LENGTH6, l4_bytes);
	frame.bytes[AT_NEXT6] = next;
	frame.bytes[AT_HOPS6] = 57;
	memcpy(frame.bytes + AT_CLIENT6, &from, 16);
	memcpy(frame.bytes + AT_DESTINATION6, &to, 16);
	return frame;
}

struct frame tcp6(const char *client, int client_port, const char *vip, int port, int flags, int payload)
{
	struct frame frame = ipv6(client, vip, IPPROTO_TCP, 20 + payload);

	put_tcp(&frame, AT_L46, client_port, port, flags);
	return frame;
}

struct frame udp6(const char *client, int client_port, const char *vip, int port, int payload)
{
	struct frame frame = ipv6(client, vip, IPPROTO_UDP, 8 + payload);

	put_udp(&frame, AT_L46, client_port, port, payload);
	return frame;
}

__u16 ones_sum(const void *data, int bytes, __u32 start)
{
	const __u8 *at = data;
	__u32 sum = start;

	for (int i = 0; i < bytes; i++)
		sum += i % 2 ? at[i] : at[i] << 8;
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return sum;
}

/* ICMPv6's covers the addresses, its length and its protocol number, too (RFC 8200, 8.1). */
void icmp_checksum(struct frame *frame)
{
	int is6 = frame->bytes[AT_TYPE] == 0x86, at = is6 ? AT_L46 : AT_L4, bytes = frame->length - at;
	__u32 start = is6 ? ones_sum(frame->bytes + AT_CLIENT6, 32, bytes + IPPROTO_ICMPV6) : 0;

	put16(frame, at + 2, 0);
	put16(frame, at + 2, (__u16)~ones_sum(frame->bytes + at, bytes, start));
}

struct frame icmp(const char *client, const char *vip, int type, int code, __u32 rest, const void *body, int bytes)
{
	int is6 = strchr(vip, ':') != NULL, at = is6 ? AT_L46 : AT_L4;
	struct frame frame = is6 ? ipv6(client, vip, IPPROTO_ICMPV6, 8 + bytes) : ipv4(client, vip, IPPROTO_ICMP, 8 + bytes);

	frame.bytes[at] = type;
	frame.bytes[at + 1] = code;
	put16(&frame, at + 4, rest >> 16);
	put16(&frame, at + 6, rest);
	memcpy(frame.bytes + at + 8, body, bytes);
	icmp_checksum(&frame);
	return frame;
}

struct result run(const struct frame *frame)
{
	__u8 in[POISON_BYTES + FRAME_BYTES], out[POISON_BYTES + FRAME_BYTES + 64];
	struct xdp_md before = { .data = POISON_BYTES, .data_end = POISON_BYTES + frame->length }, after = {};
	LIBBPF_OPTS(bpf_test_run_opts, options, .data_in = in, .data_size_in = before.data_end, .data_out = out,
		    .data_size_out = sizeof(out), .ctx_in = &before, .ctx_size_in = sizeof(before), .ctx_out = &after,
		    .ctx_size_out = sizeof(after), .repeat = 1);
	struct result result = {};

	memset(in, POISON, POISON_BYTES);
	memcpy(in + POISON_BYTES, frame->bytes, frame->length);
	if (bpf_prog_test_run_opts(state.program, &options)) {
		result.verdict = -errno;
		return result;
	}
	result.verdict = options.retval;
	result.frame.length = after.data_end - after.data;
	memcpy(result.frame.bytes, out + after.data, result.frame.length);
	return result;
}

__u32 real_of(const struct frame *frame)
{
	struct result result = run(frame);
	__be32 real;

	if (result.verdict != XDP_TX)
		return 0;
	memcpy(&real, result.frame.bytes + AT_DESTINATION, 4);
	return ntohl(real);
}

static int find_cpu(const cpu_set_t *allowed, enum cpu wanted)
{
	int found = 0;

	for (int cpu = 0; cpu < CPU_SETSIZE; cpu++) {
		if (!CPU_ISSET(cpu, allowed))
			continue;
		found = cpu;
		if (wanted == FIRST_CPU)
			break;
	}
	return found;
}

struct result run_on(enum cpu cpu, const struct frame *frame)
{
	struct result result;
	cpu_set_t allowed, one;

	sched_getaffinity(0, sizeof(allowed), &allowed);
	CPU_ZERO(&one);
	CPU_SET(find_cpu(&allowed, cpu), &one);
	sched_setaffinity(0, sizeof(one), &one);
	result = run(frame);
	sched_setaffinity(0, sizeof(allowed), &allowed);
	return result;
}

/* Counters, read straight from the maps: report.c is under test itself. */

static void read_counter(int map, __u32 id, __u64 *sums, int fields)
{
	__u64 values[3 * 1024];
	int cpus = libbpf_num_possible_cpus();

	memset(sums, 0, fields * sizeof(*sums));
	if (cpus > 1024 || bpf_map_lookup_elem(map, &id, values))
		return;
	for (int i = 0; i < cpus * fields; i++)
		sums[i % fields] += values[i];
}

void read_outcomes(__u64 counts[OUTCOMES])
{
	for (__u32 id = 0; id < OUTCOMES; id++)
		read_counter(state.outcomes, id, &counts[id], 1);
}

__u64 read_event(enum event event)
{
	__u64 count;

	read_counter(state.events, event, &count, 1);
	return count;
}

static __u32 vip_id(const char *vip)
{
	struct vip_key key = bench_key(vip);
	struct vip_info info = {};

	bpf_map_lookup_elem(state.vips, &key, &info);
	return info.id;
}

struct vip_stats read_vip(const char *vip)
{
	struct vip_stats stats;

	read_counter(state.vip_counters, vip_id(vip), (__u64 *)&stats, 2);
	return stats;
}

struct real_stats read_real(const char *vip, const char *real)
{
	static struct real all[XDPLB_MAX_REALS];
	struct address address = host(real);
	struct real_stats stats = {};
	__u32 id = vip_id(vip);

	real_read_all(&state, all);
	for (__u32 i = 1; i < XDPLB_MAX_REALS; i++)
		if (all[i].vip_id == id && address_equal(&all[i].address, &address))
			read_counter(state.real_counters, i, (__u64 *)&stats, 3);
	return stats;
}
