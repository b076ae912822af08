/* What the kernel has now, as ipvsadm, ipset and ip tell it. The readers are pure; spawn.c asks the tools. */
#ifndef IPVSD_KERNEL_H
#define IPVSD_KERNEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct kernel_real {
	uint32_t address;
	uint16_t port;
	int weight;
	bool masquerade;
};

struct kernel_service {
	uint32_t address;
	uint16_t port;
	bool udp;
	char scheduler[16];
	char flags[32];
	int persist;
	struct kernel_real *reals;
	size_t real_count;
};

/* An entry of the set: a port of a VIP. */
struct kernel_entry {
	uint32_t address;
	uint16_t port;
	bool udp;
};

struct kernel {
	struct kernel_service *services;
	size_t service_count;
	struct kernel_entry *entries;
	size_t entry_count;
	uint32_t *addresses; /* IPv4 addresses of the VIPs' device */
	size_t address_count;
};

/* `ipvsadm -S -n`. Services without an address, the fwmark ones, are nobody's business here and left out. */
void kernel_read_ipvs(struct kernel *kernel, const char *text);
/* `ipset save NAME`. */
void kernel_read_ipset(struct kernel *kernel, const char *text);
/* `ip -4 -o address show dev NAME`: those with /32. */
void kernel_read_addresses(struct kernel *kernel, const char *text);
void kernel_free(struct kernel *kernel);

const struct kernel_service *kernel_service(const struct kernel *kernel, uint32_t address, uint16_t port, bool udp);
const struct kernel_real *kernel_real(const struct kernel_service *service, uint32_t address, uint16_t port);

#endif
