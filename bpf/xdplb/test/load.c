// SPDX-License-Identifier: (MIT OR GPL-2.0-only)
/* VIPs and reals from a file, and the commands that list. */
#include "../ctl/load.h"

#include "../ctl/conns.h"
#include "../ctl/message.h"
#include "../ctl/report.h"
#include "../ctl/table.h"
#include "bench.h"
#include "harness.h"
#include "wire.h"

#include <bpf/bpf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WEB "192.168.10.1:80/tcp"
#define FILE_PATH "/tmp/xdplb-load-test"        /* on the bench's own /tmp */

static struct state *state;

static int load(const char *text)
{
	FILE *file = fopen(FILE_PATH, "w");
	struct wanted *wanted;
	int result;

	hear();
	if (!file || fputs(text, file) < 0 || fclose(file))
		return -1;
	wanted = load_read(FILE_PATH);
	result = wanted ? service_become(state, wanted->vips, wanted->count) : EXIT_FAILED;
	free(wanted);
	return result;
}

static int shows(const char *text)
{
	hear();
	report_show(state);
	return said(text);
}

static void refused(const char *text, const char *words)
{
	char title[128];

	snprintf(title, sizeof(title), "load: refused: %s", words);
	check(load(text) == EXIT_FAILED && said(words) && shows("real 10.111.222.11   weight 2") && !shows("192.168.10.7"), title, "%s",
	      heard());
}

static __u32 ring_of(const char *vip)
{
	struct vip_key key = bench_key(vip);
	struct vip_info info = {};
	__u32 map = 0;

	bpf_map_lookup_elem(state->vips, &key, &info);
	bpf_map_lookup_elem(state->tables, &info.id, &map);
	return map;
}

static void test_good(void)
{
	struct frame frame = tcp("10.111.220.11", 1, "192.168.10.1", 80, ACK, 0);
	__u32 before;

	check(load("# a comment\n\nvip 192.168.10.1:80/tcp\n  real 10.111.222.11 weight 2 # behind it\nreal 10.111.222.12 drain\n"
		   "vip 2001:db8:10::1/udp encap gue gue-port 6081 hash port\nreal 2001:db8:222::11\n") == EXIT_OK,
	      "load: a file is taken", "%s", heard());
	check(shows("real 10.111.222.11   weight 2\n  real 10.111.222.12   weight 1, draining") &&
		      shows("VIP [2001:db8:10::1]:any/udp, GUE to port 6081, hashed by port"),
	      "load: all it says is set up", "%s", heard());
	check(!strcmp(real_for(&frame), "10.111.222.11"), "load: and works", "went to '%s'", real_for(&frame));
	before = ring_of(WEB);
	check(load("vip 192.168.10.1:80/tcp\nreal 10.111.222.11 weight 2\nreal 10.111.222.13\n") == EXIT_OK && ring_of(WEB) != before,
	      "load: the ring is replaced in one step", "ring %u, then %u", before, ring_of(WEB));
	check(!shows("10.111.222.12") && !shows("2001:db8") && shows("10.111.222.13"), "load: what a file does not name goes", "%s", heard());
	check(!strcmp(real_for(&frame), "10.111.222.11"), "load: a connection stays where it is", "went to '%s'", real_for(&frame));
}

static void test_counters_stay(void)
{
	struct frame frame = tcp("10.111.220.11", 1, "192.168.10.1", 80, SYN, 0);
	__u64 before;

	run(&frame);
	before = read_vip(WEB).packets;
	load("vip 192.168.10.1:80/tcp\nreal 10.111.222.11 weight 2\n");
	check(before && read_vip(WEB).packets == before, "load: a VIP that stays keeps its counters", "%llu, then %llu", before,
	      read_vip(WEB).packets);
}

static void test_bad(void)
{
	refused("vip 192.168.10.7/tcp\nreal 10.111.222.300\n", "line 2: real 10.111.222.300");
	refused("vip 192.168.10.7/tcp\nreals 10.111.222.3\n", "line 2: reals: a line begins with vip or real");
	refused("real 10.111.222.3\n", "line 1: a real needs a vip line above it");
	refused("vip 192.168.10.7\n", "line 1: vip 192.168.10.7: must be");
	refused("vip\n", "line 1: vip : must be");
	refused("vip 192.168.10.7/tcp\nvip 192.168.10.7:any/tcp\n", "line 2: vip 192.168.10.7:any/tcp is there twice");
	refused("vip 192.168.10.7/tcp\nreal 10.1.1.1\nreal 10.1.1.1\n", "line 3: real 10.1.1.1 is there twice");
	refused("vip 192.168.10.7/tcp\nreal 10.1.1.1 weight 1001\n", "weight 1001: must be");
	refused("vip 192.168.10.7/tcp\nreal 10.1.1.1 weight\n", "line 2: weight");
	refused("vip 192.168.10.7/tcp\nreal 10.1.1.1 drained\n", "drained is not known here");
	refused("vip 192.168.10.7/tcp encap gre\n", "encap gre: must be");
	refused("vip 192.168.10.7/tcp gue-port 5\n", "behind encap gue only");
	refused("vip 192.168.10.7/tcp hash client\n", "hash client: must be");
	refused("vip 192.168.10.7:80/tcp hash port\n", "would go to one real");
	refused("vip 2001:db8::7/tcp\nreal 10.1.1.1\n", "has an IPv4 address and the VIP an IPv6 one");
	refused("vip 192.168.10.7/tcp\nreal 192.168.10.7\n", "is the VIP itself");
	refused("# nothing\n", "there is no vip in it");
	hear();
	check(!load_read("/tmp/none") && said("cannot open /tmp/none"), "load: a missing file is said", "%s", heard());
}

/* A second may pass between the packet and the report. */
static int heard_is(const char *expected)
{
	char text[1024], *idle;

	snprintf(text, sizeof(text), "%s", heard());
	idle = strstr(text, "\"idle\":1}");
	if (idle)
		idle[7] = '0';
	return !strcmp(text, expected);
}

static void test_lists(void)
{
	struct frame frame = tcp("10.111.220.11", 4711, "192.168.10.1", 80, ACK, 0);
	struct frame dns = udp("10.111.220.11", 4712, "192.168.10.1", 53, 0);
	char expected[512];

	state = bench_new();
	bench_vip(WEB);
	bench_real(WEB, "10.111.222.11", 1);
	bench_vip("192.168.10.1:53/udp");
	bench_real("192.168.10.1:53/udp", "10.111.222.12", 1);
	run(&frame);
	run(&dns);
	hear();
	conns_json(state, 0);
	snprintf(expected, sizeof(expected),
		 "{\"schema\":1,\"capacity\":%u,\"connections\":2,\"stale\":0,\"flows\":["
		 "{\"client\":\"10.111.220.11\",\"client_port\":4711,\"vip\":\"192.168.10.1\",\"port\":80,\"protocol\":\"tcp\","
		 "\"real\":\"10.111.222.11\",\"idle\":null},"
		 "{\"client\":\"10.111.220.11\",\"client_port\":4712,\"vip\":\"192.168.10.1\",\"port\":53,\"protocol\":\"udp\","
		 "\"real\":\"10.111.222.12\",\"idle\":0}]}\n",
		 state_capacity(state));
	check(heard_is(expected), "conns: the JSON report, to the letter", "%s", heard());
	hear();
	conns_text(state, 1);
	check(said("10.111.220.11:4711") && !said("10.111.220.11:4712") && said("2 connections, 0 stale"), "conns: text, with a limit",
	      "%s", heard());
	bench_real_del(WEB, "10.111.222.11");
	hear();
	conns_text(state, 0);
	check(!said("10.111.220.11:4711") && said("1 connections, 1 stale"), "conns: those of a removed real are stale", "%s", heard());
	hear();
	report_vips(state);
	check(said("VIP 192.168.10.1:80/tcp\n") && !said("real"), "vip list: VIPs and no reals", "%s", heard());
	hear();
	report_reals(state, &(struct vip_key){ bench_key("192.168.10.1:53/udp").address, bench_key("192.168.10.1:53/udp").port, 17, 0 });
	check(said("10.111.222.12") && !said(":80/tcp"), "real list: those of one VIP", "%s", heard());
}

void test_load(void)
{
	hear();
	state = bench_new();
	if (!check(state != NULL, "load: set-up", "%s", heard()))
		return;
	test_good();
	test_counters_stay();
	test_bad();
	test_lists();
}
