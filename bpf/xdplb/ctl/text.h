/* SPDX-License-Identifier: (MIT OR GPL-2.0-only) */
/* Between the user's notation and the maps' values. Parsers return 0 or -1. */
#ifndef XDPLB_TEXT_H
#define XDPLB_TEXT_H

#include "../layout.h"

#include <stddef.h>

#define MAX_WEIGHT 1000

/* A host's address, IPv4 or IPv6; not one of loopback, link or group. */
int parse_unicast(const char *text, struct address *address);
/* ADDRESS/BITS of a network; bits behind the prefix must be 0. bits counts from the address family's first bit. */
int parse_prefix(const char *text, struct address *address, int *bits);
/* Digits only, up to max. */
int parse_number(const char *text, unsigned long max, unsigned long *number);
int parse_mac(const char *text, __u8 mac[6]);
/* ADDRESS[:PORT|:any]/tcp|udp; an IPv6 address that a port follows is in brackets. */
int parse_vip(const char *text, struct vip_key *vip);
int parse_weight(const char *text, __u32 *weight);

#define ADDRESS_TEXT 46
#define VIP_TEXT 64
const char *address_text(const struct address *address, char text[ADDRESS_TEXT]);
int address_equal(const struct address *a, const struct address *b);
/* As memcmp: IPv4 first, then by number. */
int address_compare(const struct address *a, const struct address *b);
const char *vip_text(const struct vip_key *vip, char text[VIP_TEXT]);
const char *protocol_text(__u8 protocol);

#endif
