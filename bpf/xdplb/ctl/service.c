// SPDX-License-Identifier: (MIT OR GPL-2.0-only)
/*
 * The order of map writes is what keeps packets flowing: whatever is referred
 * to is written before the reference, and unreferenced before it is removed.
 */
#include "service.h"

#include "message.h"
#include "table.h"
#include "text.h"

#include <arpa/inet.h>
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int map_failed(const char *what)
{
	return failed(NULL, "cannot %s: %s", what, strerror(errno));
}

/* Counters of a freed id hold its last owner's counts: cleared when it is given out anew. */
static int clear_counters(int map, __u32 id, size_t value_size)
{
	int cpus = libbpf_num_possible_cpus();
	void *zeros;
	int result;

	if (cpus < 0)
		return failed(NULL, "cannot tell the number of CPUs: %s", strerror(-cpus));
	zeros = calloc(cpus, value_size);
	if (!zeros)
		return map_failed("clear counters");
	result = bpf_map_update_elem(map, &id, zeros, BPF_ANY);
	free(zeros);
	return result ? map_failed("clear counters") : EXIT_OK;
}

/* VIPs */

static int by_key(const void *a, const void *b)
{
	const struct vip_key *x = &((const struct vip *)a)->key, *y = &((const struct vip *)b)->key;

	if (!address_equal(&x->address, &y->address))
		return address_compare(&x->address, &y->address);
	if (x->port != y->port)
		return ntohs(x->port) < ntohs(y->port) ? -1 : 1;
	return x->protocol - y->protocol;
}

static struct vip_form form_of(const struct vip_info *info)
{
	return (struct vip_form){ .encap = ntohs(info->gue_port), .hash_port = info->flags & VIP_HASH_PORT };
}

static struct vip_info with_form(struct vip_info info, struct vip_form form)
{
	if (form.encap != FORM_UNCHANGED)
		info.gue_port = htons(form.encap);
	if (form.hash_port != FORM_UNCHANGED)
		info.flags = form.hash_port ? VIP_HASH_PORT : 0;
	return info;
}

int vip_list(struct state *state, struct vip list[XDPLB_MAX_VIPS])
{
	struct vip_key key, *previous = NULL;
	struct vip_info info;
	int count = 0;

	while (count < XDPLB_MAX_VIPS && !bpf_map_get_next_key(state->vips, previous, &key)) {
		if (!bpf_map_lookup_elem(state->vips, &key, &info))
			list[count++] = (struct vip){ .key = key, .id = info.id, .form = form_of(&info) };
		previous = &key;
	}
	qsort(list, count, sizeof(*list), by_key);
	return count;
}

int vip_find(struct state *state, const struct vip_key *key, __u32 *id)
{
	char text[VIP_TEXT], todo[VIP_TEXT + 64];
	struct vip_info info;

	if (!bpf_map_lookup_elem(state->vips, key, &info)) {
		*id = info.id;
		return EXIT_OK;
	}
	snprintf(todo, sizeof(todo), "xdplb vip add %s, or see xdplb show for those there are", vip_text(key, text));
	return failed(todo, "there is no VIP %s", text);
}

static int free_vip_id(struct state *state, __u32 *id)
{
	struct vip list[XDPLB_MAX_VIPS];
	char used[XDPLB_MAX_VIPS] = { 1 };      /* XDPLB_NONE is no id */
	int count = vip_list(state, list);

	for (int i = 0; i < count; i++)
		used[list[i].id] = 1;
	for (*id = 1; *id < XDPLB_MAX_VIPS; (*id)++)
		if (!used[*id])
			return EXIT_OK;
	return failed("remove one with xdplb vip del", "all %d VIPs are in use", XDPLB_MAX_VIPS - 1);
}

static int count_users(struct state *state, const struct address *address, __u32 protocol, int change)
{
	struct vip_address_key key = { .address = *address, .protocol = protocol };
	__u32 users = 0;

	bpf_map_lookup_elem(state->vip_addresses, &key, &users);
	users += change;
	if (!users)
		return bpf_map_delete_elem(state->vip_addresses, &key);
	return bpf_map_update_elem(state->vip_addresses, &key, &users, BPF_ANY);
}

/* Kept in step with the VIPs: counts how many share an address, of each protocol and of any. */
static int count_address(struct state *state, const struct vip_key *vip, int change)
{
	return count_users(state, &vip->address, vip->protocol, change) || count_users(state, &vip->address, 0, change);
}

/* A new one is of the plain form, as far as nothing else is wished for. */
static int enter_vip(struct state *state, const struct vip_key *key, __u32 id, struct vip_form form)
{
	struct vip_info info = with_form((struct vip_info){ .id = id }, form);

	if (bpf_map_update_elem(state->vips, key, &info, BPF_NOEXIST))
		return map_failed("add the VIP");
	return count_address(state, key, 1) ? map_failed("add the VIP's address") : EXIT_OK;
}

static int add_new_vip(struct state *state, const struct vip_key *key, struct vip_form form)
{
	__u32 id;

	if (free_vip_id(state, &id) || clear_counters(state->vip_counters, id, sizeof(struct vip_stats)))
		return EXIT_FAILED;
	return table_create(state, id) || enter_vip(state, key, id, form) ? EXIT_FAILED : EXIT_OK;
}

static int change_vip(struct state *state, const struct vip_key *key, struct vip_info info)
{
	return bpf_map_update_elem(state->vips, key, &info, BPF_EXIST) ? map_failed("change the VIP") : EXIT_OK;
}

int form_suits(const struct vip_key *key, struct vip_form form)
{
	char text[VIP_TEXT];

	if (form.hash_port != 1 || !key->port)
		return EXIT_OK;
	return failed("use it for a VIP of any port", "hashed by its port, all of VIP %s would go to one real", vip_text(key, text));
}

int vip_add(struct state *state, const struct vip_key *key, struct vip_form form)
{
	char text[VIP_TEXT];
	struct vip_info info, changed;

	vip_text(key, text);
	if (form_suits(key, form))
		return EXIT_FAILED;
	if (bpf_map_lookup_elem(state->vips, key, &info)) {
		if (add_new_vip(state, key, form))
			return EXIT_FAILED;
		printf("VIP %s added\n", text);
		return EXIT_OK;
	}
	changed = with_form(info, form);
	if (changed.gue_port == info.gue_port && changed.flags == info.flags) {
		printf("VIP %s is there already: nothing changed\n", text);
		return EXIT_OK;
	}
	if (change_vip(state, key, changed))
		return EXIT_FAILED;
	printf("VIP %s is there already: %s changed\n", text, changed.flags == info.flags ? "encapsulation" : "hash");
	return EXIT_OK;
}

/* Reals */

int real_read_all(struct state *state, struct real all[XDPLB_MAX_REALS])
{
	static __u32 keys[XDPLB_MAX_REALS];
	__u32 next, count = XDPLB_MAX_REALS;

	if (bpf_map_lookup_batch(state->reals, NULL, &next, keys, all, &count, NULL) && errno != ENOENT)
		return map_failed("read the reals");
	return EXIT_OK;
}

static __u32 find_real(const struct real *all, __u32 vip_id, const struct address *address)
{
	for (__u32 id = 1; id < XDPLB_MAX_REALS; id++)
		if (all[id].vip_id == vip_id && address_equal(&all[id].address, address))
			return id;
	return XDPLB_NONE;
}

static __u32 free_real_id(const struct real *all)
{
	for (__u32 id = 1; id < XDPLB_MAX_REALS; id++)
		if (all[id].vip_id == XDPLB_NONE)
			return id;
	return XDPLB_NONE;
}

static int write_real(struct state *state, __u32 id, const struct real *real)
{
	return bpf_map_update_elem(state->reals, &id, real, BPF_ANY) ? map_failed("write the real") : EXIT_OK;
}

/* Those that take new flows. */
static size_t members_of(const struct real *all, __u32 vip_id, struct maglev_real members[XDPLB_MAX_REALS])
{
	size_t count = 0;

	for (__u32 id = 1; id < XDPLB_MAX_REALS; id++)
		if (all[id].vip_id == vip_id && !all[id].draining)
			members[count++] = (struct maglev_real){ all[id].address, all[id].weight, id };
	return count;
}

static int rebuild(struct state *state, const struct real *all, __u32 vip_id)
{
	static struct maglev_real members[XDPLB_MAX_REALS];

	return table_update(state, vip_id, members, members_of(all, vip_id, members));
}

/* The generation stays: it has changed when the entry was freed. */
static int enter_real(struct state *state, struct real *all, __u32 vip_id, const struct wanted_real *wanted)
{
	__u32 id = free_real_id(all);

	if (id == XDPLB_NONE)
		return failed("remove one with xdplb real del", "all %d reals are in use", XDPLB_MAX_REALS - 1);
	all[id].address = wanted->address;
	all[id].vip_id = vip_id;
	all[id].weight = wanted->weight;
	all[id].draining = wanted->draining;
	if (clear_counters(state->real_counters, id, sizeof(struct real_stats)))
		return EXIT_FAILED;
	return write_real(state, id, &all[id]);
}

static int add_new(struct state *state, struct real *all, __u32 vip_id, const struct address *address, __u32 weight)
{
	struct wanted_real wanted = {
		.address = *address,
		.weight = weight == WEIGHT_UNCHANGED ? DEFAULT_WEIGHT : weight,
	};

	return enter_real(state, all, vip_id, &wanted) || rebuild(state, all, vip_id) ? EXIT_FAILED : EXIT_OK;
}

static int change_real(struct state *state, struct real *all, __u32 id, __u32 weight, int draining)
{
	if (weight != WEIGHT_UNCHANGED)
		all[id].weight = weight;
	all[id].draining = draining;
	/* Rebuilt even if all is as before: so a run that was cut short is made good. */
	return write_real(state, id, &all[id]) || rebuild(state, all, all[id].vip_id) ? EXIT_FAILED : EXIT_OK;
}

int real_suits(const struct vip_key *key, const struct address *address)
{
	char text[ADDRESS_TEXT];

	if (address_equal(address, &key->address))
		return failed("name the real's own address; the VIP belongs on its lo",
			      "real %s is the VIP itself: its packets would come back here", address_text(address, text));
	if (!address_is_ipv4(&key->address) && address_is_ipv4(address))
		return failed("name the real's IPv6 address; an IPv4 VIP may have reals of both families",
			      "real %s has an IPv4 address and the VIP an IPv6 one: reals do not expect IPv6 inside IPv4",
			      address_text(address, text));
	return EXIT_OK;
}

int real_add(struct state *state, const struct vip_key *key, const struct address *address, __u32 weight)
{
	static struct real all[XDPLB_MAX_REALS];
	char vip[VIP_TEXT], text[ADDRESS_TEXT];
	__u32 vip_id, id;

	if (real_suits(key, address) || vip_find(state, key, &vip_id) || real_read_all(state, all))
		return EXIT_FAILED;
	id = find_real(all, vip_id, address);
	if (id ? change_real(state, all, id, weight, 0) : add_new(state, all, vip_id, address, weight))
		return EXIT_FAILED;
	printf("real %s %s VIP %s, weight %u\n", address_text(address, text), id ? "is there already behind" : "added to",
	       vip_text(key, vip), all[find_real(all, vip_id, address)].weight);
	return EXIT_OK;
}

/* Fills in all reals and the id of the one named. */
static int find_named(struct state *state, const struct vip_key *key, const struct address *address, struct real *all,
		      __u32 *vip_id, __u32 *id)
{
	char vip[VIP_TEXT], text[ADDRESS_TEXT];

	if (vip_find(state, key, vip_id) || real_read_all(state, all))
		return EXIT_FAILED;
	*id = find_real(all, *vip_id, address);
	if (*id)
		return EXIT_OK;
	return failed("see xdplb show for those there are", "VIP %s has no real %s", vip_text(key, vip),
		      address_text(address, text));
}

int real_weight(struct state *state, const struct vip_key *key, const struct address *address, __u32 weight)
{
	static struct real all[XDPLB_MAX_REALS];
	char vip[VIP_TEXT], text[ADDRESS_TEXT];
	__u32 vip_id, id;

	if (find_named(state, key, address, all, &vip_id, &id) || change_real(state, all, id, weight, all[id].draining))
		return EXIT_FAILED;
	printf("real %s of VIP %s has weight %u\n", address_text(address, text), vip_text(key, vip), weight);
	return EXIT_OK;
}

int real_drain(struct state *state, const struct vip_key *key, const struct address *address)
{
	static struct real all[XDPLB_MAX_REALS];
	char vip[VIP_TEXT], text[ADDRESS_TEXT];
	__u32 vip_id, id;

	if (find_named(state, key, address, all, &vip_id, &id) || change_real(state, all, id, WEIGHT_UNCHANGED, 1))
		return EXIT_FAILED;
	printf("real %s of VIP %s gets no new flows; xdplb conns shows those it has, real add ends this\n",
	       address_text(address, text), vip_text(key, vip));
	return EXIT_OK;
}

/*
 * The address stays in the freed entry: a packet that read its slot a moment
 * ago still finds the old real. The new generation makes its flows void.
 */
static void release(struct real *real)
{
	real->vip_id = XDPLB_NONE;
	real->weight = 0;
	real->draining = 0;
	real->generation++;
}

int real_del(struct state *state, const struct vip_key *key, const struct address *address)
{
	static struct real all[XDPLB_MAX_REALS];
	char vip[VIP_TEXT], text[ADDRESS_TEXT];
	__u32 vip_id, id;

	if (find_named(state, key, address, all, &vip_id, &id))
		return EXIT_FAILED;
	release(&all[id]);
	if (rebuild(state, all, vip_id) || write_real(state, id, &all[id]))
		return EXIT_FAILED;
	printf("real %s removed from VIP %s\n", address_text(address, text), vip_text(key, vip));
	return EXIT_OK;
}

static int release_all(struct state *state, __u32 vip_id, int *released)
{
	static struct real all[XDPLB_MAX_REALS];

	if (real_read_all(state, all))
		return EXIT_FAILED;
	for (__u32 id = 1; id < XDPLB_MAX_REALS; id++) {
		if (all[id].vip_id != vip_id)
			continue;
		release(&all[id]);
		if (write_real(state, id, &all[id]))
			return EXIT_FAILED;
		(*released)++;
	}
	return EXIT_OK;
}

int vip_del(struct state *state, const struct vip_key *key)
{
	char text[VIP_TEXT];
	int released = 0;
	__u32 id;

	if (vip_find(state, key, &id))
		return EXIT_FAILED;
	/* Unlisted first: from here on its packets are the host's, and nothing refers to what goes next. */
	if (bpf_map_delete_elem(state->vips, key) || count_address(state, key, -1))
		return map_failed("remove the VIP");
	if (release_all(state, id, &released) || table_delete(state, id))
		return EXIT_FAILED;
	printf("VIP %s removed, with %d real%s\n", vip_text(key, text), released, released == 1 ? "" : "s");
	return EXIT_OK;
}

/* All at once */

static const struct wanted_real *find_wanted(const struct wanted_vip *vip, const struct address *address)
{
	for (int i = 0; i < vip->real_count; i++)
		if (address_equal(&vip->reals[i].address, address))
			return &vip->reals[i];
	return NULL;
}

static int enter_wanted(struct state *state, struct real *all, __u32 vip_id, const struct wanted_vip *wanted)
{
	for (int i = 0; i < wanted->real_count; i++) {
		const struct wanted_real *real = &wanted->reals[i];
		__u32 id = find_real(all, vip_id, &real->address);

		if (!id && enter_real(state, all, vip_id, real))
			return EXIT_FAILED;
		if (!id)
			continue;
		all[id].weight = real->weight;
		all[id].draining = real->draining;
		if (write_real(state, id, &all[id]))
			return EXIT_FAILED;
	}
	return EXIT_OK;
}

/* Those to go: out of the ring first, then their entries are freed. */
static int leave_unwanted(struct state *state, struct real *all, __u32 vip_id, const struct wanted_vip *wanted)
{
	static struct maglev_real members[XDPLB_MAX_REALS];
	static __u32 gone[XDPLB_MAX_REALS];
	int count = 0;

	for (__u32 id = 1; id < XDPLB_MAX_REALS; id++)
		if (all[id].vip_id == vip_id && !find_wanted(wanted, &all[id].address)) {
			release(&all[id]);
			gone[count++] = id;
		}
	if (table_replace(state, vip_id, members, members_of(all, vip_id, members)))
		return EXIT_FAILED;
	for (int i = 0; i < count; i++)
		if (write_real(state, gone[i], &all[gone[i]]))
			return EXIT_FAILED;
	return EXIT_OK;
}

static int become(struct state *state, const struct wanted_vip *wanted)
{
	static struct real all[XDPLB_MAX_REALS];
	struct vip_info info;

	if (bpf_map_lookup_elem(state->vips, &wanted->key, &info)) {
		if (add_new_vip(state, &wanted->key, wanted->form))
			return EXIT_FAILED;
		bpf_map_lookup_elem(state->vips, &wanted->key, &info);
	} else if (change_vip(state, &wanted->key, with_form(info, wanted->form))) {
		return EXIT_FAILED;
	}
	if (real_read_all(state, all) || enter_wanted(state, all, info.id, wanted))
		return EXIT_FAILED;
	return leave_unwanted(state, all, info.id, wanted);
}

static int is_wanted(const struct wanted_vip *wanted, int count, const struct vip_key *key)
{
	for (int i = 0; i < count; i++)
		if (!memcmp(&wanted[i].key, key, sizeof(*key)))
			return 1;
	return 0;
}

int service_become(struct state *state, const struct wanted_vip *wanted, int count)
{
	static struct vip present[XDPLB_MAX_VIPS];
	int present_count = vip_list(state, present);

	/* The unwanted first: their ids may be needed. */
	for (int i = 0; i < present_count; i++)
		if (!is_wanted(wanted, count, &present[i].key) && vip_del(state, &present[i].key))
			return EXIT_FAILED;
	for (int i = 0; i < count; i++)
		if (become(state, &wanted[i]))
			return EXIT_FAILED;
	return EXIT_OK;
}
