/* What is done with a configuration once it is read: look-ups, and what a fresh one takes over from the running one. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "config.h"

void config_free(struct config *config)
{
	if (!config)
		return;
	for (size_t i = 0; i < config->service_count; i++) {
		struct service *service = &config->services[i];

		for (size_t j = 0; j < service->real_count; j++) {
			struct real *real = &service->reals[j];

			if (real->probe.fd >= 0)
				close(real->probe.fd);
			for (size_t k = 0; k < real->check_count; k++)
				free(real->checks[k].request);
			free(real->checks);
		}
		free(service->reals);
	}
	free(config->services);
	free(config);
}

struct service *config_service(const struct config *config, const char *name)
{
	for (size_t i = 0; config && i < config->service_count; i++)
		if (strcmp(config->services[i].name, name) == 0)
			return &config->services[i];
	return NULL;
}

struct real *service_real(const struct service *service, const char *name)
{
	for (size_t i = 0; service && i < service->real_count; i++)
		if (strcmp(service->reals[i].name, name) == 0)
			return &service->reals[i];
	return NULL;
}

bool config_has_vip(const struct config *config, uint32_t address)
{
	for (size_t i = 0; config && i < config->service_count; i++)
		if (config->services[i].address == address)
			return true;
	return false;
}

void config_inherit(struct config *fresh, struct config *old, double now)
{
	for (size_t i = 0; i < fresh->service_count; i++) {
		struct service *service = &fresh->services[i];
		const struct service *before = config_service(old, service->name);
		bool trusted = !before && config_has_vip(old, service->address);

		for (size_t j = 0; j < service->real_count; j++) {
			struct real *real = &service->reals[j];
			const struct real *known = service_real(before, real->name);

			if (known && known->disabled == real->disabled) {
				real->health = known->health;
				memcpy(real->reason, known->reason, sizeof(real->reason));
			} else {
				health_start(&real->health, trusted && !real->disabled, now);
			}
		}
	}
}
