/* SPDX-License-Identifier: (MIT OR GPL-2.0-only) */
/* Between the user's notation and the maps' values. Parsers return 0 or -1. */
#ifndef XDPLB_TEXT_H
#define XDPLB_TEXT_H

#include "../layout.h"

#include <stddef.h>

#define MAX_WEIGHT 1000

int parse_unicast(const char *text, __be32 *address);
int parse_mac(const char *text, __u8 mac[6]);
/* ADDRESS[:PORT|:any]/tcp|udp */
int parse_vip(const char *text, struct vip_key *vip);
int parse_weight(const char *text, __u32 *weight);

#define ADDRESS_TEXT 16
#define VIP_TEXT 32
const char *address_text(__be32 address, char text[ADDRESS_TEXT]);
const char *vip_text(const struct vip_key *vip, char text[VIP_TEXT]);
const char *protocol_text(__u8 protocol);

#endif
