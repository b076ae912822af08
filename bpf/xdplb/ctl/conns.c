// SPDX-License-Identifier: (MIT OR GPL-2.0-only)
/*
 * What is shown is what the data plane would follow: entries of reals that
 * left and UDP entries past their time are counted as stale and not shown.
 */
#include "conns.h"

#include "message.h"
#include "report.h"
#include "service.h"
#include "text.h"

#include <arpa/inet.h>
#include <bpf/bpf.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct entry {
	struct flow_key key;
	struct flow flow;
};

struct listing {
	struct vip vips[XDPLB_MAX_VIPS];
	const struct vip *by_id[XDPLB_MAX_VIPS];
	struct real reals[XDPLB_MAX_REALS];
	struct entry *entries;
	size_t count, stale;
	__u32 tick;
	__u32 udp_ticks;
};

static __u32 tick_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);   /* the clock of bpf_ktime_get_ns */
	return (now.tv_sec * 1000000000ULL + now.tv_nsec) >> XDPLB_TICK_SHIFT;
}

static int is_udp(const struct listing *list, const struct entry *entry)
{
	return list->by_id[entry->key.vip_id]->key.protocol == IPPROTO_UDP;
}

static __u32 idle_ticks(const struct listing *list, const struct entry *entry)
{
	__s32 idle = list->tick - entry->flow.last_seen;

	return idle > 0 ? idle : 0;
}

static int is_good(const struct listing *list, const struct entry *entry)
{
	__u32 vip = entry->key.vip_id, real = entry->flow.real_id;

	if (vip >= XDPLB_MAX_VIPS || real >= XDPLB_MAX_REALS || !list->by_id[vip])
		return 0;
	if (list->reals[real].generation != entry->flow.generation)
		return 0;
	return !is_udp(list, entry) || idle_ticks(list, entry) <= list->udp_ticks;
}

static void keep_good(struct listing *list)
{
	size_t good = 0;

	for (size_t i = 0; i < list->count; i++)
		if (is_good(list, &list->entries[i]))
			list->entries[good++] = list->entries[i];
	list->stale = list->count - good;
	list->count = good;
}

static int by_vip_and_client(const void *a, const void *b)
{
	const struct flow_key *x = &((const struct entry *)a)->key, *y = &((const struct entry *)b)->key;

	if (x->vip_id != y->vip_id)
		return x->vip_id < y->vip_id ? -1 : 1;
	if (!address_equal(&x->client, &y->client))
		return address_compare(&x->client, &y->client);
	if (x->client_port != y->client_port)
		return ntohs(x->client_port) < ntohs(y->client_port) ? -1 : 1;
	return ntohs(x->port) - ntohs(y->port);
}

/* Entries may come and go meanwhile, so no more are taken than there is room for. */
static int read_entries(struct state *state, struct listing *list)
{
	struct flow_key key, *previous = NULL;
	size_t room = state_capacity(state);

	list->entries = calloc(room, sizeof(*list->entries));
	if (!list->entries)
		return failed(NULL, "no memory for %zu connections", room);
	while (list->count < room && !bpf_map_get_next_key(state->flows, previous, &key)) {
		struct entry *entry = &list->entries[list->count];

		entry->key = key;
		if (!bpf_map_lookup_elem(state->flows, &key, &entry->flow))
			list->count++;
		previous = &key;
	}
	return EXIT_OK;
}

static int take(struct state *state, struct listing *list)
{
	struct settings settings;
	int vips = vip_list(state, list->vips);

	for (int i = 0; i < vips; i++)
		list->by_id[list->vips[i].id] = &list->vips[i];
	if (real_read_all(state, list->reals) || state_read_settings(state, &settings) || read_entries(state, list))
		return EXIT_FAILED;
	list->udp_ticks = settings.udp_ticks;
	list->tick = tick_now();
	keep_good(list);
	qsort(list->entries, list->count, sizeof(*list->entries), by_vip_and_client);
	return EXIT_OK;
}

static void print_text(struct state *state, const struct listing *list, unsigned long limit)
{
	char vip[VIP_TEXT], client[ADDRESS_TEXT + 8], real[ADDRESS_TEXT], address[ADDRESS_TEXT];

	printf("%-28s %-28s %6s  %s\n", "client", "VIP", "port", "real");
	for (size_t i = 0; i < list->count && (!limit || i < limit); i++) {
		const struct entry *entry = &list->entries[i];

		address_text(&entry->key.client, address);
		snprintf(client, sizeof(client), strchr(address, ':') ? "[%s]:%u" : "%s:%u", address,
			 ntohs(entry->key.client_port));
		printf("%-28s %-28s %6u  %s", client, vip_text(&list->by_id[entry->key.vip_id]->key, vip),
		       ntohs(entry->key.port), address_text(&list->reals[entry->flow.real_id].address, real));
		if (is_udp(list, entry))
			printf("  idle %.0f s", idle_ticks(list, entry) * TICK_SECONDS);
		if (list->reals[entry->flow.real_id].draining)
			printf("  draining");
		putchar('\n');
	}
	printf("%zu connections, %zu stale entries, room for %u\n", list->count, list->stale, state_capacity(state));
}

static void json_entry(const struct listing *list, const struct entry *entry)
{
	const struct vip_key *vip = &list->by_id[entry->key.vip_id]->key;
	char address[ADDRESS_TEXT];

	printf("{\"client\":\"%s\",\"client_port\":%u,", address_text(&entry->key.client, address),
	       ntohs(entry->key.client_port));
	printf("\"vip\":\"%s\",\"port\":%u,\"protocol\":\"%s\",", address_text(&vip->address, address),
	       ntohs(entry->key.port), protocol_text(vip->protocol));
	printf("\"real\":\"%s\",\"idle\":", address_text(&list->reals[entry->flow.real_id].address, address));
	if (is_udp(list, entry))
		printf("%.0f}", idle_ticks(list, entry) * TICK_SECONDS);
	else
		printf("null}");
}

static void print_json(struct state *state, const struct listing *list, unsigned long limit)
{
	printf("{\"schema\":%d,\"capacity\":%u,\"connections\":%zu,\"stale\":%zu,\"flows\":[", REPORT_SCHEMA,
	       state_capacity(state), list->count, list->stale);
	for (size_t i = 0; i < list->count && (!limit || i < limit); i++) {
		if (i)
			putchar(',');
		json_entry(list, &list->entries[i]);
	}
	printf("]}\n");
}

static int list_conns(struct state *state, unsigned long limit,
		      void (*print)(struct state *, const struct listing *, unsigned long))
{
	struct listing *list = calloc(1, sizeof(*list));
	int result;

	if (!list)
		return failed(NULL, "no memory");
	result = take(state, list);
	if (!result)
		print(state, list, limit);
	free(list->entries);
	free(list);
	return result;
}

int conns_text(struct state *state, unsigned long limit)
{
	return list_conns(state, limit, print_text);
}

int conns_json(struct state *state, unsigned long limit)
{
	return list_conns(state, limit, print_json);
}
