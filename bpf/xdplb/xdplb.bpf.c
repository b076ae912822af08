// SPDX-License-Identifier: (MIT OR GPL-2.0-only)
/*
 * xdplb's data plane: packets to a VIP leave by the device they came in on,
 * encapsulated to one of the VIP's reals. No BTF or CO-RE is used: only frames
 * and our own maps are read, so the object loads on any kernel from 5.10.
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#include "counters.h"
#include "encap.h"
#include "lookup.h"
#include "maps.h"
#include "parse.h"
#include "stats.h"

char LICENSE[] SEC("license") = "Dual MIT/GPL";

static __always_inline enum outcome send_to_real(struct xdp_md *ctx, __u32 vip_id, const struct packet *packet)
{
	__u32 ifindex = ctx->ingress_ifindex;
	struct device_config *device = bpf_map_lookup_elem(&devices, &ifindex);
	__u32 real_id = choose_real(vip_id, packet);
	struct real *real = bpf_map_lookup_elem(&reals, &real_id);
	enum outcome outcome;

	if (real_id == XDPLB_NONE || !real)
		return DROP_NO_REAL;
	if (!device)
		return DROP_NO_CONFIG;
	if (packet->total_length > MAX_TOTAL_LENGTH - OUTER_BYTES)
		return DROP_TOO_BIG;
	outcome = encapsulate(ctx, packet, device, real->address);
	if (outcome == TX)
		count_sent(vip_id, real_id, packet);
	return outcome;
}

static __always_inline enum outcome balance(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data;
	void *end = (void *)(long)ctx->data_end;
	struct packet packet = {};
	struct vip_info *vip;
	struct iphdr *ip;
	enum outcome outcome = find_ipv4(data, end, &ip);

	if (outcome != UNDECIDED)
		return outcome;
	outcome = check_ipv4(ip, end);
	if (outcome != UNDECIDED)
		return blame(ip, outcome);
	read_ipv4(ip, &packet);
	outcome = read_ports(ip, end, &packet);
	if (outcome != UNDECIDED)
		return blame(ip, outcome);
	vip = find_vip(&packet);
	if (!vip)
		return PASS;
	return send_to_real(ctx, vip->id, &packet);
}

SEC("xdp")
int xdplb(struct xdp_md *ctx)
{
	enum outcome outcome = balance(ctx);

	count_outcome(outcome);
	if (outcome == PASS)
		return XDP_PASS;
	return outcome == TX ? XDP_TX : XDP_DROP;
}
