/* When a real counts as up: the rule of the document's health checker (davidcoles/cue mon/mon.go). Pure. */
#ifndef IPVSD_HEALTH_H
#define IPVSD_HEALTH_H

#include <stdbool.h>

#define HEALTH_CHECKS 5 /* results kept */
#define HEALTH_NEEDED 4 /* of them must pass for a real to stay up; all of them to come up */

struct health {
	unsigned char history; /* the last results, the newest in bit 0 */
	bool up;
	double changed; /* when `up` changed last, in seconds of seconds_now() */
	unsigned long transitions;
	unsigned long passed, failed;
};

/* A real that starts up is trusted as if it had passed; one that starts down must pass five times. */
void health_start(struct health *health, bool up, double now);
/* Takes one result; true when the real has gone up or down by it. */
bool health_record(struct health *health, bool passed, double now);
/* "11101", the newest last. */
void health_text(const struct health *health, char text[HEALTH_CHECKS + 1]);

#endif
