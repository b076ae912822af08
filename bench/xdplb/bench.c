// SPDX-License-Identifier: (MIT OR GPL-2.0-only)
/*
 * Each case is measured in rounds, all cases in turn, and the least of its
 * rounds counts: other work on the machine only ever adds. From it goes what
 * the harness costs: the wrapper with an empty program behind it, and, where
 * the wrapper takes an outer header off, one move of the head.
 */
#include "ctl/state.h"
#include "test/bench.h"
#include "wrapper.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <linux/bpf.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define REALS 100
#define VIP "192.168.10.1:80/tcp"
#define VIP6 "[2001:db8:10::1]:80/tcp"
#define VIP_GUE "192.168.10.2:80/tcp"
#define VIP_ANY "192.168.10.3/tcp"
#define CAPACITY 1048576
#define MANY 100000
#define REPEATS 400000
#define NEW_FLOWS 40000
#define ROUNDS 12

enum kind { HARNESS, HARNESS_MOVES, PASSED, PLAIN };

struct wanted {
	const char *name;
	enum kind kind;
	const char *vip, *client;
	int flags;
	__u32 flows;
	int repeats;
	__u32 outer_bytes;
	int target;             /* ns; 0: none */
	int capacity;           /* -1: a table that is full already */
};

static const struct wanted cases[] = {
	{ "harness", HARNESS, "198.51.100.1", "11.0.0.1", ACK, 1, REPEATS, 0, 0, 0 },
	{ "harness, head moved there and back", HARNESS_MOVES, "198.51.100.1", "11.0.0.1", ACK, 1, REPEATS, 0, 0, 0 },
	{ "no VIP, passed", PASSED, "198.51.100.1", "11.0.0.1", ACK, 1, REPEATS, 0, 50, 0 },
	{ "IPv4 TCP, in the table, 1 flow", PLAIN, "192.168.10.1", "11.0.0.1", ACK, 1, REPEATS, 20, 105, 0 },
	{ "IPv4 TCP, in the table, 100k flows", PLAIN, "192.168.10.1", "11.0.0.1", ACK, MANY, REPEATS, 20, 0, 0 },
	{ "IPv4 TCP, VIP for any port, in the table", PLAIN, "192.168.10.3", "11.0.0.1", ACK, 1, REPEATS, 20, 0, 0 },
	{ "IPv4 TCP in GUE, in the table", PLAIN, "192.168.10.2", "11.0.0.1", ACK, 1, REPEATS, 28, 0, 0 },
	{ "IPv4 TCP, SYN", PLAIN, "192.168.10.1", "11.0.0.1", SYN, 0, REPEATS, 20, 0, 0 },
	{ "IPv4 TCP, new flow entered", PLAIN, "192.168.10.1", "11.0.0.1", ACK, 0, NEW_FLOWS, 20, 480, 0 },
	{ "IPv6 TCP, in the table, 1 flow", PLAIN, "2001:db8:10::1", "2001:db8:20::1", ACK, 1, REPEATS, 40, 107, 0 },
	{ "IPv6 TCP, in the table, 100k flows", PLAIN, "2001:db8:10::1", "2001:db8:20::1", ACK, MANY, REPEATS, 40, 0, 0 },
	{ "IPv4 TCP, new flow, another evicted", PLAIN, "192.168.10.1", "11.0.0.1", ACK, 0, 5 * NEW_FLOWS, 20, 0, -1 },
};
#define CASES ((int)(sizeof(cases) / sizeof(cases[0])))

static int recipes, under_test, wrapper, nothing;
static struct state *balancer;
static __u32 fresh;             /* first flow not used yet */

static int die(const char *what)
{
	perror(what);
	exit(1);
}

static void load_wrapper(const char *path)
{
	struct bpf_object *object = bpf_object__open(path);

	if (!object || bpf_object__load(object))
		die("wrapper");
	recipes = bpf_object__find_map_fd_by_name(object, "recipes");
	under_test = bpf_object__find_map_fd_by_name(object, "under_test");
	wrapper = bpf_program__fd(bpf_object__find_program_by_name(object, "wrapper"));
	nothing = bpf_program__fd(bpf_object__find_program_by_name(object, "nothing"));
}

static void add_reals(const char *vip, const char *format)
{
	char real[64];

	if (bench_vip(vip))
		die(vip);
	for (int i = 1; i <= REALS; i++) {
		snprintf(real, sizeof(real), format, i);
		if (bench_real(vip, real, 1))
			die(real);
	}
}

static void set_up(__u32 capacity)
{
	struct settings settings;

	balancer = bench_new_for(capacity);
	if (!balancer)
		die("balancer (needs root)");
	state_read_settings(balancer, &settings);
	settings.new_flows = 0;         /* or most new flows would not be entered, and cost less */
	state_write_settings(balancer, &settings);
	add_reals(VIP, "10.111.222.%d");
	add_reals(VIP6, "2001:db8:222::%d");
	add_reals(VIP_ANY, "10.111.222.%d");
	add_reals(VIP_GUE, "10.111.222.%d");
	bench_encap(VIP_GUE, XDPLB_GUE_PORT);
}

static struct frame frame_of(const struct wanted *wanted)
{
	int is6 = strchr(wanted->vip, ':') != NULL;
	int payload = PACKET_BYTES - 14 - (is6 ? 40 : 20) - 20;

	return (is6 ? tcp6 : tcp)(wanted->client, 1, wanted->vip, 80, wanted->flags, payload);
}

static void write_recipe(const struct wanted *wanted)
{
	int is6 = strchr(wanted->vip, ':') != NULL;
	struct frame frame = frame_of(wanted);
	struct recipe recipe = {
		.outer_bytes = wanted->outer_bytes,
		.flows = wanted->flows,
		.next = wanted->flows ? 0 : fresh,
		.ipv6 = is6,
		.extra_moves = wanted->kind == HARNESS_MOVES,
	};
	__u32 zero = 0;

	if (frame.length != PACKET_BYTES)
		die("packet length");
	memcpy(recipe.packet, frame.bytes, PACKET_BYTES);
	bpf_map_update_elem(recipes, &zero, &recipe, BPF_ANY);
	bpf_map_update_elem(under_test, &zero, wanted->kind <= HARNESS_MOVES ? &nothing : &balancer->program, BPF_ANY);
	if (!wanted->flows)
		fresh += wanted->repeats;
}

static int run_repeatedly(const struct wanted *wanted)
{
	__u8 in[PACKET_BYTES] = {};
	LIBBPF_OPTS(bpf_test_run_opts, options, .data_in = in, .data_size_in = sizeof(in), .repeat = wanted->repeats);
	__u32 verdict = wanted->kind == PLAIN ? XDP_TX : XDP_PASS;

	write_recipe(wanted);
	if (bpf_prog_test_run_opts(wrapper, &options))
		die(wanted->name);
	if (options.retval != verdict) {
		fprintf(stderr, "%s: verdict %u\n", wanted->name, options.retval);
		exit(1);
	}
	return options.duration;
}

/* The balancer's own counters tell whether the case was what it says. */
static void check_events(const struct wanted *wanted, enum event event, __u64 before)
{
	if (wanted->kind == PLAIN && read_event(event) - before < (__u64)wanted->repeats) {
		fprintf(stderr, "%s: only %llu of %d packets were that\n", wanted->name, read_event(event) - before,
			wanted->repeats);
		exit(1);
	}
}

static int measure(const struct wanted *wanted)
{
	enum event event = wanted->flags == SYN ? FLOW_SYN : wanted->flows ? FLOW_HIT : FLOW_ENTERED;
	__u64 before;
	int result;

	if (wanted->kind == PLAIN && wanted->flows)     /* so that all flows are in the table */
		run_repeatedly(&(struct wanted){ .name = wanted->name, .kind = PLAIN, .vip = wanted->vip,
						 .client = wanted->client, .flags = ACK, .flows = wanted->flows,
						 .repeats = wanted->flows, .outer_bytes = wanted->outer_bytes });
	before = read_event(event);
	result = run_repeatedly(wanted);
	check_events(wanted, event, before);
	return result;
}

static void least_of_rounds(int rounds, int full, int least[CASES])
{
	for (int round = 0; round < rounds; round++) {
		for (int i = 0; i < CASES; i++) {
			int ns;

			if (cases[i].kind > HARNESS_MOVES && (cases[i].capacity == -1) != full)
				continue;
			ns = measure(&cases[i]);
			if (!least[i] || ns < least[i])
				least[i] = ns;
		}
	}
}

static int print(const int least[CASES])
{
	int move = (least[1] - least[0] + 1) / 2, missed = 0;

	printf("%-42s %10s %10s %10s\n", "case", "measured", "ns/packet", "target");
	for (int i = 0; i < CASES; i++) {
		int harness = cases[i].kind <= HARNESS_MOVES ? 0 : least[0] + (cases[i].outer_bytes ? move : 0);
		int ns = least[i] - harness;

		printf("%-42s %10d %10d", cases[i].name, least[i], ns);
		if (cases[i].target)
			printf(" %7d %s", cases[i].target, ns <= cases[i].target ? "ok" : "MISSED");
		missed += cases[i].target && ns > cases[i].target;
		putchar('\n');
	}
	return missed;
}

static unsigned long memory_of(int map)
{
	char path[64], line[128];
	unsigned long bytes = 0;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", map);
	file = fopen(path, "r");
	while (file && fgets(line, sizeof(line), file))
		sscanf(line, "memlock: %lu", &bytes);
	if (file)
		fclose(file);
	return bytes;
}

static void print_memory(void)
{
	const int all[] = { balancer->devices, balancer->vips, balancer->vip_addresses, balancer->tables, balancer->reals,
			    balancer->vip_counters, balancer->real_counters, balancer->outcomes, balancer->events };
	unsigned long rest = 0, flows = memory_of(balancer->flows);

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		rest += memory_of(all[i]);
	printf("memory: connection table %.1f MB for %u flows (%lu bytes each), %.2f MB a VIP, all else %.2f MB\n", flows / 1e6,
	       state_capacity(balancer), flows / state_capacity(balancer), XDPLB_SLOTS * 8 / 1e6, rest / 1e6);
}

/* One CPU throughout: its cache and its share of the table. */
static void stay_here(void)
{
	cpu_set_t one;
	int cpu = sched_getcpu();

	CPU_ZERO(&one);
	CPU_SET(cpu < 0 ? 0 : cpu, &one);
	sched_setaffinity(0, sizeof(one), &one);
}

static int muted;

static void mute(void)
{
	fflush(stdout);
	muted = dup(STDOUT_FILENO);
	if (!freopen("/dev/null", "w", stdout))
		die("/dev/null");
}

static void unmute(void)
{
	fflush(stdout);
	dup2(muted, STDOUT_FILENO);
}

int main(int argc, char **argv)
{
	int rounds = argc > 1 ? atoi(argv[1]) : ROUNDS;
	__u32 capacity = argc > 2 ? atoi(argv[2]) : CAPACITY;
	int least[CASES] = {}, missed;
	char path[4096];

	/* Before bench_new hides /tmp. */
	snprintf(path, sizeof(path), "%s", argv[0]);
	strcpy(strrchr(path, '/') ? strrchr(path, '/') + 1 : path, "wrapper.bpf.o");
	load_wrapper(path);
	stay_here();
	mute();
	set_up(capacity);
	unmute();
	least_of_rounds(rounds, 0, least);
	print_memory();
	mute();
	set_up(NEW_FLOWS);              /* full after the first of its rounds */
	unmute();
	least_of_rounds(rounds, 1, least);
	missed = print(least);
	printf("least of %d rounds; harness subtracted\n", rounds);
	return missed != 0;
}
