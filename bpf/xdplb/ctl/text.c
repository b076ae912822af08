// SPDX-License-Identifier: (MIT OR GPL-2.0-only)
#include "text.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Digits only: strtoul alone would take signs, blanks and an empty string. */
static int parse_number(const char *text, unsigned long max, unsigned long *number)
{
	char *end;

	if (!*text || strlen(text) > 9 || strspn(text, "0123456789") != strlen(text))
		return -1;
	*number = strtoul(text, &end, 10);
	return *number <= max ? 0 : -1;
}

int parse_unicast(const char *text, __be32 *address)
{
	struct in_addr parsed;
	__u32 host;

	if (inet_pton(AF_INET, text, &parsed) != 1)
		return -1;
	host = ntohl(parsed.s_addr);
	if (host >> 24 == 0 || host >> 24 == 127 || host >> 28 >= 14)
		return -1;
	*address = parsed.s_addr;
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

int parse_vip(const char *text, struct vip_key *vip)
{
	char copy[64];
	char *slash, *colon;

	memset(vip, 0, sizeof(*vip));   /* padding is part of a hash map's key */
	if (strlen(text) >= sizeof(copy))
		return -1;
	strcpy(copy, text);
	slash = strchr(copy, '/');
	if (!slash)
		return -1;
	*slash = 0;
	colon = strchr(copy, ':');
	if (colon) {
		*colon = 0;
		if (parse_port(colon + 1, &vip->port))
			return -1;
	}
	return parse_protocol(slash + 1, &vip->protocol) || parse_unicast(copy, &vip->address) ? -1 : 0;
}

int parse_weight(const char *text, __u32 *weight)
{
	unsigned long number;

	if (parse_number(text, MAX_WEIGHT, &number))
		return -1;
	*weight = number;
	return 0;
}

const char *address_text(__be32 address, char text[ADDRESS_TEXT])
{
	struct in_addr in = { .s_addr = address };

	return inet_ntop(AF_INET, &in, text, ADDRESS_TEXT);
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
	snprintf(text, VIP_TEXT, "%s:%s/%s", address_text(vip->address, address), port,
		 protocol_text(vip->protocol));
	return text;
}
