/* The configuration: services with their reals, in the JSON shape of the document. */
#ifndef IPVSD_CONFIG_H
#define IPVSD_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "health.h"

enum check_type { CHECK_HTTP, CHECK_TCP };

#define MAX_EXPECT 8

struct check {
	enum check_type type;
	uint16_t port; /* the real's own when the file names none */
	char *request; /* HTTP: what is sent */
	int expect[MAX_EXPECT], expects; /* HTTP: statuses that pass; none means any */
};

/* A check that is under way; see probe.h. */
struct probe {
	int fd; /* -1: none is under way */
	int check; /* which of the real's checks */
	size_t sent, got;
	char answer[16];
};

struct real {
	char name[24]; /* "10.1.10.10:80" */
	uint32_t address; /* network order, as all addresses here */
	uint16_t port;
	int weight;
	bool disabled;
	struct check *checks;
	size_t check_count;
	struct health health;
	struct probe probe;
	char reason[96]; /* why the last check failed; empty when it passed */
};

struct service {
	char name[32]; /* "192.168.101.1:80:tcp" */
	char vip[16];
	uint32_t address;
	uint16_t port;
	bool udp;
	int need;
	const char *scheduler; /* as ipvsadm calls it */
	const char *flags; /* scheduler flags, or NULL */
	int persist; /* seconds, 0 for none */
	bool reset; /* a real that is down is removed; otherwise it keeps its connections with weight 0 */
	struct real *reals;
	size_t real_count;
};

struct config {
	struct service *services;
	size_t service_count;
};

/* NULL with the reason in `error`, which names the place. */
struct config *config_parse(const char *source, size_t length, char *error, size_t room);
/* As config_parse, from a file. */
struct config *config_read(const char *path, char *error, size_t room);
void config_free(struct config *config);

struct service *config_service(const struct config *config, const char *name);
struct real *service_real(const struct service *service, const char *name);
/* True when some service has this address. */
bool config_has_vip(const struct config *config, uint32_t address);

/*
 * Health of a fresh configuration: a real known from `old` keeps what is known of it. A new real starts down, but for those
 * of a new service on a VIP that is served already: the VIP must not go away because something was added to it.
 */
void config_inherit(struct config *fresh, struct config *old, double now);

#endif
