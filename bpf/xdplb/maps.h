/* SPDX-License-Identifier: (MIT OR GPL-2.0-only) */
/*
 * The data plane's maps. All are pinned by name, so that they outlive the
 * control program and a newer data plane goes on with the same state.
 */
#ifndef XDPLB_MAPS_H
#define XDPLB_MAPS_H

#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#include "counters.h"
#include "layout.h"

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__type(key, __u32);     /* ifindex */
	__type(value, struct device_config);
	__uint(max_entries, XDPLB_MAX_DEVICES);
	__uint(pinning, LIBBPF_PIN_BY_NAME);
} devices SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__type(key, struct vip_key);
	__type(value, struct vip_info);
	__uint(max_entries, XDPLB_MAX_VIPS);
	__uint(pinning, LIBBPF_PIN_BY_NAME);
} vips SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__type(key, struct vip_address_key);
	__type(value, __u32);
	__uint(max_entries, XDPLB_MAX_VIPS);
	__uint(pinning, LIBBPF_PIN_BY_NAME);
} vip_addresses SEC(".maps");

/* One table of slots per VIP, made when the VIP is, so memory follows use. */
struct slot_table {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__type(key, __u32);
	__type(value, __u32);   /* real id */
	__uint(max_entries, XDPLB_SLOTS);
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
	__type(key, __u32);     /* VIP id */
	__uint(max_entries, XDPLB_MAX_VIPS);
	__uint(pinning, LIBBPF_PIN_BY_NAME);
	__array(values, struct slot_table);
} tables SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__type(key, __u32);     /* real id */
	__type(value, struct real);
	__uint(max_entries, XDPLB_MAX_REALS);
	__uint(pinning, LIBBPF_PIN_BY_NAME);
} reals SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__type(key, __u32);     /* VIP id */
	__type(value, struct vip_stats);
	__uint(max_entries, XDPLB_MAX_VIPS);
	__uint(pinning, LIBBPF_PIN_BY_NAME);
} vip_counters SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__type(key, __u32);     /* real id */
	__type(value, struct real_stats);
	__uint(max_entries, XDPLB_MAX_REALS);
	__uint(pinning, LIBBPF_PIN_BY_NAME);
} real_counters SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__type(key, __u32);     /* enum outcome */
	__type(value, __u64);
	__uint(max_entries, OUTCOMES);
	__uint(pinning, LIBBPF_PIN_BY_NAME);
} outcomes SEC(".maps");

#endif
