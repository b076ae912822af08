/* The controller against stand-ins for ipvsadm, ipset and ip on the PATH that write down what they are asked. */
#include "daemon.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness.h"
#include "spawn.h"
#include "status.h"

static char folder[] = "/tmp/ipvsd-test-XXXXXX";

static const char *in_folder(const char *name)
{
	static char path[128];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	return path;
}

static void write_file(const char *name, const char *content)
{
	FILE *file = fopen(in_folder(name), "w");

	fputs(content, file);
	fclose(file);
}

static void stand_in(const char *name, const char *reading, const char *answer)
{
	char script[512];

	snprintf(script, sizeof(script),
		 "#!/bin/sh\ncase \"$*\" in %s) echo '%s';; *) echo \"%s $*\" >>%s/said;; esac\n[ ! -e %s/broken ]\n", reading,
		 answer, name, folder, folder);
	write_file(name, script);
	chmod(in_folder(name), 0755);
}

/* What the stand-ins were asked since the last call. */
static const char *said(void)
{
	static char text[4096];
	FILE *file = fopen(in_folder("said"), "r");
	size_t length = file ? fread(text, 1, sizeof(text) - 1, file) : 0;

	text[length] = 0;
	if (file)
		fclose(file);
	unlink(in_folder("said"));
	return text;
}

static bool page_has(struct daemon *daemon, bool metrics, const char *wanted)
{
	struct text text = { 0 };
	bool found;

	if (metrics)
		status_metrics(&text, daemon->config, &daemon->totals);
	else
		status_json(&text, daemon->config, &daemon->totals, 1);
	found = strstr(text.data, wanted) != NULL;
	if (!found)
		printf("%s\n", text.data);
	text_free(&text);
	return found;
}

static void test_spawn(void)
{
	struct text output = { 0 };

	CHECK(run_words("echo $HOME ;x", &output));
	CHECK_TEXT(output.data, "$HOME ;x\n"); /* no shell */
	CHECK(!run_words("false", &output));
	CHECK(!run_words("/no/such/tool", &output));
	text_free(&output);
}

void test_daemon(void)
{
	static char file[128], path[512];
	struct daemon daemon = { .file = file, .targets = { .set = "vips", .device = "ipvs" } };
	char error[512];

	test_spawn();
	CHECK(mkdtemp(folder) != NULL);
	snprintf(file, sizeof(file), "%s/config.json", folder);
	snprintf(path, sizeof(path), "%s:%s", folder, getenv("PATH"));
	setenv("PATH", path, 1);
	CHECK(freopen(in_folder("log"), "w", stderr) != NULL);
	stand_in("ipvsadm", "'-S -n'",
		 "-A -t 10.0.0.1:80 -s wlc\n-a -t 10.0.0.1:80 -r 10.0.0.2:80 -m -w 1\n-A -t 10.0.0.7:80 -s wlc");
	stand_in("ipset", "'save vips'", "add vips 10.0.0.7,tcp:80 timeout 5");
	stand_in("ip", "'-4 -o address show dev ipvs'", "");

	write_file("config.json", "{}");
	CHECK(!daemon_start(&daemon, error, sizeof(error)));
	CHECK(strstr(error, "config.json: line 1: there are no services") != NULL);

	/* A start takes over: what IPVS serves is up, and what nobody wants any more goes. */
	write_file("config.json", "{\"services\": {\"10.0.0.1:80:tcp\": {\"reals\": {\"10.0.0.2:80\": {}, \"10.0.0.3:80\": {}}}}}");
	CHECK(daemon_start(&daemon, error, sizeof(error)));
	daemon_sync(&daemon);
	CHECK_TEXT(said(), "ipset -exist create vips hash:ip,port timeout 90\n"
			   "ipset -exist del vips 10.0.0.7,tcp:80\n"
			   "ipvsadm -D -t 10.0.0.7:80\n"
			   "ipvsadm -a -t 10.0.0.1:80 -r 10.0.0.3:80 -m -w 0\n"
			   "ipset -exist add vips 10.0.0.1,tcp:80 timeout 90\n"
			   "ip address add 10.0.0.1/32 dev ipvs\n");
	daemon_sync(&daemon);
	CHECK_TEXT(said(), ""); /* nothing has changed */
	CHECK(page_has(&daemon, false, "{\"real\":\"10.0.0.2:80\",\"up\":true,\"disabled\":false,\"weight\":1,\"history\":\"11111\""));
	CHECK(page_has(&daemon, true, "ipvsd_real_up{service=\"10.0.0.1:80:tcp\",real=\"10.0.0.3:80\"} 0\n"));
	CHECK(page_has(&daemon, true, "ipvsd_service_healthy{service=\"10.0.0.1:80:tcp\"} 1\n"));

	/* Reals without checks pass at every tick: the second comes up with the fifth. */
	for (int i = 0; i < 5; i++)
		daemon_tick(&daemon, false);
	CHECK(daemon.dirty && page_has(&daemon, true, "ipvsd_service_healthy{service=\"10.0.0.1:80:tcp\"} 2\n"));

	/* A bad file changes nothing and is named. */
	write_file("config.json", "{\"services\": {\"10.0.0.1:80:tcp\": {\"reals\": []}}}");
	daemon_reload(&daemon);
	CHECK(daemon.config->services[0].real_count == 2 && daemon.totals.reloads == 0 && daemon.totals.reload_errors == 1);
	CHECK(page_has(&daemon, false, "line 1: reals must be an object, not a list"));
	CHECK(page_has(&daemon, true, "ipvsd_config_ok 0\n"));
	write_file("config.json", "{\"services\": {\"10.0.0.1:80:tcp\": {\"reals\": {\"10.0.0.3:80\": {}}}}}");
	daemon_reload(&daemon);
	CHECK(daemon.totals.reloads == 1 && page_has(&daemon, true, "ipvsd_config_ok 1\n"));
	CHECK(daemon.config->services[0].reals[0].health.up); /* kept over the reload */

	/* A tool that fails is named, and tried again with the next tick. */
	write_file("broken", "");
	daemon_sync(&daemon);
	CHECK(daemon.failed && !daemon.dirty && page_has(&daemon, false, "\"sync_error\":\"ipvsadm -S -n: "));
	unlink(in_folder("broken"));
	daemon_tick(&daemon, false);
	CHECK(daemon.dirty);
	daemon_sync(&daemon);
	CHECK(!daemon.failed && !*daemon.totals.sync_error);
	said();

	/* A check without an answer fails with the next tick, but not when the controller itself was late. */
	write_file("config.json", "{\"services\": {\"10.0.0.1:80:tcp\": {\"reals\": {\"10.0.0.3:80\": {}}}}}");
	daemon_reload(&daemon);
	daemon.config->services[0].reals[0].probe.fd = dup(0);
	daemon_tick(&daemon, true);
	CHECK(daemon.config->services[0].reals[0].health.failed == 0);
	daemon_tick(&daemon, false);
	CHECK(daemon.config->services[0].reals[0].health.failed == 1);

	daemon_clear(&daemon);
	CHECK_TEXT(said(), "ipset -exist del vips 10.0.0.7,tcp:80\nipvsadm -D -t 10.0.0.1:80\nipvsadm -D -t 10.0.0.7:80\n");
	config_free(daemon.config);
	for (size_t i = 0; i < 5; i++)
		unlink(in_folder((const char *[]){ "config.json", "log", "ipvsadm", "ipset", "ip" }[i]));
	rmdir(folder);
}
