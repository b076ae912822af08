// SPDX-License-Identifier: (MIT OR GPL-2.0-only)
/* The control program's own rules, on real maps. */
#include "../ctl/device.h"
#include "../ctl/message.h"
#include "../ctl/report.h"
#include "bench.h"
#include "harness.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <linux/bpf.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define VIP "192.168.10.1:80/tcp"
#define REAL "10.111.222.11"

static struct frame syn(void)
{
	return tcp("10.111.220.11", 31337, "192.168.10.1", 80, SYN, 0);
}

static int verdict(struct frame frame)
{
	return run(&frame).verdict;
}

static void test_messages(void)
{
	struct state other;

	hear();
	check(bench_vip(VIP) == EXIT_OK && bench_vip(VIP) == EXIT_OK && said("nothing changed"),
	      "control: adding a VIP twice is no failure", "%s", heard());
	hear();
	check(bench_vip_del("192.168.10.9/udp") == EXIT_FAILED && said("no VIP 192.168.10.9:any/udp") && said("to do: xdplb vip add"),
	      "control: removing an unknown VIP says so", "%s", heard());
	hear();
	check(bench_real("192.168.10.9/udp", REAL, 1) == EXIT_FAILED && said("no VIP"), "control: a real needs its VIP", "%s", heard());
	hear();
	check(bench_real_del(VIP, REAL) == EXIT_FAILED && said("has no real " REAL), "control: removing an unknown real says so",
	      "%s", heard());
	hear();
	check(bench_real(VIP, "192.168.10.1", 1) == EXIT_FAILED && said("is the VIP itself"), "control: a VIP is not its own real",
	      "%s", heard());
	hear();
	check(state_open_or_create(&other, "/tmp/xdplb-nowhere/a/b") == EXIT_FAILED &&
		      said("mount -t bpf bpf /tmp/xdplb-nowhere/a") && access("/tmp/xdplb-nowhere", F_OK),
	      "control: without a BPF file system the mount command is said, nothing is made", "%s", heard());
	hear();
	check(state_open_or_create(&other, "nowhere") == EXIT_FAILED && said("mount -t bpf"), "control: a relative directory, too",
	      "%s", heard());
}

static void test_hash(struct state *state)
{
	hear();
	check(bench_hash_port(VIP, 1) == EXIT_FAILED && said("all of VIP " VIP " would go to one real"),
	      "control: one port is not hashed by its port", "%s", heard());
	hear();
	check(bench_vip("192.168.10.3/udp") == EXIT_OK && bench_hash_port("192.168.10.3/udp", 1) == EXIT_OK && said("hash changed") &&
		      bench_hash_port("192.168.10.3/udp", 1) == EXIT_OK && said("nothing changed"),
	      "control: the hash of a VIP can be changed", "%s", heard());
	hear();
	report_vips(state);
	check(said("VIP 192.168.10.3:any/udp, hashed by port"), "control: and is shown", "%s", heard());
	bench_vip_del("192.168.10.3/udp");
}

static void test_no_state(void)
{
	struct state other;
	char pin[128];

	snprintf(pin, sizeof(pin), "%s-other", bench_pin());
	hear();
	check(state_open(&other, pin) == EXIT_FAILED && said("there is no balancer in"), "control: no state is said", "%s", heard());
	check(access(pin, F_OK) && errno == ENOENT, "control: and none is made by asking", "it was");
}

static void test_weight_kept(void)
{
	bench_real(VIP, REAL, 7);
	hear();
	check(bench_real(VIP, REAL, -1) == EXIT_OK && said("weight 7"), "control: adding again without weight keeps it", "%s", heard());
	hear();
	check(bench_real(VIP, REAL, 2) == EXIT_OK && said("there already") && said("weight 2"), "control: adding again changes the weight",
	      "%s", heard());
}

static __u32 table_map(struct state *state)
{
	struct vip_key key = bench_key(VIP);
	struct vip_info info = {};
	__u32 map = 0;

	bpf_map_lookup_elem(state->vips, &key, &info);
	bpf_map_lookup_elem(state->tables, &info.id, &map);
	return map;
}

static void test_in_place(struct state *state)
{
	__u32 before = table_map(state), after;

	bench_real(VIP, "10.111.222.99", 1);
	after = table_map(state);
	bench_real_del(VIP, "10.111.222.99");
	check(before && before == after, "control: reals change in the table in use", "map %u became %u", before, after);
}

static void test_json(void)
{
	static const char start[] =
		"{\"schema\":1,\"vips\":[{\"address\":\"192.168.10.1\",\"port\":80,\"protocol\":\"tcp\",\"packets\":2,\"bytes\":80,"
		"\"reals\":[{\"address\":\"10.111.222.11\",\"weight\":2,\"packets\":2,\"bytes\":80,\"connections\":2,\"draining\":false}],"
		"\"encap\":\"ipip\",\"hash\":\"flow\"}],"
		"\"global\":{\"pass\":0,\"tx\":2,\"drop_truncated\":0,\"drop_version\":0,\"drop_header_length\":0,"
		"\"drop_total_length\":0,\"drop_ip_options\":0,\"drop_fragment\":0,\"drop_too_big\":0,\"drop_no_real\":0,"
		"\"drop_no_config\":0,\"drop_no_headroom\":0,\"drop_no_source\":0,\"redirect\":0,\"icmp_echo_reply\":0,"
		"\"icmp_too_big\":0,\"drop_fib_blackhole\":0,\"drop_fib_unreachable\":0,\"drop_fib_prohibit\":0,"
		"\"drop_fib_not_forwarded\":0,\"drop_fib_forwarding_off\":0,\"drop_fib_tunnel\":0,\"drop_fib_no_neighbour\":0,"
		"\"drop_fib_too_big\":0,\"drop_fib_no_source\":0,\"drop_fib_other\":0},\"attached\":[],";
	static const char counts[] = "\"hit\":0,\"syn\":2,\"entered\":0,\"guarded\":0,\"unnoted\":0,\"icmp_error\":0}}\n";
	char expected[sizeof(start) + sizeof(counts) + 64];
	struct state *state = bench_new();
	struct frame frame = syn();

	snprintf(expected, sizeof(expected), "%s\"flows\":{\"capacity\":%u,%s", start, state_capacity(state), counts);
	bench_vip(VIP);
	bench_real(VIP, REAL, 2);
	run_on(FIRST_CPU, &frame);
	run_on(LAST_CPU, &frame);
	hear();
	report_json(state);
	check(!strcmp(heard(), expected), "control: the JSON report, to the letter", "%s", heard());
	hear();
	report_show(state);
	report_stats(state);
	check(said("VIP 192.168.10.1:80/tcp") && said("real 10.111.222.11   weight 2") && said("drop_no_real"),
	      "control: the text reports", "%s", heard());
}

static void test_ids_are_clean(void)
{
	bench_vip_del(VIP);
	check(verdict(syn()) == XDP_PASS, "control: a removed VIP's packets are the host's", "verdict %d", verdict(syn()));
	bench_vip(VIP);
	check(verdict(syn()) == XDP_DROP, "control: a VIP that comes back has no reals", "verdict %d", verdict(syn()));
	bench_real(VIP, REAL, 1);
	check(!read_vip(VIP).packets && !read_real(VIP, REAL).packets, "control: and counts from 0", "%llu, %llu",
	      read_vip(VIP).packets, read_real(VIP, REAL).packets);
}

static void test_shared_address(void)
{
	struct frame fragment = syn();

	put16(&fragment, AT_FRAGMENT, 0x2000);
	bench_vip("192.168.10.1:443/tcp");
	bench_vip_del("192.168.10.1:443/tcp");
	check(verdict(fragment) == XDP_DROP, "control: one of two VIPs on an address goes, its fragments still drop", "they do not");
	bench_vip_del(VIP);
	check(verdict(fragment) == XDP_PASS, "control: both gone, fragments are the host's", "they are not");
}

static void test_limits(void)
{
	char vip[40];
	int added = 0;

	bench_new();
	for (int i = 0; i < XDPLB_MAX_VIPS; i++) {
		snprintf(vip, sizeof(vip), "192.168.11.1:%d/tcp", i + 1);
		hear();
		added += bench_vip(vip) == EXIT_OK;
	}
	check(added == XDPLB_MAX_VIPS - 1 && said("all 255 VIPs are in use"), "control: the 256th VIP is refused", "%d added: %s", added,
	      heard());
}

static void test_renewal(void)
{
	struct state *state = bench_new();

	bench_vip(VIP);
	bench_real(VIP, REAL, 1);
	verdict(syn());
	check(state_renew_program(state) == EXIT_OK && verdict(syn()) == XDP_TX && read_vip(VIP).packets == 2,
	      "control: a new program goes on with VIPs and counters", "%llu packets", read_vip(VIP).packets);
}

void test_control(void)
{
	struct state *state = bench_new();

	if (!check(state != NULL, "control: set-up", "%s", heard()))
		return;
	test_messages();
	test_hash(state);
	test_no_state();
	test_weight_kept();
	test_in_place(state);
	test_json();
	test_ids_are_clean();
	test_shared_address();
	test_limits();
	test_renewal();
}
