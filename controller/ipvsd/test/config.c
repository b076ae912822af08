#include "config.h"

#include <string.h>

#include "harness.h"
#include "text.h"

static char error[256];

static struct config *parse(const char *source)
{
	return config_parse(source, strlen(source), error, sizeof(error));
}

static const char example[] =
	"{\"services\": {\"192.168.101.1:80:tcp\": {\"need\": 2, \"scheduler\": \"roundrobin\", \"reset\": true,\n"
	" \"reals\": {\"10.1.10.10:80\": {\"checks\": [{\"type\": \"http\", \"path\": \"/alive\", \"host\": \"a.example\", "
	"\"expect\": [200, 204]}], \"weight\": 3},\n"
	"  \"10.1.10.11:8080\": {\"checks\": [{\"type\": \"syn\", \"port\": 81}, {\"type\": \"http\", \"method\": \"HEAD\", "
	"\"expect\": \"any\"}], \"disabled\": true}}},\n"
	" \"192.168.101.2:53:udp\": {\"sticky\": true, \"scheduler\": \"maglev\", \"reals\": {}}}}";

static void test_shape(void)
{
	struct config *config = parse(example);
	struct service *service = config_service(config, "192.168.101.1:80:tcp");
	struct real *real = service_real(service, "10.1.10.10:80");

	CHECK(config && config->service_count == 2 && service && real);
	CHECK(service->port == 80 && !service->udp && service->need == 2 && service->reset && !service->persist);
	CHECK_TEXT(service->vip, "192.168.101.1");
	CHECK_TEXT(service->scheduler, "wrr");
	CHECK(real->weight == 3 && real->port == 80 && !real->disabled && real->check_count == 1);
	CHECK_TEXT(real->checks[0].request,
		   "GET /alive HTTP/1.1\r\nHost: a.example\r\nUser-Agent: ipvsd\r\nConnection: close\r\n\r\n");
	CHECK(real->checks[0].expects == 2 && real->checks[0].expect[1] == 204 && real->checks[0].port == 80);
	real = service_real(service, "10.1.10.11:8080");
	CHECK(real->disabled && real->weight == 1 && real->checks[0].type == CHECK_TCP && real->checks[0].port == 81);
	CHECK(real->checks[1].expects == 0 && real->checks[1].port == 8080);
	CHECK(strncmp(real->checks[1].request, "HEAD / HTTP/1.1\r\nHost: 10.1.10.11:8080\r\n", 40) == 0);
	service = config_service(config, "192.168.101.2:53:udp");
	CHECK(service->udp && service->persist == 300);
	CHECK_TEXT(service->scheduler, "mh");
	CHECK_TEXT(service->flags, "mh-fallback");
	config_free(config);
}

static bool is_refused(const char *source, const char *why)
{
	struct config *config = parse(source);

	CHECK_TEXT(config ? "taken" : error, why);
	config_free(config);
	return !config;
}

#define WITH_REAL(real) "{\"services\": {\"10.0.0.1:80:tcp\": {\"reals\": {" real "}}}}"
#define WITH_CHECK(check) WITH_REAL("\"10.0.0.2:80\": {\"checks\": [" check "]}")

static void test_mistakes(void)
{
	CHECK(is_refused("[]", "line 1: a configuration must be an object, not a list"));
	CHECK(is_refused("{}", "line 1: there are no services"));
	CHECK(is_refused("{\"services\": {\n\"10.0.0.1:80\": {\"reals\": {}}}}",
			 "line 2: \"10.0.0.1:80\" is not a service, e.g. \"192.168.101.1:80:tcp\""));
	CHECK(is_refused("{\"services\": {\"10.0.0.1:80:tcp\": {}}}", "line 1: service 10.0.0.1:80:tcp has no reals"));
	CHECK(is_refused("{\"services\": {\"10.0.0.1:80:tcp\": {\"scheduler\": \"rr\", \"reals\": {}}}}",
			 "line 1: unknown scheduler \"rr\"; known: leastconn roundrobin maglev"));
	CHECK(is_refused(WITH_REAL("\"10.0.0.2\": {}"), "line 1: \"10.0.0.2\" is not a real, e.g. \"10.1.10.10:80\""));
	CHECK(is_refused(WITH_REAL("\"10.0.0.2:80\": {\"wieght\": 1}"),
			 "line 1: unknown key \"wieght\" in a real; known: checks weight disabled "));
	CHECK(is_refused(WITH_REAL("\"10.0.0.2:80\": {\"weight\": 1.5}"),
			 "line 1: weight must be a whole number from 0 to 65535"));
	CHECK(is_refused(WITH_REAL("\"10.0.0.2:80\": {\"disabled\": 1}"),
			 "line 1: disabled must be true or false, not a number"));
	CHECK(is_refused(WITH_CHECK("{}"), "line 1: a check has no type"));
	CHECK(is_refused(WITH_CHECK("{\"type\": \"dns\"}"), "line 1: unknown check type \"dns\"; known: http tcp syn"));
	CHECK(is_refused(WITH_CHECK("{\"type\": \"tcp\", \"path\": \"/\"}"),
			 "line 1: unknown key \"path\" in a check of this type; known: type port "));
	CHECK(is_refused(WITH_CHECK("{\"type\": \"http\", \"path\": \"a b\"}"),
			 "line 1: path must be printable ASCII without spaces"));
	CHECK(is_refused(WITH_CHECK("{\"type\": \"http\", \"path\": \"alive\"}"), "line 1: path must begin with /"));
	CHECK(is_refused(WITH_CHECK("{\"type\": \"http\", \"expect\": [20]}"),
			 "line 1: expect must hold HTTP statuses, 0 or \"any\""));
}

static void test_inheritance(void)
{
	struct config *old = parse(WITH_REAL("\"10.0.0.2:80\": {}, \"10.0.0.3:80\": {}"));
	struct config *fresh = parse(
		"{\"services\": {\"10.0.0.1:80:tcp\": {\"reals\": {\"10.0.0.2:80\": {}, \"10.0.0.4:80\": {}}},"
		" \"10.0.0.1:81:tcp\": {\"reals\": {\"10.0.0.2:81\": {}}}, \"10.0.0.9:80:tcp\": {\"reals\": {\"10.0.0.2:80\": {}}}}}");

	health_start(&old->services[0].reals[0].health, true, 5);
	old->services[0].reals[0].health.transitions = 7;
	config_inherit(fresh, old, 9);
	CHECK(fresh->services[0].reals[0].health.up && fresh->services[0].reals[0].health.transitions == 7);
	CHECK(fresh->services[0].reals[0].health.changed == 5);
	CHECK(!fresh->services[0].reals[1].health.up); /* a new real */
	CHECK(fresh->services[1].reals[0].health.up); /* a new service on a VIP that is served */
	CHECK(!fresh->services[2].reals[0].health.up); /* a new VIP */
	config_free(old);
	config_free(fresh);
}

void test_config(void)
{
	test_shape();
	test_mistakes();
	test_inheritance();
	CHECK(!config_read("/nonexistent", error, sizeof(error)));
	CHECK_TEXT(error, "No such file or directory");
}
