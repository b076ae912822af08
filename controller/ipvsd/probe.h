/* Health checks under way: one connection per real at a time, none of them waited for. */
#ifndef IPVSD_PROBE_H
#define IPVSD_PROBE_H

#include <poll.h>

#include "config.h"

/* How a check of a real stands after something was done for it. */
enum probe_state { PROBE_BUSY, PROBE_PASSED, PROBE_FAILED };

/* Begins the checks of a real, in order; the first that fails decides. The reason of a failure is left in the real. */
enum probe_state probe_start(struct real *real);
/* What poll() should watch for this real. */
struct pollfd probe_poll(const struct real *real);
/* Goes on after poll() found something. */
enum probe_state probe_continue(struct real *real);
/* Ends a check that has not ended by itself. */
void probe_time_out(struct real *real);

#endif
