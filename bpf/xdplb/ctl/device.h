/* SPDX-License-Identifier: (MIT OR GPL-2.0-only) */
/* Putting the data plane on network devices and taking it off. */
#ifndef XDPLB_DEVICE_H
#define XDPLB_DEVICE_H

#include "state.h"

#include <net/if.h>

enum mode { MODE_NONE, MODE_GENERIC, MODE_NATIVE, MODE_HARDWARE };

struct attached {
	char name[IF_NAMESIZE];
	enum mode mode;
	struct device_config config;
};

const char *mode_text(enum mode mode);
/* config->mtu 0: the device's own. */
int device_attach(struct state *state, const char *name, enum mode mode, const struct device_config *config);
int device_detach(struct state *state, const char *name);
/* Devices of this network namespace that run this state's program. */
int device_list(struct state *state, struct attached list[XDPLB_MAX_DEVICES]);

#endif
