// SPDX-License-Identifier: (MIT OR GPL-2.0-only)
/*
 * The next hop by the kernel's routes: a veth pair in the test's own network
 * namespace, and routes of each kind. Frames of a test run come in on lo.
 */
#include "bench.h"
#include "harness.h"
#include "wire.h"

#include <linux/bpf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define WEB "192.168.10.1:80/tcp"
#define WEB6 "[2001:db8:10::1]:80/tcp"

static int shell(const char *command)
{
	int result;

	hear();
	result = system(command);
	return result;
}

static void use_fib(int on)
{
	struct device_config config = bench_config();

	config.flags = on ? DEVICE_FIB : 0;
	bench_configure(&config);
}

static struct frame web(int payload)
{
	return tcp("10.111.220.11", 31337, "192.168.10.1", 80, SYN, payload);
}

static void expect(const char *name, struct frame frame, enum outcome outcome)
{
	char title[128];

	snprintf(title, sizeof(title), "next hop: %s", name);
	expect_outcome(title, &frame, outcome);
}

static int set_up(void)
{
	return bench_new() && !bench_vip(WEB) && !bench_real(WEB, "10.111.222.11", 1) && !bench_vip(WEB6) &&
	       !bench_real(WEB6, "2001:db8:222::11", 1) &&
	       !shell("ip link set lo up && ip link add out type veth peer name other && ip link set other up &&"
		      " ip link set out address 02:00:00:00:00:01 up && ip addr add 10.111.221.11/24 dev out &&"
		      " ip addr add 2001:db8:221::11/64 dev out nodad &&"
		      " echo 1 >/proc/sys/net/ipv4/conf/lo/forwarding &&"
		      " echo 1 >/proc/sys/net/ipv6/conf/all/forwarding && echo 1 >/proc/sys/net/ipv6/conf/lo/forwarding");
}

/* Route kinds of the kernel and what they count as. Each is put in the place of the last. */
static void test_refusals(void)
{
	expect("no route at all", web(0), DROP_FIB_NOT_FORWARDED);
	shell("ip route replace blackhole 10.111.222.0/24");
	expect("blackhole route", web(0), DROP_FIB_BLACKHOLE);
	shell("ip route replace unreachable 10.111.222.0/24");
	expect("unreachable route", web(0), DROP_FIB_UNREACHABLE);
	shell("ip route replace prohibit 10.111.222.0/24");
	expect("prohibit route", web(0), DROP_FIB_PROHIBIT);
	shell("ip route replace local 10.111.222.0/24 dev lo table local");
	expect("the real is this host", web(0), DROP_FIB_NOT_FORWARDED);
	shell("ip route del local 10.111.222.0/24 dev lo table local");
	shell("ip route replace 10.111.222.0/24 via 10.111.221.12 dev out");
	expect("router without a neighbour entry", web(0), DROP_FIB_NO_NEIGHBOUR);
	shell("echo 0 >/proc/sys/net/ipv4/conf/lo/forwarding");
	expect("the device does not forward", web(0), DROP_FIB_FORWARDING_OFF);
	shell("echo 1 >/proc/sys/net/ipv4/conf/lo/forwarding");
}

static void test_tunnel_route(void)
{
	if (shell("ip route replace 10.111.222.0/24 encap ip id 5 dst 10.111.221.12 dev out 2>/dev/null"))
		return;         /* this kernel has no light-weight tunnels to route by */
	expect("a route that encapsulates", web(0), DROP_FIB_TUNNEL);
}

static const char *judge_sent(const struct frame *in)
{
	static const __u8 macs[] = { 2, 0x42, 0x0a, 0x6f, 0xdd, 0x0c, 2, 0, 0, 0, 0, 1 };
	struct result result = run(in);

	if (result.verdict != XDP_REDIRECT)
		return "not redirected";
	if (memcmp(result.frame.bytes, macs, sizeof(macs)))
		return "Ethernet addresses are not the route's";
	/* The rest is as by MAC: put those in and ask the judge. */
	memcpy(result.frame.bytes + 6, "\x02\x42\x0a\x6f\xdd\x0b", 6);
	return wire_judge(in, &result.frame, &(enum wire){ 0 });
}

static void test_sent(void)
{
	struct frame frame = web(10);
	const char *wrong;

	shell("ip route replace 10.111.222.0/24 via 10.111.221.12 dev out &&"
	      " ip neigh replace 10.111.221.12 lladdr 02:42:0a:6f:dd:0c nud permanent dev out");
	expect("route and neighbour", web(0), REDIRECT);
	wrong = judge_sent(&frame);
	check(!wrong, "next hop: sent to the router's MAC, from the other device's", "%s", wrong);
	shell("ip -6 route replace 2001:db8:222::/64 via 2001:db8:221::12 dev out &&"
	      " ip -6 neigh replace 2001:db8:221::12 lladdr 02:42:0a:6f:dd:0c nud permanent dev out");
	frame = tcp6("2001:db8:20::11", 1, "2001:db8:10::1", 80, SYN, 5);
	wrong = judge_sent(&frame);
	check(!wrong, "next hop: the same for IPv6", "%s", wrong);
	shell("ip -6 route replace blackhole 2001:db8:222::/64");
	expect("IPv6 blackhole route", frame, DROP_FIB_BLACKHOLE);
}

/* The route's MTU is below the device's; the sender is told what is left of it. */
static void test_route_mtu(void)
{
	struct frame frame = web(1000);
	struct result result;

	shell("ip route replace 10.111.222.0/24 via 10.111.221.12 dev out mtu lock 1000");
	expect("a packet too big for its route is answered", frame, TOO_BIG);
	result = run(&frame);
	check(get16(&result.frame, AT_L4 + 6) == 980, "next hop: with the route's MTU less the outer header", "%d",
	      get16(&result.frame, AT_L4 + 6));
	expect("one that just fits is sent", web(980 - 40), REDIRECT);
	shell("ip route replace 10.111.222.0/24 via 10.111.221.12 dev out mtu lock 300");
	expect("one shorter than the quote is dropped without an answer", web(503 - 40), DROP_TOO_BIG);
	expect("one as long as the quote is answered", web(504 - 40), TOO_BIG);
}

void test_nexthop(void)
{
	hear();
	if (!check(set_up(), "next hop: set-up (needs ip)", "%s", heard()))
		return;
	use_fib(1);
	test_refusals();
	test_tunnel_route();
	test_sent();
	test_route_mtu();
	use_fib(0);
	expect("by MAC no route is asked", web(0), TX);
	shell("ip link del out");
}
