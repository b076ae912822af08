#include "config.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fields.h"
#include "text.h"

/* Seconds a client stays with its real when a sticky service does not say. */
#define DEFAULT_PERSIST 300
#define MAX_FILE (1u << 20)

static size_t count_members(const struct json *parent)
{
	size_t count = 0;

	for (const struct json *value = parent->first; value; value = value->next)
		count++;
	return count;
}

static bool read_real(struct scene *scene, const struct json *object, struct real *real)
{
	const struct json *checks;

	real->probe.fd = -1;
	if (!has_type(scene, object, JSON_OBJECT, "a real"))
		return false;
	if (!parse_endpoint(object->key, &real->address, &real->port))
		return wrong(scene, object, "\"%.64s\" is not a real, e.g. \"10.1.10.10:80\"", object->key);
	snprintf(real->name, sizeof(real->name), "%s", object->key);
	real->weight = 1;
	if (!only_keys(scene, object, "a real", " checks weight disabled ") ||
	    !get_number(scene, object, "weight", 0, 65535, &real->weight) ||
	    !get_bool(scene, object, "disabled", &real->disabled))
		return false;
	checks = json_get(object, "checks");
	if (!checks)
		return true;
	if (!has_type(scene, checks, JSON_ARRAY, "checks"))
		return false;
	real->checks = must_alloc(count_members(checks) * sizeof(*real->checks));
	for (const struct json *value = checks->first; value; value = value->next)
		if (!read_check(scene, value, real, &real->checks[real->check_count++]))
			return false;
	return true;
}

static bool read_scheduler(struct scene *scene, const struct json *object, bool sticky, struct service *service)
{
	const struct json *value = json_get(object, "scheduler");
	const char *name = value && value->type == JSON_STRING ? value->string : "";

	if (value && !has_type(scene, value, JSON_STRING, "scheduler"))
		return false;
	if (!*name || strcmp(name, "leastconn") == 0) {
		service->scheduler = "wlc";
	} else if (strcmp(name, "roundrobin") == 0) {
		service->scheduler = "wrr";
	} else if (strcmp(name, "maglev") == 0) {
		service->scheduler = "mh";
		service->flags = sticky ? "mh-fallback" : "mh-fallback,mh-port";
	} else {
		return wrong(scene, value, "unknown scheduler \"%.32s\"; known: leastconn roundrobin maglev", name);
	}
	return true;
}

/* "192.168.101.1:80:tcp" */
static bool read_service_key(const char *key, struct service *service)
{
	char head[32];
	const char *protocol = strrchr(key, ':');

	if (!protocol || (size_t)(protocol - key) >= sizeof(head) || strlen(key) >= sizeof(service->name))
		return false;
	memcpy(head, key, (size_t)(protocol - key));
	head[protocol - key] = 0;
	service->udp = strcmp(protocol, ":udp") == 0;
	if ((!service->udp && strcmp(protocol, ":tcp") != 0) || !parse_endpoint(head, &service->address, &service->port))
		return false;
	snprintf(service->name, sizeof(service->name), "%s", key);
	inet_ntop(AF_INET, &service->address, service->vip, sizeof(service->vip));
	return true;
}

static bool read_service(struct scene *scene, const struct json *object, struct service *service)
{
	const struct json *reals = json_get(object, "reals");
	bool sticky = false;

	if (!has_type(scene, object, JSON_OBJECT, "a service"))
		return false;
	if (!read_service_key(object->key, service))
		return wrong(scene, object, "\"%.64s\" is not a service, e.g. \"192.168.101.1:80:tcp\"", object->key);
	service->need = 1;
	if (!only_keys(scene, object, "a service",
		       " name description priority need scheduler persist sticky reset reals ") ||
	    !get_number(scene, object, "need", 0, 65535, &service->need) ||
	    !get_bool(scene, object, "sticky", &sticky) || !get_bool(scene, object, "reset", &service->reset) ||
	    !read_scheduler(scene, object, sticky, service))
		return false;
	service->persist = sticky ? DEFAULT_PERSIST : 0;
	if (sticky && !get_number(scene, object, "persist", 1, 86400, &service->persist))
		return false;
	if (!reals)
		return wrong(scene, object, "service %s has no reals", service->name);
	if (!has_type(scene, reals, JSON_OBJECT, "reals"))
		return false;
	service->reals = must_alloc(count_members(reals) * sizeof(*service->reals));
	for (const struct json *value = reals->first; value; value = value->next)
		if (!read_real(scene, value, &service->reals[service->real_count++]))
			return false;
	return true;
}

static bool read_services(struct scene *scene, const struct json *root, struct config *config)
{
	const struct json *services = json_get(root, "services");

	if (!has_type(scene, root, JSON_OBJECT, "a configuration"))
		return false;
	if (!services)
		return wrong(scene, root, "there are no services");
	if (!has_type(scene, services, JSON_OBJECT, "services"))
		return false;
	config->services = must_alloc(count_members(services) * sizeof(*config->services));
	for (const struct json *value = services->first; value; value = value->next)
		if (!read_service(scene, value, &config->services[config->service_count++]))
			return false;
	return true;
}

struct config *config_parse(const char *source, size_t length, char *error, size_t room)
{
	struct scene scene = { .error = error, .room = room };
	struct json *root = json_parse(source, length, error, room);
	struct config *config;

	if (!root)
		return NULL;
	config = must_alloc(sizeof(*config));
	if (!read_services(&scene, root, config)) {
		config_free(config);
		config = NULL;
	}
	json_free(root);
	return config;
}

struct config *config_read(const char *path, char *error, size_t room)
{
	FILE *file = fopen(path, "re");
	struct config *config = NULL;
	char *source;
	size_t length;

	if (!file) {
		snprintf(error, room, "%s", strerror(errno));
		return NULL;
	}
	source = must_alloc(MAX_FILE + 1);
	length = fread(source, 1, MAX_FILE + 1, file);
	if (ferror(file))
		snprintf(error, room, "%s", strerror(errno));
	else if (length > MAX_FILE)
		snprintf(error, room, "larger than %u bytes", MAX_FILE);
	else
		config = config_parse(source, length, error, room);
	fclose(file);
	free(source);
	return config;
}
