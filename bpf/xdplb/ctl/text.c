// SPDX-License-Identifier: (MIT OR GPL-2.0-only)
#include "text.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* strtoul alone would take signs, blanks and an empty string. */
int parse_number(const char *text, unsigned long max, unsigned long *number)
{
	char *end;

	if (!*text || strlen(text) > 9 || strspn(text, "0123456789") != strlen(text))
		return -1;
	*number = strtoul(text, &end, 10);
	return *number <= max ? 0 : -1;
}

static int is_host4(__be32 address)
{
	__u32 host = ntohl(address);

	return host >> 24 != 0 && host >> 24 != 127 && host >> 28 < 14;
}

/* Not ::/96 (unspecified, loopback and old mapped forms), link-local, groups, or IPv4 in disguise. */
static int is_host6(const struct address *address)
{
	__u32 first = ntohl(address->words[0]);

	if (!address->words[0] && !address->words[1] && !address->words[2])
		return 0;
	return !address_is_ipv4(address) && first >> 24 != 0xff && first >> 22 != 0xfe80 >> 6;
}

static int parse_address(const char *text, struct address *address)
{
	*address = (struct address){ .words = { 0, 0, XDPLB_MAPPED, 0 } };
	if (inet_pton(AF_INET, text, &address->words[3]) == 1)
		return 0;
	return inet_pton(AF_INET6, text, address) == 1 ? 0 : -1;
}

int parse_unicast(const char *text, struct address *address)
{
	if (parse_address(text, address))
		return -1;
	/* ::ffff:1.2.3.4 is refused, not read as IPv4: who writes it means something else. */
	if (strchr(text, ':'))
		return is_host6(address) ? 0 : -1;
	return is_host4(address->words[3]) ? 0 : -1;
}

static int zero_behind(const struct address *address, int bits)
{
	for (int bit = bits; bit < 128; bit++)
		if (ntohl(address->words[bit / 32]) >> (31 - bit % 32) & 1)
			return 0;
	return 1;
}

int parse_prefix(const char *text, struct address *address, int *bits)
{
	const char *slash = strchr(text, '/');
	unsigned long number;
	char copy[64];
	int is4;

	if (!slash || slash - text >= (int)sizeof(copy))
		return -1;
	memcpy(copy, text, slash - text);
	copy[slash - text] = 0;
	if (parse_address(copy, address))
		return -1;
	is4 = !strchr(copy, ':');
	if (parse_number(slash + 1, is4 ? 32 : 128, &number) || !zero_behind(address, number + (is4 ? 96 : 0)))
		return -1;
	*bits = number;
	return 0;
}

int parse_mac(const char *text, __u8 mac[6])
{
	static const __u8 zero[6];
	const char separator = strlen(text) == 17 ? text[2] : 0;

	if (separator != ':' && separator != '-')
		return -1;
	for (int i = 0; i < 6; i++) {
		const char *byte = text + 3 * i;
		char digits[3] = { byte[0], byte[1], 0 };

		if (!isxdigit((unsigned char)byte[0]) || !isxdigit((unsigned char)byte[1]))
			return -1;
		if (byte[2] != (i < 5 ? separator : 0))
			return -1;
		mac[i] = strtoul(digits, NULL, 16);
	}
	/* Group and zero addresses are nobody's: a router is one station. */
	return mac[0] & 1 || !memcmp(mac, zero, sizeof(zero)) ? -1 : 0;
}

static int parse_protocol(const char *text, __u8 *protocol)
{
	if (!strcmp(text, "tcp"))
		*protocol = IPPROTO_TCP;
	else if (!strcmp(text, "udp"))
		*protocol = IPPROTO_UDP;
	else
		return -1;
	return 0;
}

static int parse_port(const char *text, __be16 *port)
{
	unsigned long number;

	*port = 0;
	if (!strcmp(text, "any"))
		return 0;
	if (parse_number(text, 65535, &number) || number == 0)
		return -1;
	*port = htons(number);
	return 0;
}

/* Cuts the text into address and port (NULL: none). IPv6 has colons itself, so only brackets tell its port. */
static int split_port(char *text, char **address, char **port)
{
	char *close;

	*address = text;
	*port = NULL;
	if (*text == '[') {
		close = strchr(text, ']');
		if (!close || !memchr(text, ':', close - text) || (close[1] && close[1] != ':'))
			return -1;
		*address = text + 1;
		*port = close[1] ? close + 2 : NULL;
		*close = 0;
		return 0;
	}
	if (strchr(text, ':') && strchr(text, ':') == strrchr(text, ':')) {
		*port = strchr(text, ':') + 1;
		(*port)[-1] = 0;
	}
	return 0;
}

int parse_vip(const char *text, struct vip_key *vip)
{
	char *slash, *address, *port;
	char copy[80];

	memset(vip, 0, sizeof(*vip));   /* padding is part of a hash map's key */
	if (strlen(text) >= sizeof(copy))
		return -1;
	strcpy(copy, text);
	slash = strchr(copy, '/');
	if (!slash)
		return -1;
	*slash = 0;
	if (split_port(copy, &address, &port) || (port && parse_port(port, &vip->port)))
		return -1;
	return parse_protocol(slash + 1, &vip->protocol) || parse_unicast(address, &vip->address) ? -1 : 0;
}

int parse_weight(const char *text, __u32 *weight)
{
	unsigned long number;

	if (parse_number(text, MAX_WEIGHT, &number))
		return -1;
	*weight = number;
	return 0;
}

const char *address_text(const struct address *address, char text[ADDRESS_TEXT])
{
	if (address_is_ipv4(address))
		return inet_ntop(AF_INET, &address->words[3], text, ADDRESS_TEXT);
	return inet_ntop(AF_INET6, address, text, ADDRESS_TEXT);
}

int address_equal(const struct address *a, const struct address *b)
{
	return !memcmp(a, b, sizeof(*a));
}

int address_compare(const struct address *a, const struct address *b)
{
	int families = address_is_ipv4(b) - address_is_ipv4(a);

	return families ? families : memcmp(a, b, sizeof(*a));
}

const char *protocol_text(__u8 protocol)
{
	return protocol == IPPROTO_UDP ? "udp" : "tcp";
}

const char *vip_text(const struct vip_key *vip, char text[VIP_TEXT])
{
	char address[ADDRESS_TEXT];
	char port[8] = "any";

	if (vip->port)
		snprintf(port, sizeof(port), "%u", ntohs(vip->port));
	address_text(&vip->address, address);
	snprintf(text, VIP_TEXT, address_is_ipv4(&vip->address) ? "%s:%s/%s" : "[%s]:%s/%s", address, port,
		 protocol_text(vip->protocol));
	return text;
}
