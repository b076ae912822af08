#include "daemon.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "probe.h"
#include "spawn.h"

__attribute__((format(printf, 1, 2)))
static void say(const char *format, ...)
{
	va_list values;

	fprintf(stderr, "%.2f ", seconds_now());
	va_start(values, format);
	vfprintf(stderr, format, values);
	va_end(values);
	fputc('\n', stderr);
}

/* The tools' words go to the log and the status; one line is enough of them. */
static void note_failure(struct daemon *daemon, const char *command, struct text *output)
{
	output->data[strcspn(output->data, "\n")] = 0;
	snprintf(daemon->totals.sync_error, sizeof(daemon->totals.sync_error), "%s: %s", command, output->data);
	daemon->totals.sync_errors++;
	say("failed: %s", daemon->totals.sync_error);
}

static bool ask(struct daemon *daemon, struct kernel *kernel, const char *command,
		void (*read)(struct kernel *kernel, const char *text))
{
	struct text output = { 0 };
	bool success = run_words(command, &output);

	if (success)
		read(kernel, output.data);
	else
		note_failure(daemon, command, &output);
	text_free(&output);
	return success;
}

static bool look(struct daemon *daemon, struct kernel *kernel)
{
	struct text command = { 0 };
	bool success = ask(daemon, kernel, "ipvsadm -S -n", kernel_read_ipvs);

	if (success && daemon->targets.set) {
		text_add(&command, "ipset save %s", daemon->targets.set);
		success = ask(daemon, kernel, command.data, kernel_read_ipset);
		text_free(&command);
	}
	if (success && daemon->targets.device) {
		text_add(&command, "ip -4 -o address show dev %s", daemon->targets.device);
		success = ask(daemon, kernel, command.data, kernel_read_addresses);
		text_free(&command);
	}
	return success;
}

static bool carry_out(struct daemon *daemon, const struct plan *plan)
{
	bool success = true;

	for (size_t i = 0; i < plan->count; i++) {
		struct text output = { 0 };

		daemon->totals.commands++;
		say("%s", plan->commands[i]);
		if (!run_words(plan->commands[i], &output)) {
			note_failure(daemon, plan->commands[i], &output);
			success = false;
		}
		text_free(&output);
	}
	return success;
}

static bool compare(struct daemon *daemon, const struct config *wanted, bool renew)
{
	struct kernel kernel = { 0 };
	struct plan plan = { 0 };
	bool success = look(daemon, &kernel);

	daemon->totals.syncs++;
	if (success) {
		plan_changes(&plan, wanted, &kernel, &daemon->targets, renew);
		success = carry_out(daemon, &plan);
	}
	if (success)
		daemon->totals.sync_error[0] = 0;
	plan_free(&plan);
	kernel_free(&kernel);
	return success;
}

void daemon_sync(struct daemon *daemon)
{
	bool renew = seconds_now() - daemon->renewed >= REFRESH_SECONDS;

	if (!daemon->dirty && !renew)
		return;
	daemon->dirty = false;
	daemon->failed = !compare(daemon, daemon->config, renew);
	if (renew)
		daemon->renewed = seconds_now();
}

static bool make_set(struct daemon *daemon, char *error, size_t room)
{
	struct text command = { 0 }, output = { 0 };
	bool success = true;

	if (daemon->targets.set) {
		text_add(&command, "ipset -exist create %s hash:ip,port timeout %d", daemon->targets.set, ENTRY_SECONDS);
		success = run_words(command.data, &output);
		if (!success)
			snprintf(error, room, "%s: %s", command.data, output.data);
	}
	text_free(&command);
	text_free(&output);
	return success;
}

bool daemon_start(struct daemon *daemon, char *error, size_t room)
{
	struct kernel kernel = { 0 };
	char reason[200];

	daemon->totals.started = seconds_now();
	daemon->config = config_read(daemon->file, reason, sizeof(reason));
	if (!daemon->config) {
		snprintf(error, room, "%s: %s", daemon->file, reason);
		return false;
	}
	if (!make_set(daemon, error, room))
		return false;
	if (!look(daemon, &kernel)) {
		snprintf(error, room, "%s", daemon->totals.sync_error);
		return false;
	}
	config_adopt(daemon->config, &kernel, seconds_now());
	say("started: %zu services wanted, %zu taken over from IPVS", daemon->config->service_count, kernel.service_count);
	kernel_free(&kernel);
	daemon->dirty = true;
	daemon->renewed = -REFRESH_SECONDS;
	return true;
}

static void settle(struct daemon *daemon, struct real *real, enum probe_state state)
{
	if (state == PROBE_BUSY || !health_record(&real->health, state == PROBE_PASSED, seconds_now()))
		return;
	say("%s is %s%s%s", real->name, real->health.up ? "up" : "down", *real->reason ? ": " : "", real->reason);
	daemon->dirty = true;
}

void daemon_tick(struct daemon *daemon, bool late)
{
	daemon->dirty |= daemon->failed;
	for (size_t i = 0; i < daemon->config->service_count; i++) {
		struct service *service = &daemon->config->services[i];

		for (size_t j = 0; j < service->real_count; j++) {
			struct real *real = &service->reals[j];

			if (real->probe.fd >= 0 && late)
				continue;
			if (real->probe.fd >= 0) {
				probe_time_out(real);
				settle(daemon, real, PROBE_FAILED);
			}
			if (!real->disabled)
				settle(daemon, real, probe_start(real));
		}
	}
}

void daemon_probe(struct daemon *daemon, struct real *real)
{
	settle(daemon, real, probe_continue(real));
}

void daemon_reload(struct daemon *daemon)
{
	char reason[200];
	struct config *fresh = config_read(daemon->file, reason, sizeof(reason));

	if (!fresh) {
		daemon->totals.reload_errors++;
		snprintf(daemon->totals.config_error, sizeof(daemon->totals.config_error), "%s: %s", daemon->file, reason);
		say("the running configuration is kept: %s", daemon->totals.config_error);
		return;
	}
	config_inherit(fresh, daemon->config, seconds_now());
	config_free(daemon->config);
	daemon->config = fresh;
	daemon->totals.reloads++;
	daemon->totals.config_error[0] = 0;
	daemon->dirty = true;
	say("configuration taken: %zu services", fresh->service_count);
}

void daemon_clear(struct daemon *daemon)
{
	compare(daemon, NULL, false);
}
