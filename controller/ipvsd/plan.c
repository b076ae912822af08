#include "plan.h"

#include <arpa/inet.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "text.h"

__attribute__((format(printf, 2, 3)))
static void add(struct plan *plan, const char *format, ...)
{
	va_list values;

	if (!plan->commands)
		plan->commands = must_alloc(MAX_COMMANDS * sizeof(char *));
	if (plan->count == MAX_COMMANDS)
		return; /* the rest follows with the next comparison */
	va_start(values, format);
	if (vasprintf(&plan->commands[plan->count++], format, values) < 0)
		abort();
	va_end(values);
}

void plan_free(struct plan *plan)
{
	for (size_t i = 0; i < plan->count; i++)
		free(plan->commands[i]);
	free(plan->commands);
	*plan = (struct plan){ 0 };
}

static const char *host_text(uint32_t address, char text[16])
{
	return inet_ntop(AF_INET, &address, text, 16);
}

int wanted_weight(const struct service *service, const struct real *real)
{
	bool up = real->health.up && !real->disabled;

	if (up)
		return real->weight;
	return service->reset ? -1 : 0;
}

static const struct service *find_wanted(const struct config *config, uint32_t address, uint16_t port, bool udp)
{
	for (size_t i = 0; config && i < config->service_count; i++) {
		const struct service *service = &config->services[i];

		if (service->address == address && service->port == port && service->udp == udp)
			return service;
	}
	return NULL;
}

static void unlist_entries(struct plan *plan, const struct config *config, const struct kernel *kernel, const char *set)
{
	char host[16];

	for (size_t i = 0; set && i < kernel->entry_count; i++) {
		const struct kernel_entry *entry = &kernel->entries[i];

		if (!find_wanted(config, entry->address, entry->port, entry->udp))
			add(plan, "ipset -exist del %s %s,%s:%u", set, host_text(entry->address, host),
			    entry->udp ? "udp" : "tcp", entry->port);
	}
}

static void remove_services(struct plan *plan, const struct config *config, const struct kernel *kernel)
{
	char host[16];

	for (size_t i = 0; i < kernel->service_count; i++) {
		const struct kernel_service *service = &kernel->services[i];

		if (!find_wanted(config, service->address, service->port, service->udp))
			add(plan, "ipvsadm -D -%c %s:%u", service->udp ? 'u' : 't', host_text(service->address, host),
			    service->port);
	}
}

static const struct real *find_real(const struct service *service, uint32_t address, uint16_t port)
{
	for (size_t i = 0; i < service->real_count; i++)
		if (service->reals[i].address == address && service->reals[i].port == port)
			return &service->reals[i];
	return NULL;
}

static bool same_service(const struct service *wanted, const struct kernel_service *present)
{
	return strcmp(wanted->scheduler, present->scheduler) == 0 && wanted->persist == present->persist &&
	       strcmp(wanted->flags ? wanted->flags : "", present->flags) == 0;
}

static void bring_reals(struct plan *plan, const struct service *service, const struct kernel_service *present,
			const char *name)
{
	char host[16];

	for (size_t i = 0; present && i < present->real_count; i++) {
		const struct kernel_real *real = &present->reals[i];
		const struct real *wanted = find_real(service, real->address, real->port);

		if (!wanted || wanted_weight(service, wanted) < 0)
			add(plan, "ipvsadm -d %s -r %s:%u", name, host_text(real->address, host), real->port);
	}
	for (size_t i = 0; i < service->real_count; i++) {
		const struct real *real = &service->reals[i];
		const struct kernel_real *known = kernel_real(present, real->address, real->port);
		int weight = wanted_weight(service, real);

		if (weight < 0 || (known && known->weight == weight && known->masquerade))
			continue;
		add(plan, "ipvsadm -%c %s -r %s -m -w %d", known ? 'e' : 'a', name, real->name, weight);
	}
}

static void bring_service(struct plan *plan, const struct service *service, const struct kernel *kernel)
{
	const struct kernel_service *present =
		kernel_service(kernel, service->address, service->port, service->udp);
	char name[40], persist[24] = "", flags[40] = "";

	snprintf(name, sizeof(name), "-%c %s:%u", service->udp ? 'u' : 't', service->vip, service->port);
	if (service->persist)
		snprintf(persist, sizeof(persist), " -p %d", service->persist);
	if (service->flags)
		snprintf(flags, sizeof(flags), " -b %s", service->flags);
	if (!present || !same_service(service, present))
		add(plan, "ipvsadm -%c %s -s %s%s%s", present ? 'E' : 'A', name, service->scheduler, flags, persist);
	bring_reals(plan, service, present, name);
}

static bool is_listed(const struct kernel *kernel, const struct service *service)
{
	for (size_t i = 0; i < kernel->entry_count; i++) {
		const struct kernel_entry *entry = &kernel->entries[i];

		if (entry->address == service->address && entry->port == service->port && entry->udp == service->udp)
			return true;
	}
	return false;
}

static void bring_addresses(struct plan *plan, const struct config *config, const struct kernel *kernel,
			    const char *device)
{
	for (size_t i = 0; config && i < config->service_count; i++) {
		const struct service *service = &config->services[i];
		bool known = false;

		for (size_t j = 0; j < kernel->address_count; j++)
			known |= kernel->addresses[j] == service->address;
		for (size_t j = 0; j < i; j++)
			known |= config->services[j].address == service->address;
		if (!known)
			add(plan, "ip address add %s/32 dev %s", service->vip, device);
	}
	for (size_t i = 0; i < kernel->address_count; i++) {
		char host[16];

		if (!config_has_vip(config, kernel->addresses[i]))
			add(plan, "ip address del %s/32 dev %s", host_text(kernel->addresses[i], host), device);
	}
}

void plan_changes(struct plan *plan, const struct config *config, const struct kernel *kernel,
		  const struct targets *targets, bool renew)
{
	unlist_entries(plan, config, kernel, targets->set);
	remove_services(plan, config, kernel);
	for (size_t i = 0; config && i < config->service_count; i++) {
		const struct service *service = &config->services[i];

		bring_service(plan, service, kernel);
		if (targets->set && (renew || !is_listed(kernel, service)))
			add(plan, "ipset -exist add %s %s,%s:%u timeout %d", targets->set, service->vip,
			    service->udp ? "udp" : "tcp", service->port, ENTRY_SECONDS);
	}
	if (targets->device)
		bring_addresses(plan, config, kernel, targets->device);
}

void config_adopt(struct config *config, const struct kernel *kernel, double now)
{
	for (size_t i = 0; i < config->service_count; i++) {
		struct service *service = &config->services[i];
		const struct kernel_service *present =
			kernel_service(kernel, service->address, service->port, service->udp);

		for (size_t j = 0; j < service->real_count; j++) {
			struct real *real = &service->reals[j];
			const struct kernel_real *known = kernel_real(present, real->address, real->port);

			health_start(&real->health, known && known->weight > 0 && !real->disabled, now);
		}
	}
}
