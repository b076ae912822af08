/* From what is wanted and what is there to the commands between the two. Pure. */
#ifndef IPVSD_PLAN_H
#define IPVSD_PLAN_H

#include "config.h"
#include "kernel.h"

/* An entry of the set lives so long without being renewed: services of a controller that is gone end by themselves. */
#define ENTRY_SECONDS 90
/* How often everything is compared and renewed. */
#define REFRESH_SECONDS 60

struct targets {
	const char *set; /* name of the ipset, or NULL: keep none */
	const char *device; /* the VIPs' device, or NULL: leave addresses alone */
};

#define MAX_COMMANDS 4096

struct plan {
	char **commands; /* words with one space between them; no word holds a space */
	size_t count;
};

/*
 * What brings the kernel in step. A service leaves the set before it leaves IPVS, and enters it after, so that its port is
 * never without both: a local service of this host would answer. `config` may be NULL: everything goes.
 */
void plan_changes(struct plan *plan, const struct config *config, const struct kernel *kernel,
		  const struct targets *targets, bool renew);
void plan_free(struct plan *plan);
/* The weight a real should have now; -1 when it should not be there. */
int wanted_weight(const struct service *service, const struct real *real);
/* State taken over from IPVS when the controller starts: a real that has a weight there is up. */
void config_adopt(struct config *config, const struct kernel *kernel, double now);

#endif
