#include "kernel.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "text.h"

#define MAX_WORDS 24

/* Grows a list by one zeroed element. */
static void *grow(void *list, size_t *count, size_t size)
{
	char *longer = must_alloc((*count + 1) * size);

	if (*count)
		memcpy(longer, list, *count * size);
	free(list);
	*count += 1;
	return longer;
}

/* Splits a line at spaces; it is written to. */
static size_t split(char *line, char *words[MAX_WORDS])
{
	size_t count = 0;
	char *rest = NULL;

	for (char *word = strtok_r(line, " \t", &rest); word && count < MAX_WORDS; word = strtok_r(NULL, " \t", &rest))
		words[count++] = word;
	return count;
}

/* The word behind `flag`, or NULL. */
static const char *option(char *words[], size_t count, const char *flag)
{
	for (size_t i = 0; i + 1 < count; i++)
		if (strcmp(words[i], flag) == 0)
			return words[i + 1];
	return NULL;
}

static bool has_flag(char *words[], size_t count, const char *flag)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(words[i], flag) == 0)
			return true;
	return false;
}

static void add_service(struct kernel *kernel, char *words[], size_t count, const char *name, bool udp)
{
	struct kernel_service service = { .udp = udp };
	const char *scheduler = option(words, count, "-s"), *flags = option(words, count, "-b");
	const char *persist = option(words, count, "-p");

	if (!parse_endpoint(name, &service.address, &service.port))
		return;
	snprintf(service.scheduler, sizeof(service.scheduler), "%s", scheduler ? scheduler : "");
	snprintf(service.flags, sizeof(service.flags), "%s", flags ? flags : "");
	service.persist = persist ? atoi(persist) : 0;
	kernel->services = grow(kernel->services, &kernel->service_count, sizeof(service));
	kernel->services[kernel->service_count - 1] = service;
}

static void add_real(struct kernel *kernel, char *words[], size_t count, const char *name, bool udp)
{
	const char *of = option(words, count, "-r"), *weight = option(words, count, "-w");
	struct kernel_real real = { .weight = weight ? atoi(weight) : 1, .masquerade = has_flag(words, count, "-m") };
	struct kernel_service *service;
	uint32_t address;
	uint16_t port;

	if (!of || !parse_endpoint(of, &real.address, &real.port) || !parse_endpoint(name, &address, &port))
		return;
	service = (struct kernel_service *)kernel_service(kernel, address, port, udp);
	if (!service)
		return;
	service->reals = grow(service->reals, &service->real_count, sizeof(real));
	service->reals[service->real_count - 1] = real;
}

static void each_line(struct kernel *kernel, const char *text,
		      void (*take)(struct kernel *kernel, char *words[], size_t count))
{
	char *copy = must_copy(text), *rest = NULL, *words[MAX_WORDS];

	for (char *line = strtok_r(copy, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest))
		take(kernel, words, split(line, words));
	free(copy);
}

static void take_ipvs(struct kernel *kernel, char *words[], size_t count)
{
	const char *tcp = option(words, count, "-t"), *udp = option(words, count, "-u");
	const char *name = tcp ? tcp : udp;

	if (!name)
		return;
	if (strcmp(words[0], "-A") == 0)
		add_service(kernel, words, count, name, !tcp);
	else if (strcmp(words[0], "-a") == 0)
		add_real(kernel, words, count, name, !tcp);
}

/* `add NAME 192.168.101.1,tcp:80 timeout 88` */
static void take_ipset(struct kernel *kernel, char *words[], size_t count)
{
	struct kernel_entry entry = { 0 };
	char *comma, *colon;
	long port;

	if (count < 3 || strcmp(words[0], "add") != 0)
		return;
	comma = strchr(words[2], ',');
	colon = comma ? strchr(comma, ':') : NULL;
	if (!colon)
		return;
	*comma = *colon = 0;
	entry.udp = strcmp(comma + 1, "udp") == 0;
	if ((!entry.udp && strcmp(comma + 1, "tcp") != 0) || !parse_ipv4(words[2], &entry.address) ||
	    !parse_number(colon + 1, 1, 65535, &port))
		return;
	entry.port = (uint16_t)port;
	kernel->entries = grow(kernel->entries, &kernel->entry_count, sizeof(entry));
	kernel->entries[kernel->entry_count - 1] = entry;
}

/* `5: ipvs    inet 192.168.101.1/32 scope global ipvs\ ...` */
static void take_address(struct kernel *kernel, char *words[], size_t count)
{
	const char *name = option(words, count, "inet");
	const char *slash = name ? strchr(name, '/') : NULL;
	char plain[16];
	uint32_t address;

	if (!slash || strcmp(slash, "/32") != 0 || (size_t)(slash - name) >= sizeof(plain))
		return;
	memcpy(plain, name, (size_t)(slash - name));
	plain[slash - name] = 0;
	if (!parse_ipv4(plain, &address))
		return;
	kernel->addresses = grow(kernel->addresses, &kernel->address_count, sizeof(address));
	kernel->addresses[kernel->address_count - 1] = address;
}

void kernel_read_ipvs(struct kernel *kernel, const char *text)
{
	each_line(kernel, text, take_ipvs);
}

void kernel_read_ipset(struct kernel *kernel, const char *text)
{
	each_line(kernel, text, take_ipset);
}

void kernel_read_addresses(struct kernel *kernel, const char *text)
{
	each_line(kernel, text, take_address);
}

void kernel_free(struct kernel *kernel)
{
	for (size_t i = 0; i < kernel->service_count; i++)
		free(kernel->services[i].reals);
	free(kernel->services);
	free(kernel->entries);
	free(kernel->addresses);
	*kernel = (struct kernel){ 0 };
}

const struct kernel_service *kernel_service(const struct kernel *kernel, uint32_t address, uint16_t port, bool udp)
{
	for (size_t i = 0; i < kernel->service_count; i++) {
		const struct kernel_service *service = &kernel->services[i];

		if (service->address == address && service->port == port && service->udp == udp)
			return service;
	}
	return NULL;
}

const struct kernel_real *kernel_real(const struct kernel_service *service, uint32_t address, uint16_t port)
{
	for (size_t i = 0; service && i < service->real_count; i++)
		if (service->reals[i].address == address && service->reals[i].port == port)
			return &service->reals[i];
	return NULL;
}
