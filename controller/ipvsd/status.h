/* What the controller knows, as JSON and as Prometheus metrics. Pure. */
#ifndef IPVSD_STATUS_H
#define IPVSD_STATUS_H

#include "config.h"
#include "text.h"

struct totals {
	unsigned long reloads, reload_errors, syncs, sync_errors, commands;
	double started; /* seconds_now() */
	char config_error[256]; /* why the last file was not taken; empty when it was */
	char sync_error[256];
};

void status_json(struct text *into, const struct config *config, const struct totals *totals, double now);
void status_metrics(struct text *into, const struct config *config, const struct totals *totals);

#endif
