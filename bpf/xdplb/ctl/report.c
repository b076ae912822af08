// SPDX-License-Identifier: (MIT OR GPL-2.0-only)
#include "report.h"

#include "../counters.h"
#include "device.h"
#include "message.h"
#include "service.h"
#include "text.h"

#include <arpa/inet.h>
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_COUNTERS 3  /* u64s in the largest counter value */

struct snapshot {
	struct vip vips[XDPLB_MAX_VIPS];
	struct vip_stats vip_stats[XDPLB_MAX_VIPS];     /* by position in vips */
	int vip_count;
	struct real reals[XDPLB_MAX_REALS];
	struct real_stats real_stats[XDPLB_MAX_REALS];
	__u32 order[XDPLB_MAX_REALS];                   /* ids, by address */
	int real_count;
	__u64 outcomes[OUTCOMES];
	__u64 events[EVENTS];
	__u32 capacity;
	const struct vip_key *only;
	struct attached attached[XDPLB_MAX_DEVICES];
	int attached_count;
};

static const char *const outcome_names[OUTCOMES] = {
#define NAME(id, name) [id] = name,
	XDPLB_COUNTERS(NAME)
#undef NAME
};

static const char *const event_names[EVENTS] = {
#define NAME(id, name) [id] = name,
	XDPLB_EVENTS(NAME)
#undef NAME
};

static const struct real *sort_reals;

static int by_address(const void *a, const void *b)
{
	return address_compare(&sort_reals[*(const __u32 *)a].address, &sort_reals[*(const __u32 *)b].address);
}

/* All counter values are arrays of u64, so one addition over the CPUs serves all. */
static int sum_cpus(int map, __u32 id, __u64 *sums, int fields)
{
	int cpus = libbpf_num_possible_cpus();
	__u64 *values = cpus > 0 ? calloc(cpus, fields * sizeof(__u64)) : NULL;
	int result;

	if (!values)
		return failed(NULL, "cannot tell the number of CPUs, or no memory");
	memset(sums, 0, fields * sizeof(__u64));
	result = bpf_map_lookup_elem(map, &id, values);
	for (int i = 0; !result && i < cpus * fields; i++)
		sums[i % fields] += values[i];
	free(values);
	return result ? failed(NULL, "cannot read counters: %s", strerror(errno)) : EXIT_OK;
}

static int take_vips(struct state *state, struct snapshot *s)
{
	s->vip_count = vip_list(state, s->vips);
	for (int i = 0; i < s->vip_count; i++)
		if (sum_cpus(state->vip_counters, s->vips[i].id, (__u64 *)&s->vip_stats[i], 2))
			return EXIT_FAILED;
	return EXIT_OK;
}

static int take_reals(struct state *state, struct snapshot *s)
{
	if (real_read_all(state, s->reals))
		return EXIT_FAILED;
	for (__u32 id = 1; id < XDPLB_MAX_REALS; id++) {
		if (s->reals[id].vip_id == XDPLB_NONE)
			continue;
		s->order[s->real_count++] = id;
		if (sum_cpus(state->real_counters, id, (__u64 *)&s->real_stats[id], MAX_COUNTERS))
			return EXIT_FAILED;
	}
	sort_reals = s->reals;
	qsort(s->order, s->real_count, sizeof(s->order[0]), by_address);
	return EXIT_OK;
}

static int take(struct state *state, struct snapshot *s)
{
	for (__u32 id = 0; id < OUTCOMES; id++)
		if (sum_cpus(state->outcomes, id, &s->outcomes[id], 1))
			return EXIT_FAILED;
	for (__u32 id = 0; id < EVENTS; id++)
		if (sum_cpus(state->events, id, &s->events[id], 1))
			return EXIT_FAILED;
	s->capacity = state_capacity(state);
	s->attached_count = device_list(state, s->attached);
	return take_vips(state, s) || take_reals(state, s) ? EXIT_FAILED : EXIT_OK;
}

/* Device names may hold anything but '/' and blanks. */
static void json_string(const char *text)
{
	putchar('"');
	for (; *text; text++) {
		if (*text == '"' || *text == '\\')
			printf("\\%c", *text);
		else if ((unsigned char)*text < 0x20)
			printf("\\u%04x", *text);
		else
			putchar(*text);
	}
	putchar('"');
}

static void json_reals(const struct snapshot *s, __u32 vip_id)
{
	const char *separator = "";
	char address[ADDRESS_TEXT];

	for (int i = 0; i < s->real_count; i++) {
		const struct real *real = &s->reals[s->order[i]];
		const struct real_stats *stats = &s->real_stats[s->order[i]];

		if (real->vip_id != vip_id)
			continue;
		printf("%s{\"address\":\"%s\",\"weight\":%u,\"packets\":%llu,\"bytes\":%llu,\"connections\":%llu,"
		       "\"draining\":%s}",
		       separator, address_text(&real->address, address), real->weight, stats->packets, stats->bytes,
		       stats->connections, real->draining ? "true" : "false");
		separator = ",";
	}
}

static const char *encap_text(int encap)
{
	return encap ? "gue" : "ipip";
}

static void json_vips(const struct snapshot *s)
{
	char address[ADDRESS_TEXT];

	for (int i = 0; i < s->vip_count; i++) {
		const struct vip_key *key = &s->vips[i].key;
		const struct vip_form *form = &s->vips[i].form;

		printf("%s{\"address\":\"%s\",\"port\":%u,\"protocol\":\"%s\",\"packets\":%llu,\"bytes\":%llu,\"reals\":[",
		       i ? "," : "", address_text(&key->address, address), ntohs(key->port), protocol_text(key->protocol),
		       s->vip_stats[i].packets, s->vip_stats[i].bytes);
		json_reals(s, s->vips[i].id);
		printf("],\"encap\":\"%s\"", encap_text(form->encap));
		if (form->encap)
			printf(",\"gue_port\":%d", form->encap);
		printf(",\"hash\":\"%s\"}", form->hash_port ? "port" : "flow");
	}
}

static void json_device(const struct attached *attached)
{
	const struct device_config *config = &attached->config;
	const __u8 *mac = config->next_hop_mac;

	printf("{\"dev\":");
	json_string(attached->name);
	printf(",\"mode\":\"%s\",\"next_hop\":", mode_text(attached->mode));
	if (config->flags & DEVICE_FIB)
		printf("\"fib\"");
	else
		printf("\"%02x:%02x:%02x:%02x:%02x:%02x\"", mac[0], mac[1], mac[2], mac[3], mac[4], mac[5]);
	printf(",\"mtu\":%u,\"icmp_echo\":%s}", config->mtu, config->flags & DEVICE_ICMP_ECHO ? "true" : "false");
}

static void json(const struct snapshot *s)
{
	printf("{\"schema\":%d,\"vips\":[", REPORT_SCHEMA);
	json_vips(s);
	printf("],\"global\":{");
	for (int i = 0; i < OUTCOMES; i++)
		printf("%s\"%s\":%llu", i ? "," : "", outcome_names[i], s->outcomes[i]);
	printf("},\"attached\":[");
	for (int i = 0; i < s->attached_count; i++) {
		if (i)
			putchar(',');
		json_device(&s->attached[i]);
	}
	printf("],\"flows\":{\"capacity\":%u", s->capacity);
	for (int i = 0; i < EVENTS; i++)
		printf(",\"%s\":%llu", event_names[i], s->events[i]);
	printf("}}\n");
}

static void show_attached(const struct snapshot *s)
{
	if (!s->attached_count)
		puts("not attached to any device of this network namespace");
	for (int i = 0; i < s->attached_count; i++)
		printf("attached to %s in %s mode\n", s->attached[i].name, mode_text(s->attached[i].mode));
}

static void show_reals(const struct snapshot *s, __u32 vip_id)
{
	char text[ADDRESS_TEXT];

	for (int i = 0; i < s->real_count; i++) {
		const struct real *real = &s->reals[s->order[i]];

		if (real->vip_id == vip_id)
			printf("  real %-15s weight %u%s\n", address_text(&real->address, text), real->weight,
			       real->draining ? ", draining" : "");
	}
}

static void show_vip(const struct vip *vip)
{
	char text[VIP_TEXT];

	printf("VIP %s", vip_text(&vip->key, text));
	if (vip->form.encap)
		printf(", GUE to port %d", vip->form.encap);
	if (vip->form.hash_port)
		printf(", hashed by port");
	putchar('\n');
}

static void show_vips(const struct snapshot *s)
{
	if (!s->vip_count)
		puts("no VIPs");
	for (int i = 0; i < s->vip_count; i++)
		show_vip(&s->vips[i]);
}

static void show_vips_and_reals(const struct snapshot *s)
{
	if (!s->vip_count)
		puts("no VIPs");
	for (int i = 0; i < s->vip_count; i++) {
		if (s->only && memcmp(s->only, &s->vips[i].key, sizeof(*s->only)))
			continue;
		show_vip(&s->vips[i]);
		show_reals(s, s->vips[i].id);
	}
}

static void show(const struct snapshot *s)
{
	show_attached(s);
	show_vips_and_reals(s);
}

static void stats_of_reals(const struct snapshot *s, __u32 vip_id)
{
	char address[ADDRESS_TEXT];

	for (int i = 0; i < s->real_count; i++) {
		const struct real_stats *stats = &s->real_stats[s->order[i]];

		if (s->reals[s->order[i]].vip_id == vip_id)
			printf("  %-26s %12llu %14llu %12llu\n", address_text(&s->reals[s->order[i]].address, address),
			       stats->packets, stats->bytes, stats->connections);
	}
}

static void stats(const struct snapshot *s)
{
	char text[VIP_TEXT];

	printf("%-28s %12s %14s %12s\n", "VIP / real", "packets", "bytes", "connections");
	for (int i = 0; i < s->vip_count; i++) {
		printf("%-28s %12llu %14llu\n", vip_text(&s->vips[i].key, text), s->vip_stats[i].packets,
		       s->vip_stats[i].bytes);
		stats_of_reals(s, s->vips[i].id);
	}
	putchar('\n');
	for (int i = 0; i < OUTCOMES; i++)
		printf("%-28s %12llu\n", outcome_names[i], s->outcomes[i]);
	printf("\nconnection table, room for %u\n", s->capacity);
	for (int i = 0; i < EVENTS; i++)
		printf("%-28s %12llu\n", event_names[i], s->events[i]);
}

static int report(struct state *state, const struct vip_key *only, void (*print)(const struct snapshot *))
{
	struct snapshot *s = calloc(1, sizeof(*s));
	int result;

	if (!s)
		return failed(NULL, "no memory");
	s->only = only;
	result = take(state, s);
	if (!result)
		print(s);
	free(s);
	return result;
}

int report_json(struct state *state)
{
	return report(state, NULL, json);
}

int report_show(struct state *state)
{
	return report(state, NULL, show);
}

int report_stats(struct state *state)
{
	return report(state, NULL, stats);
}

int report_vips(struct state *state)
{
	return report(state, NULL, show_vips);
}

int report_reals(struct state *state, const struct vip_key *only)
{
	return report(state, only, show_vips_and_reals);
}
