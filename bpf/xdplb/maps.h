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

/* One ring of slots per VIP, made when the VIP is, so memory follows use. */
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

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__type(key, __u32);     /* enum event */
	__type(value, __u64);
	__uint(max_entries, EVENTS);
	__uint(pinning, LIBBPF_PIN_BY_NAME);
} events SEC(".maps");

/*
 * The connection table. Each CPU has a share of the entries and a list of its
 * own to evict from (NO_COMMON_LRU), so that CPUs do not wait for one another
 * and a flood on one costs only that one's flows. All CPUs find all entries:
 * a flow whose packets come in on another CPU keeps its real.
 */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(map_flags, BPF_F_NO_COMMON_LRU);
	__type(key, struct flow_key);
	__type(value, struct flow);
	__uint(max_entries, 1);         /* the control program says how many */
	__uint(pinning, LIBBPF_PIN_BY_NAME);
} flows SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__type(key, __u32);     /* 0 */
	__type(value, struct settings);
	__uint(max_entries, 1);
	__uint(pinning, LIBBPF_PIN_BY_NAME);
} settings SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__type(key, __u32);     /* 0 */
	__type(value, struct guard);
	__uint(max_entries, 1);
	__uint(pinning, LIBBPF_PIN_BY_NAME);
} guards SEC(".maps");

#endif
