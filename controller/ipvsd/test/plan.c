#include "plan.h"

#include <stdio.h>
#include <string.h>

#include "harness.h"
#include "text.h"

static struct config *config;
static struct kernel kernel;
static const struct targets all = { .set = "vips", .device = "ipvs" };

static void configure(const char *source)
{
	char error[256];

	config_free(config);
	config = config_parse(source, strlen(source), error, sizeof(error));
	CHECK(config != NULL);
}

static const char *planned(const struct config *wanted, const struct targets *targets, bool renew)
{
	static char lines[2048];
	struct plan plan = { 0 };
	size_t length = 0;

	lines[0] = 0;
	plan_changes(&plan, wanted, &kernel, targets, renew);
	for (size_t i = 0; i < plan.count; i++)
		length += (size_t)snprintf(lines + length, sizeof(lines) - length, "%s\n", plan.commands[i]);
	plan_free(&plan);
	return lines;
}

static void in_step(void)
{
	kernel_free(&kernel);
	kernel_read_ipvs(&kernel, "-A -t 192.168.101.1:80 -s wrr\n-a -t 192.168.101.1:80 -r 10.1.10.10:80 -m -w 2\n"
				  "-a -t 192.168.101.1:80 -r 10.1.10.11:80 -m -w 1\n");
	kernel_read_ipset(&kernel, "add vips 192.168.101.1,tcp:80 timeout 88\n");
	kernel_read_addresses(&kernel, "5: ipvs inet 192.168.101.1/32 scope global\n");
}

#define REALS "\"reals\": {\"10.1.10.10:80\": {\"weight\": 2}, \"10.1.10.11:80\": {}}"

static void set_up(size_t real, bool up)
{
	health_start(&config->services[0].reals[real].health, up, 0);
}

void test_plan(void)
{
	configure("{\"services\": {\"192.168.101.1:80:tcp\": {\"scheduler\": \"roundrobin\", " REALS "}}}");
	set_up(0, true);
	CHECK_TEXT(planned(config, &all, true), "ipvsadm -A -t 192.168.101.1:80 -s wrr\n"
						"ipvsadm -a -t 192.168.101.1:80 -r 10.1.10.10:80 -m -w 2\n"
						"ipvsadm -a -t 192.168.101.1:80 -r 10.1.10.11:80 -m -w 0\n"
						"ipset -exist add vips 192.168.101.1,tcp:80 timeout 90\n"
						"ip address add 192.168.101.1/32 dev ipvs\n");
	CHECK_TEXT(planned(config, &(struct targets){ 0 }, true), "ipvsadm -A -t 192.168.101.1:80 -s wrr\n"
								   "ipvsadm -a -t 192.168.101.1:80 -r 10.1.10.10:80 -m -w 2\n"
								   "ipvsadm -a -t 192.168.101.1:80 -r 10.1.10.11:80 -m -w 0\n");
	in_step();
	set_up(1, true);
	CHECK_TEXT(planned(config, &all, false), "");
	CHECK_TEXT(planned(config, &all, true), "ipset -exist add vips 192.168.101.1,tcp:80 timeout 90\n");
	set_up(1, false);
	CHECK_TEXT(planned(config, &all, false), "ipvsadm -e -t 192.168.101.1:80 -r 10.1.10.11:80 -m -w 0\n");
	config->services[0].reset = true;
	CHECK_TEXT(planned(config, &all, false), "ipvsadm -d -t 192.168.101.1:80 -r 10.1.10.11:80\n");
	config->services[0].reset = false;
	set_up(1, true);
	config->services[0].reals[1].disabled = true;
	CHECK_TEXT(planned(config, &all, false), "ipvsadm -e -t 192.168.101.1:80 -r 10.1.10.11:80 -m -w 0\n");

	/* Another scheduler, one real less, one service more on the same VIP. */
	configure("{\"services\": {\"192.168.101.1:80:tcp\": {\"reals\": {\"10.1.10.11:80\": {}}},"
		  " \"192.168.101.1:443:tcp\": {\"scheduler\": \"maglev\", \"sticky\": true, \"persist\": 60, \"reals\": {}}}}");
	set_up(0, true);
	CHECK_TEXT(planned(config, &all, false), "ipvsadm -E -t 192.168.101.1:80 -s wlc\n"
						 "ipvsadm -d -t 192.168.101.1:80 -r 10.1.10.10:80\n"
						 "ipvsadm -A -t 192.168.101.1:443 -s mh -b mh-fallback -p 60\n"
						 "ipset -exist add vips 192.168.101.1,tcp:443 timeout 90\n");

	/* Out of the set before out of IPVS, the address last. */
	CHECK_TEXT(planned(NULL, &all, false), "ipset -exist del vips 192.168.101.1,tcp:80\n"
					       "ipvsadm -D -t 192.168.101.1:80\n"
					       "ip address del 192.168.101.1/32 dev ipvs\n");

	/* Taken over: weight says who was up. */
	configure("{\"services\": {\"192.168.101.1:80:tcp\": {\"reals\": {\"10.1.10.10:80\": {}, \"10.1.10.12:80\": {}}}}}");
	config_adopt(config, &kernel, 3);
	CHECK(config->services[0].reals[0].health.up && !config->services[0].reals[1].health.up);
	kernel_free(&kernel);
	kernel_read_ipvs(&kernel, "-A -t 192.168.101.1:80 -s wlc\n-a -t 192.168.101.1:80 -r 10.1.10.10:80 -m -w 0\n");
	config_adopt(config, &kernel, 3);
	CHECK(!config->services[0].reals[0].health.up);
	config_free(config);
	config = NULL;
	kernel_free(&kernel);
}
