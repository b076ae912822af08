// SPDX-License-Identifier: (MIT OR GPL-2.0-only)
#include "decap.h"

#include "message.h"
#include "report.h"
#include "text.h"

#include <arpa/inet.h>
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <ifaddrs.h>
#include <linux/if_link.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PROGRAM "xdplb_decap"

extern const char xdplb_decap_object[], xdplb_decap_object_end[];

static const char *const outcome_names[DECAP_OUTCOMES] = {
#define NAME(id, name) [id] = name,
	DECAP_COUNTERS(NAME)
#undef NAME
};

static int map_of(struct bpf_object *object, const char *name)
{
	return dup(bpf_object__find_map_fd_by_name(object, name));
}

static int fill(const struct decap_options *options, struct bpf_object *object, int hosts)
{
	struct decap_config config = { .gue_port = htons(options->gue_port) };
	__u32 zero = 0, yes = 1;

	if (bpf_map_update_elem(bpf_object__find_map_fd_by_name(object, "decap_configs"), &zero, &config, BPF_ANY))
		return -1;
	for (int i = 0; i < options->count; i++)
		if (bpf_map_update_elem(hosts, &options->addresses[i], &yes, BPF_ANY))
			return -1;
	return 0;
}

int decap_load(const struct decap_options *options, struct decap *decap)
{
	LIBBPF_OPTS(bpf_object_open_opts, open_options, .object_name = "xdplb_decap");
	struct bpf_object *object = bpf_object__open_mem(xdplb_decap_object, xdplb_decap_object_end - xdplb_decap_object,
							 &open_options);

	if (!object || bpf_object__load(object))
		return failed("run as root, or with CAP_NET_ADMIN and CAP_SYS_ADMIN, on a kernel of 5.10 or newer",
			      "the kernel did not take the decapsulating program: %s", strerror(errno));
	decap->program = dup(bpf_program__fd(bpf_object__find_program_by_name(object, PROGRAM)));
	decap->hosts = map_of(object, "decap_hosts");
	decap->counts = map_of(object, "decap_counts");
	if (fill(options, object, decap->hosts))
		return failed(NULL, "cannot configure the decapsulating program: %s", strerror(errno));
	bpf_object__close(object);
	return EXIT_OK;
}

static int take_address(struct decap_options *options, const struct sockaddr *from)
{
	char text[INET6_ADDRSTRLEN];
	const void *bytes = &((const struct sockaddr_in *)from)->sin_addr;

	if (from->sa_family == AF_INET6)
		bytes = &((const struct sockaddr_in6 *)from)->sin6_addr;
	/* Link-local ones fail to parse, and no tunnel from afar can end there. */
	if (!inet_ntop(from->sa_family, bytes, text, sizeof(text)) ||
	    parse_unicast(text, &options->addresses[options->count]))
		return 0;
	return ++options->count == DECAP_MAX_ADDRESSES;
}

static int take_own_addresses(struct decap_options *options)
{
	struct ifaddrs *all = NULL;

	if (getifaddrs(&all))
		return failed(NULL, "cannot list addresses: %s", strerror(errno));
	for (struct ifaddrs *at = all; at; at = at->ifa_next) {
		if (!at->ifa_addr || strcmp(at->ifa_name, options->device))
			continue;
		if ((at->ifa_addr->sa_family == AF_INET || at->ifa_addr->sa_family == AF_INET6) &&
		    take_address(options, at->ifa_addr))
			break;
	}
	freeifaddrs(all);
	if (options->count)
		return EXIT_OK;
	return failed("give it one, or name the tunnel's end with --address", "%s has no address for a tunnel to end at",
		      options->device);
}

/* What runs on the device: MODE_NONE if nothing does. */
static int find(const char *name, int *ifindex, enum mode *mode, __u32 *program)
{
	LIBBPF_OPTS(bpf_xdp_query_opts, query);

	*ifindex = if_nametoindex(name);
	if (!*ifindex)
		return failed("see ip link", "there is no device %s", name);
	if (bpf_xdp_query(*ifindex, 0, &query))
		return failed(NULL, "cannot ask what XDP program runs on %s: %s", name, strerror(errno));
	*program = query.drv_prog_id ? query.drv_prog_id : query.skb_prog_id ? query.skb_prog_id : query.hw_prog_id;
	*mode = query.drv_prog_id ? MODE_NATIVE : query.skb_prog_id ? MODE_GENERIC : query.hw_prog_id ? MODE_HARDWARE : MODE_NONE;
	return EXIT_OK;
}

static int is_ours(__u32 program, struct bpf_prog_info *info, __u32 *maps, __u32 map_count)
{
	__u32 length = sizeof(*info);
	int fd = bpf_prog_get_fd_by_id(program);
	int result;

	*info = (struct bpf_prog_info){ .nr_map_ids = map_count, .map_ids = (__u64)(unsigned long)maps };
	if (fd < 0)
		return 0;
	result = bpf_obj_get_info_by_fd(fd, info, &length);
	close(fd);
	return !result && !strcmp(info->name, PROGRAM);
}

static int foreign(const char *device)
{
	return failed("take it off first: ip link set dev DEV xdp off", "%s runs another XDP program, which xdplb leaves alone",
		      device);
}

static int put_on(const struct decap_options *options, int ifindex, enum mode present, int program)
{
	__u32 flags = options->mode == MODE_NATIVE ? XDP_FLAGS_DRV_MODE : XDP_FLAGS_SKB_MODE;
	int error;

	if (present == MODE_NONE)
		flags |= XDP_FLAGS_UPDATE_IF_NOEXIST;
	error = -bpf_xdp_attach(ifindex, program, flags, NULL);
	if (!error)
		return EXIT_OK;
	return failed(options->mode == MODE_NATIVE ? "use --mode generic" : NULL, "cannot attach to %s in %s mode: %s",
		      options->device, mode_text(options->mode), strerror(error));
}

int decap_attach(struct decap_options *options)
{
	char text[ADDRESS_TEXT];
	struct bpf_prog_info info;
	struct decap decap;
	enum mode present;
	__u32 program;
	int ifindex;

	if (find(options->device, &ifindex, &present, &program))
		return EXIT_FAILED;
	if (present != MODE_NONE && !is_ours(program, &info, NULL, 0))
		return foreign(options->device);
	if (present != MODE_NONE && present != options->mode)
		return failed("xdplb decap detach first", "%s decapsulates in %s mode already", options->device, mode_text(present));
	if (!options->count && take_own_addresses(options))
		return EXIT_FAILED;
	if (decap_load(options, &decap) || put_on(options, ifindex, present, decap.program))
		return EXIT_FAILED;
	printf("%s %s in %s mode; tunnels end at", present == MODE_NONE ? "attached to" : "replaced on", options->device,
	       mode_text(options->mode));
	for (int i = 0; i < options->count; i++)
		printf(" %s", address_text(&options->addresses[i], text));
	printf(", GUE at UDP port %u\n", options->gue_port);
	return EXIT_OK;
}

static int find_ours(const char *device, int *ifindex, enum mode *mode, struct bpf_prog_info *info, __u32 *maps,
		     __u32 map_count)
{
	__u32 program;

	if (find(device, ifindex, mode, &program))
		return EXIT_FAILED;
	if (*mode == MODE_NONE)
		return failed("xdplb decap attach --dev DEV", "no XDP program runs on %s", device);
	return is_ours(program, info, maps, map_count) ? EXIT_OK : foreign(device);
}

int decap_detach(const char *device)
{
	struct bpf_prog_info info;
	enum mode mode;
	int ifindex, error;

	if (find_ours(device, &ifindex, &mode, &info, NULL, 0))
		return EXIT_FAILED;
	error = -bpf_xdp_detach(ifindex, mode == MODE_NATIVE ? XDP_FLAGS_DRV_MODE : XDP_FLAGS_SKB_MODE, NULL);
	if (error)
		return failed(NULL, "cannot detach from %s: %s", device, strerror(error));
	printf("detached from %s\n", device);
	return EXIT_OK;
}

static int counts_among(const __u32 *maps, __u32 count)
{
	for (__u32 i = 0; i < count; i++) {
		struct bpf_map_info info = {};
		__u32 length = sizeof(info);
		int map = bpf_map_get_fd_by_id(maps[i]);

		if (map >= 0 && !bpf_obj_get_info_by_fd(map, &info, &length) && !strcmp(info.name, "decap_counts"))
			return map;
		if (map >= 0)
			close(map);
	}
	return -1;
}

static int read_counts(int map, __u64 sums[DECAP_OUTCOMES])
{
	int cpus = libbpf_num_possible_cpus();
	__u64 *values = calloc(cpus > 0 ? cpus : 1, sizeof(*values));

	for (__u32 id = 0; id < DECAP_OUTCOMES; id++) {
		sums[id] = 0;
		if (!values || bpf_map_lookup_elem(map, &id, values))
			return failed(NULL, "cannot read the counters: %s", strerror(errno));
		for (int i = 0; i < cpus; i++)
			sums[id] += values[i];
	}
	free(values);
	return EXIT_OK;
}

static void print_json(const char *device, enum mode mode, const __u64 sums[DECAP_OUTCOMES])
{
	printf("{\"schema\":%d,\"dev\":\"%s\",\"mode\":\"%s\",\"decap\":{", REPORT_SCHEMA, device, mode_text(mode));
	for (int i = 0; i < DECAP_OUTCOMES; i++)
		printf("%s\"%s\":%llu", i ? "," : "", outcome_names[i], sums[i]);
	printf("}}\n");
}

int decap_stats(const char *device, int json)
{
	__u64 sums[DECAP_OUTCOMES];
	struct bpf_prog_info info;
	__u32 maps[16];
	enum mode mode;
	int ifindex, map;

	if (find_ours(device, &ifindex, &mode, &info, maps, 16))
		return EXIT_FAILED;
	map = counts_among(maps, info.nr_map_ids < 16 ? info.nr_map_ids : 16);
	if (map < 0)
		return failed("run as root, or with CAP_SYS_ADMIN", "cannot open the counters: %s", strerror(errno));
	if (read_counts(map, sums))
		return EXIT_FAILED;
	if (json) {
		print_json(device, mode, sums);
		return EXIT_OK;
	}
	for (int i = 0; i < DECAP_OUTCOMES; i++)
		printf("%-28s %12llu\n", outcome_names[i], sums[i]);
	return EXIT_OK;
}
