/* The controller at work: checks, comparisons with the kernel, reloads. */
#ifndef IPVSD_DAEMON_H
#define IPVSD_DAEMON_H

#include "plan.h"
#include "status.h"

/* Seconds between two checks of a real, and the longest a check may take: the document's. */
#define CHECK_SECONDS 2

struct daemon {
	const char *file;
	struct targets targets;
	struct config *config;
	struct totals totals;
	bool dirty; /* something must be compared with the kernel */
	bool failed; /* the last comparison: it is made again with the next tick */
	double renewed;
};

/* Reads the file and takes over what the kernel has; false with the reason in `error`. */
bool daemon_start(struct daemon *daemon, char *error, size_t room);
/*
 * Every CHECK_SECONDS: ends checks that got no answer, begins new ones. When this program itself was held up, `late`, nobody is
 * judged: the answers may be there, and could not be read.
 */
void daemon_tick(struct daemon *daemon, bool late);
/* A probe has something to do. */
void daemon_probe(struct daemon *daemon, struct real *real);
/* Takes the file again; a bad one changes nothing but the status. */
void daemon_reload(struct daemon *daemon);
/* Brings the kernel in step when something has changed or it is time. */
void daemon_sync(struct daemon *daemon);
/* Removes what this program keeps: set entries, services, addresses. */
void daemon_clear(struct daemon *daemon);

#endif
