// SPDX-License-Identifier: (MIT OR GPL-2.0-only)
#include "table.h"

#include "message.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct tables {
	__u32 wanted[XDPLB_SLOTS];
	__u32 present[XDPLB_SLOTS];
	__u32 keys[XDPLB_SLOTS];
	__u32 values[XDPLB_SLOTS];
};

static int new_table(void)
{
	return bpf_map_create(BPF_MAP_TYPE_ARRAY, "xdplb_slots", sizeof(__u32), sizeof(__u32), XDPLB_SLOTS, NULL);
}

int table_create(struct state *state, __u32 vip_id)
{
	int table = new_table();
	int error;

	if (table < 0)
		return failed(NULL, "cannot make the VIP's table: %s", strerror(errno));
	error = bpf_map_update_elem(state->tables, &vip_id, &table, BPF_ANY) ? errno : 0;
	close(table);
	return error ? failed(NULL, "cannot enter the VIP's table: %s", strerror(error)) : EXIT_OK;
}

int table_delete(struct state *state, __u32 vip_id)
{
	if (bpf_map_delete_elem(state->tables, &vip_id) && errno != ENOENT)
		return failed(NULL, "cannot remove the VIP's table: %s", strerror(errno));
	return EXIT_OK;
}

/* A map in a map shows user space its id, not a descriptor. */
static int table_open(struct state *state, __u32 vip_id)
{
	__u32 map_id;

	if (bpf_map_lookup_elem(state->tables, &vip_id, &map_id))
		return -1;
	return bpf_map_get_fd_by_id(map_id);
}

static int read_present(int table, struct tables *t)
{
	__u32 next, count = XDPLB_SLOTS;

	/* ENOENT says that the end was reached. */
	if (bpf_map_lookup_batch(table, NULL, &next, t->keys, t->present, &count, NULL) && errno != ENOENT)
		return -1;
	return count == XDPLB_SLOTS ? 0 : -1;
}

static __u32 collect_changes(struct tables *t)
{
	__u32 changes = 0;

	for (__u32 slot = 0; slot < XDPLB_SLOTS; slot++) {
		if (t->wanted[slot] == t->present[slot])
			continue;
		t->keys[changes] = slot;
		t->values[changes++] = t->wanted[slot];
	}
	return changes;
}

static int write_changes(int table, struct tables *t)
{
	__u32 changes;

	if (read_present(table, t))
		return -1;
	changes = collect_changes(t);
	return changes ? bpf_map_update_batch(table, t->keys, t->values, &changes, NULL) : 0;
}

static int update(int table, const struct maglev_real *reals, size_t count)
{
	struct tables *t = malloc(sizeof(*t));
	int result = -1;

	if (t && !maglev_fill(reals, count, t->wanted, XDPLB_SLOTS))
		result = write_changes(table, t);
	free(t);
	return result;
}

int table_update(struct state *state, __u32 vip_id, const struct maglev_real *reals, size_t count)
{
	int table = table_open(state, vip_id);
	int result;

	if (table < 0)
		return failed(NULL, "cannot open the VIP's table: %s", strerror(errno));
	result = update(table, reals, count);
	close(table);
	return result ? failed("run the command again", "cannot update the VIP's table: %s", strerror(errno)) : EXIT_OK;
}

static int fill_new(int table, const struct maglev_real *reals, size_t count)
{
	struct tables *t = malloc(sizeof(*t));
	__u32 slots = XDPLB_SLOTS;
	int result = -1;

	for (__u32 slot = 0; t && slot < XDPLB_SLOTS; slot++)
		t->keys[slot] = slot;
	if (t && !maglev_fill(reals, count, t->wanted, XDPLB_SLOTS))
		result = bpf_map_update_batch(table, t->keys, t->wanted, &slots, NULL);
	free(t);
	return result;
}

int table_replace(struct state *state, __u32 vip_id, const struct maglev_real *reals, size_t count)
{
	int table = new_table();
	int result = -1;

	if (table >= 0 && !fill_new(table, reals, count))
		result = bpf_map_update_elem(state->tables, &vip_id, &table, BPF_ANY);
	if (result)
		return failed("run the command again", "cannot replace the VIP's table: %s", strerror(errno));
	close(table);
	return EXIT_OK;
}
