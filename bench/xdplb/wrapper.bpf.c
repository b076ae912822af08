// SPDX-License-Identifier: (MIT OR GPL-2.0-only)
/*
 * BPF_PROG_TEST_RUN does not restore a packet between two repeats, so a
 * balancer would encapsulate what it has encapsulated. This program takes the
 * outer header off again, writes the packet anew as one of another flow, and
 * hands it to the program under test.
 */
#include <linux/bpf.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#include "wrapper.h"

char LICENSE[] SEC("license") = "Dual MIT/GPL";

struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__type(key, __u32);
	__type(value, __u32);
	__uint(max_entries, 1);
} under_test SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__type(key, __u32);
	__type(value, struct recipe);
	__uint(max_entries, 1);
} recipes SEC(".maps");

static __always_inline __u32 next_flow(struct recipe *recipe)
{
	__u32 flow = recipe->next++;

	if (recipe->flows && recipe->next >= recipe->flows)
		recipe->next = 0;
	return flow;
}

/* 15 bits make the port, never 0, the others the last 4 bytes of the address. */
static __always_inline void write_flow(const struct recipe *recipe, __u8 *data, __u32 flow)
{
	__be32 address = bpf_htonl(0x0b000001 + (flow >> 15));
	__be16 port = bpf_htons(0x8000 | (flow & 0x7fff));

	if (recipe->ipv6) {
		*(__be32 *)(data + 14 + 20) = address;
		*(__be16 *)(data + 14 + 40) = port;
	} else {
		*(__be32 *)(data + 14 + 12) = address;
		*(__be16 *)(data + 14 + 20) = port;
	}
}

SEC("xdp")
int wrapper(struct xdp_md *ctx)
{
	__u32 zero = 0;
	struct recipe *recipe = bpf_map_lookup_elem(&recipes, &zero);
	__u8 *data;

	if (!recipe)
		return XDP_ABORTED;
	if (ctx->data_end - ctx->data > PACKET_BYTES)
		bpf_xdp_adjust_head(ctx, recipe->outer_bytes);
	if (recipe->extra_moves) {
		bpf_xdp_adjust_head(ctx, -20);
		bpf_xdp_adjust_head(ctx, 20);
	}
	data = (void *)(long)ctx->data;
	if ((void *)(data + PACKET_BYTES) > (void *)(long)ctx->data_end)
		return XDP_ABORTED;
#pragma unroll
	for (int i = 0; i < PACKET_BYTES / 4; i++)
		((__u32 *)data)[i] = recipe->packet[i];
	write_flow(recipe, data, next_flow(recipe));
	bpf_tail_call(ctx, &under_test, 0);
	return XDP_ABORTED;
}

/* The harness alone. */
SEC("xdp")
int nothing(struct xdp_md *ctx)
{
	(void)ctx;
	return XDP_PASS;
}
