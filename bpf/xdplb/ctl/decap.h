/* SPDX-License-Identifier: (MIT OR GPL-2.0-only) */
/*
 * The decapsulating program at a real. It has no pins: the device it is on
 * keeps it and its counters, so a real needs no BPF file system.
 */
#ifndef XDPLB_CTL_DECAP_H
#define XDPLB_CTL_DECAP_H

#include "../decap.h"
#include "device.h"

struct decap_options {
	const char *device;
	enum mode mode;
	struct address addresses[DECAP_MAX_ADDRESSES];  /* where tunnels end; count 0: the device's own */
	int count;
	__u16 gue_port;
};

struct decap {
	int program, hosts, counts;
};

/* Loads it and fills its maps; device is not used. For decap_attach and tests. */
int decap_load(const struct decap_options *options, struct decap *decap);
int decap_attach(struct decap_options *options);
int decap_detach(const char *device);
int decap_stats(const char *device, int json);

#endif
