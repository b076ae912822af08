#include "status.h"

#include "plan.h"

static int healthy(const struct service *service)
{
	int count = 0;

	for (size_t i = 0; i < service->real_count; i++)
		count += service->reals[i].health.up && !service->reals[i].disabled;
	return count;
}

static void real_json(struct text *into, const struct service *service, const struct real *real)
{
	char history[HEALTH_CHECKS + 1];
	int weight = wanted_weight(service, real);

	health_text(&real->health, history);
	text_add(into, "{\"real\":\"%s\",\"up\":%s,\"disabled\":%s,\"weight\":", real->name,
		 real->health.up ? "true" : "false", real->disabled ? "true" : "false");
	if (weight < 0)
		text_add(into, "null");
	else
		text_add(into, "%d", weight);
	text_add(into, ",\"history\":\"%s\",\"changed\":%.2f,\"transitions\":%lu,\"reason\":", history,
		 real->health.changed, real->health.transitions);
	text_add_json(into, real->reason);
	text_add(into, "}");
}

void status_json(struct text *into, const struct config *config, const struct totals *totals, double now)
{
	text_add(into, "{\"started\":%.2f,\"now\":%.2f,\"reloads\":%lu,\"config_error\":", totals->started, now,
		 totals->reloads);
	text_add_json(into, totals->config_error);
	text_add(into, ",\"sync_error\":");
	text_add_json(into, totals->sync_error);
	text_add(into, ",\"services\":[");
	for (size_t i = 0; i < config->service_count; i++) {
		const struct service *service = &config->services[i];
		int up = healthy(service);

		text_add(into, "%s{\"service\":\"%s\",\"scheduler\":\"%s\",\"need\":%d,\"healthy\":%d,\"up\":%s,\"reals\":[",
			 i ? "," : "", service->name, service->scheduler, service->need, up,
			 up >= service->need ? "true" : "false");
		for (size_t j = 0; j < service->real_count; j++) {
			text_add(into, "%s", j ? "," : "");
			real_json(into, service, &service->reals[j]);
		}
		text_add(into, "]}");
	}
	text_add(into, "]}\n");
}

static void head(struct text *into, const char *name, const char *type, const char *help)
{
	text_add(into, "# HELP ipvsd_%s %s\n# TYPE ipvsd_%s %s\n", name, help, name, type);
}

static void one(struct text *into, const char *name, const char *type, const char *help, double value)
{
	head(into, name, type, help);
	text_add(into, "ipvsd_%s %.15g\n", name, value);
}

enum metric { REAL_UP, REAL_WEIGHT, REAL_CHANGED, REAL_TRANSITIONS, REAL_PASSED, REAL_FAILED };

static double value_of(enum metric metric, const struct service *service, const struct real *real)
{
	int weight = wanted_weight(service, real);

	switch (metric) {
	case REAL_UP:
		return real->health.up && !real->disabled;
	case REAL_WEIGHT:
		return weight < 0 ? 0 : weight;
	case REAL_CHANGED:
		return real->health.changed;
	case REAL_TRANSITIONS:
		return (double)real->health.transitions;
	case REAL_PASSED:
		return (double)real->health.passed;
	default:
		return (double)real->health.failed;
	}
}

static void real_metrics(struct text *into, const struct config *config, enum metric metric, const char *name,
			 const char *type, const char *help)
{
	head(into, name, type, help);
	for (size_t i = 0; i < config->service_count; i++) {
		const struct service *service = &config->services[i];

		for (size_t j = 0; j < service->real_count; j++)
			text_add(into, "ipvsd_%s{service=\"%s\",real=\"%s\"} %.15g\n", name, service->name,
				 service->reals[j].name, value_of(metric, service, &service->reals[j]));
	}
}

void status_metrics(struct text *into, const struct config *config, const struct totals *totals)
{
	one(into, "config_ok", "gauge", "1 when the last configuration file was taken.", !totals->config_error[0]);
	one(into, "reloads_total", "counter", "Configurations taken while running.", (double)totals->reloads);
	one(into, "reload_errors_total", "counter", "Configurations refused while running.",
	    (double)totals->reload_errors);
	one(into, "syncs_total", "counter", "Comparisons with the kernel.", (double)totals->syncs);
	one(into, "sync_errors_total", "counter", "Commands that failed.", (double)totals->sync_errors);
	one(into, "commands_total", "counter", "Commands that changed the kernel.", (double)totals->commands);
	head(into, "service_healthy", "gauge", "Reals of the service that are up.");
	for (size_t i = 0; i < config->service_count; i++)
		text_add(into, "ipvsd_service_healthy{service=\"%s\"} %d\n", config->services[i].name,
			 healthy(&config->services[i]));
	real_metrics(into, config, REAL_UP, "real_up", "gauge", "1 when the real is up.");
	real_metrics(into, config, REAL_WEIGHT, "real_weight", "gauge", "Weight the real should have now.");
	real_metrics(into, config, REAL_CHANGED, "real_changed_seconds", "gauge",
		     "When the real went up or down last, in seconds of /proc/uptime.");
	real_metrics(into, config, REAL_TRANSITIONS, "real_transitions_total", "counter",
		     "How often the real went up or down.");
	real_metrics(into, config, REAL_PASSED, "real_checks_passed_total", "counter", "Checks passed.");
	real_metrics(into, config, REAL_FAILED, "real_checks_failed_total", "counter", "Checks failed.");
}
