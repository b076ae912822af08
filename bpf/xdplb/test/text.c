// SPDX-License-Identifier: (MIT OR GPL-2.0-only)
#include "../ctl/text.h"

#include "harness.h"

#include <stdio.h>
#include <string.h>

static void good_vip(const char *text, const char *expected)
{
	struct vip_key vip;
	char name[96], back[VIP_TEXT] = "refused";

	if (!parse_vip(text, &vip))
		vip_text(&vip, back);
	snprintf(name, sizeof(name), "text: VIP %s is %s", text, expected);
	check(!strcmp(back, expected), name, "got %s", back);
}

static void bad_vip(const char *text)
{
	struct vip_key vip;
	char name[128];

	snprintf(name, sizeof(name), "text: VIP '%s' is refused", text);
	check(parse_vip(text, &vip), name, "was taken");
}

static void mac(const char *text, int good)
{
	static const __u8 expected[6] = { 0x02, 0x42, 0x0a, 0x6f, 0xdd, 0x0c };
	__u8 parsed[6] = {};
	char name[96];
	int taken = !parse_mac(text, parsed);

	snprintf(name, sizeof(name), "text: MAC '%s' is %s", text, good ? "taken" : "refused");
	check(taken == good && (!good || !memcmp(parsed, expected, 6)), name, "taken %d, first byte %02x", taken, parsed[0]);
}

static void weight(const char *text, int expected)
{
	__u32 parsed = 0;
	char name[96];
	int got = parse_weight(text, &parsed) ? -1 : (int)parsed;

	snprintf(name, sizeof(name), "text: weight '%s' is %d", text, expected);
	check(got == expected, name, "got %d", got);
}

static void test_vips(void)
{
	static const char *const bad[] = {
		"", "192.168.10.1", "192.168.10.1:80", "192.168.10.1/sctp", "192.168.10.1:0/tcp", "192.168.10.1:65536/tcp",
		"192.168.10.1:/tcp", "192.168.10.1:-1/tcp", "192.168.10.1: 80/tcp", "192.168.10.1:80x/tcp", "192.168.10/tcp",
		"192.168.10.256/tcp", "0.0.0.0/tcp", "127.0.0.1/tcp", "224.0.0.1/tcp", "255.255.255.255/tcp", "::1/tcp",
		"192.168.10.1:80/tcp/udp", "2001:db8::1:80/udp/tcp", "[2001:db8::1/tcp", "[2001:db8::1]80/tcp",
		"[2001:db8::1]:0/tcp", "[192.168.10.1]:80/tcp", "::/tcp", "::2/tcp", "fe80::1/tcp", "ff02::1/tcp",
		"::ffff:192.168.10.1/tcp", "/tcp", "192.168.10.1:80/",
		"192.168.10.1:80/tcp-and-then-a-very-long-tail-that-does-not-fit-any-buffer",
	};

	good_vip("192.168.10.1/tcp", "192.168.10.1:any/tcp");
	good_vip("192.168.10.1:any/udp", "192.168.10.1:any/udp");
	good_vip("192.168.10.1:80/tcp", "192.168.10.1:80/tcp");
	good_vip("192.168.10.1:65535/udp", "192.168.10.1:65535/udp");
	good_vip("2001:db8::1/tcp", "[2001:db8::1]:any/tcp");
	good_vip("[2001:db8::1]/tcp", "[2001:db8::1]:any/tcp");
	good_vip("[2001:0db8:0::1]:53/udp", "[2001:db8::1]:53/udp");
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		bad_vip(bad[i]);
}

static void prefix(const char *text, int expected)
{
	struct address address;
	char name[96];
	int bits = -1;

	if (parse_prefix(text, &address, &bits))
		bits = -1;
	snprintf(name, sizeof(name), "text: prefix '%s' has %d bits", text, expected);
	check(bits == expected, name, "got %d", bits);
}

void test_text(void)
{
	prefix("172.16.0.0/16", 16);
	prefix("10.0.0.0/8", 8);
	prefix("0100::/64", 64);
	prefix("172.16.0.1/16", -1);
	prefix("0100::1/64", -1);
	prefix("172.16.0.0/33", -1);
	prefix("172.16.0.0", -1);
	prefix("172.16.0.0/", -1);
	test_vips();
	mac("02:42:0a:6f:dd:0c", 1);
	mac("02-42-0a-6f-dd-0c", 1);
	mac("02-42-0A-6F-DD-0C", 1);
	mac("02:42:0a:6f:dd-0c", 0);
	mac("02:42:0a:6f:dd", 0);
	mac("02:42:0a:6f:dd:0c:0d", 0);
	mac("0242.0a6f.dd0c", 0);
	mac("01:42:0a:6f:dd:0c", 0);    /* group */
	mac("00:00:00:00:00:00", 0);
	mac("0g:42:0a:6f:dd:0c", 0);
	mac("", 0);
	weight("0", 0);
	weight("1000", 1000);
	weight("1001", -1);
	weight("-1", -1);
	weight("", -1);
	weight("1.5", -1);
	weight("99999999999", -1);
}
