/* ipvsd: keeps IPVS in step with a configuration and with the health of the reals. See README.md. */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "daemon.h"
#include "probe.h"
#include "web.h"

#define MAX_POLLED 2048

static int complain(const char *why)
{
	fprintf(stderr, "ipvsd: %s\n", why);
	return 1;
}

static int usage(void)
{
	fputs("usage: ipvsd [-s SET] [-i DEVICE] [-w ADDRESS:PORT] FILE\n"
	      "  -s  ipset (hash:ip,port) that holds the services\n"
	      "  -i  device that holds the VIPs\n"
	      "  -w  where /status.json and /metrics are served\n"
	      "USR2 or INT: read FILE again. TERM or QUIT: remove everything and end.\n",
	      stderr);
	return 2;
}

/* Names become words of commands. */
static bool is_name(const char *name)
{
	return *name && *name != '-' && strlen(name) < 32 && !strpbrk(name, " \t\n/");
}

static bool serve_page(void *context, const char *path, struct text *body, const char **type)
{
	struct daemon *daemon = context;

	if (strcmp(path, "/status.json") == 0) {
		*type = "application/json";
		status_json(body, daemon->config, &daemon->totals, seconds_now());
	} else if (strcmp(path, "/metrics") == 0) {
		*type = "text/plain; version=0.0.4";
		status_metrics(body, daemon->config, &daemon->totals);
	} else {
		return false;
	}
	return true;
}

/* False when the program should end. */
static bool take_signal(struct daemon *daemon, int signals)
{
	struct signalfd_siginfo info;

	if (read(signals, &info, sizeof(info)) != sizeof(info))
		return true;
	if (info.ssi_signo == SIGTERM || info.ssi_signo == SIGQUIT)
		return false;
	daemon_reload(daemon);
	return true;
}

static nfds_t list_probes(struct daemon *daemon, struct pollfd *polled, struct real **reals, nfds_t count)
{
	for (size_t i = 0; i < daemon->config->service_count; i++) {
		struct service *service = &daemon->config->services[i];

		for (size_t j = 0; j < service->real_count && count < MAX_POLLED; j++) {
			if (service->reals[j].probe.fd < 0)
				continue;
			reals[count] = &service->reals[j];
			polled[count++] = probe_poll(&service->reals[j]);
		}
	}
	return count;
}

static const struct itimerspec every = { .it_interval.tv_sec = CHECK_SECONDS, .it_value.tv_sec = CHECK_SECONDS };

enum { POLL_SIGNALS, POLL_TIMER, POLL_LISTENER, POLL_CLIENTS, POLL_PROBES = POLL_CLIENTS + WEB_CLIENTS };

static void loop(struct daemon *daemon, struct web *web, int signals, int timer)
{
	static struct pollfd polled[MAX_POLLED];
	static struct real *reals[MAX_POLLED];
	double ticked = seconds_now();
	uint64_t ticks;

	for (;;) {
		nfds_t count;

		polled[POLL_SIGNALS] = (struct pollfd){ .fd = signals, .events = POLLIN };
		polled[POLL_TIMER] = (struct pollfd){ .fd = timer, .events = POLLIN };
		polled[POLL_LISTENER] = (struct pollfd){ .fd = web->listener, .events = POLLIN };
		for (int i = 0; i < WEB_CLIENTS; i++)
			polled[POLL_CLIENTS + i] = (struct pollfd){ .fd = web->clients[i].fd, .events = POLLIN };
		count = list_probes(daemon, polled, reals, POLL_PROBES);
		if (poll(polled, count, -1) < 0 && errno != EINTR)
			return;
		/* Probes first: a tick calls those without a result late, and a reload frees them all. */
		for (nfds_t i = POLL_PROBES; i < count; i++)
			if (polled[i].revents)
				daemon_probe(daemon, reals[i]);
		if (polled[POLL_TIMER].revents && read(timer, &ticks, sizeof(ticks)) == sizeof(ticks)) {
			bool late = seconds_now() - ticked > 1.5 * CHECK_SECONDS;

			/* A whole period for what is under way now. */
			if (late)
				timerfd_settime(timer, 0, &every, NULL);
			ticked = seconds_now();
			daemon_tick(daemon, late);
		}
		if (polled[POLL_SIGNALS].revents && !take_signal(daemon, signals))
			return;
		daemon_sync(daemon);
		/* Pages last: what they tell of a real, IPVS has been told already. */
		for (int i = 0; i < WEB_CLIENTS; i++)
			if (polled[POLL_CLIENTS + i].revents)
				web_read(web, i, serve_page, daemon);
		if (polled[POLL_LISTENER].revents)
			web_accept(web);
		web_sweep(web);
	}
}

int main(int argc, char **argv)
{
	struct daemon daemon = { 0 };
	struct web web = { .listener = -1 };
	const char *listen_at = NULL;
	char error[512];
	sigset_t mask;
	int option, signals, timer;

	while ((option = getopt(argc, argv, "s:i:w:")) >= 0) {
		if (option == 's' && is_name(optarg))
			daemon.targets.set = optarg;
		else if (option == 'i' && is_name(optarg))
			daemon.targets.device = optarg;
		else if (option == 'w')
			listen_at = optarg;
		else
			return usage();
	}
	if (optind + 1 != argc)
		return usage();
	daemon.file = argv[optind];
	setvbuf(stderr, NULL, _IOLBF, 0);
	for (int i = 0; i < WEB_CLIENTS; i++)
		web.clients[i].fd = -1;
	sigemptyset(&mask);
	for (size_t i = 0; i < 4; i++)
		sigaddset(&mask, (int[]){ SIGTERM, SIGQUIT, SIGINT, SIGUSR2 }[i]);
	sigprocmask(SIG_BLOCK, &mask, NULL);
	signals = signalfd(-1, &mask, SFD_CLOEXEC);
	timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC);
	if (signals < 0 || timer < 0 || timerfd_settime(timer, 0, &every, NULL) < 0)
		return complain(strerror(errno));
	/* Listening first: a second controller ends here and touches nothing. */
	if (listen_at && !web_open(&web, listen_at, error, sizeof(error)))
		return complain(error);
	if (!daemon_start(&daemon, error, sizeof(error)))
		return complain(error);
	daemon_tick(&daemon, false);
	daemon_sync(&daemon);
	loop(&daemon, &web, signals, timer);
	daemon_clear(&daemon);
	config_free(daemon.config);
	return daemon.totals.sync_error[0] ? 1 : 0;
}
