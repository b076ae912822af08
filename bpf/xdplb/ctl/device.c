// SPDX-License-Identifier: (MIT OR GPL-2.0-only)
/*
 * Attached over netlink and not by a BPF link, so that the program stays when
 * this process ends. The kernel is asked what is attached where; nothing is
 * noted down that could be out of date.
 */
#include "device.h"

#include "message.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/ethtool.h>
#include <linux/if_link.h>
#include <linux/sockios.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

struct running {
	enum mode mode;
	__u32 program;          /* id */
	char name[BPF_OBJ_NAME_LEN];
	int ours;
};

const char *mode_text(enum mode mode)
{
	static const char *const texts[] = { "none", "generic", "native", "hardware" };

	return texts[mode];
}

static __u32 mode_flag(enum mode mode)
{
	return mode == MODE_NATIVE ? XDP_FLAGS_DRV_MODE : XDP_FLAGS_SKB_MODE;
}

static __u32 map_id(int map)
{
	struct bpf_map_info info = {};
	__u32 length = sizeof(info);

	return bpf_obj_get_info_by_fd(map, &info, &length) ? 0 : info.id;
}

/* Ours is a program that uses our map, so one of an older xdplb is known as well. */
static void inspect(struct state *state, int program, struct running *running)
{
	__u32 ids[64] = {}, vips = map_id(state->vips);
	struct bpf_prog_info info = { .nr_map_ids = 64, .map_ids = (__u64)(unsigned long)ids };
	__u32 length = sizeof(info);

	if (bpf_obj_get_info_by_fd(program, &info, &length))
		return;
	memcpy(running->name, info.name, sizeof(info.name));
	for (__u32 i = 0; i < info.nr_map_ids && i < 64; i++)
		running->ours |= vips && ids[i] == vips;
}

static int find_running(struct state *state, int ifindex, struct running *running)
{
	LIBBPF_OPTS(bpf_xdp_query_opts, query);
	int program;

	*running = (struct running){ .mode = MODE_NONE };
	if (bpf_xdp_query(ifindex, 0, &query))
		return -1;
	if (query.hw_prog_id)
		*running = (struct running){ .mode = MODE_HARDWARE, .program = query.hw_prog_id };
	if (query.skb_prog_id)
		*running = (struct running){ .mode = MODE_GENERIC, .program = query.skb_prog_id };
	if (query.drv_prog_id)
		*running = (struct running){ .mode = MODE_NATIVE, .program = query.drv_prog_id };
	program = running->program ? bpf_prog_get_fd_by_id(running->program) : -1;
	if (program < 0)
		return 0;
	inspect(state, program, running);
	close(program);
	return 0;
}

static int find_device(const char *name, int *ifindex)
{
	*ifindex = if_nametoindex(name);
	if (*ifindex)
		return EXIT_OK;
	return failed("see ip link; the device must be in the network namespace xdplb runs in",
		      "there is no device %s: %s", name, strerror(errno));
}

static int query_failed(const char *name)
{
	return failed(NULL, "cannot ask what XDP program runs on %s: %s", name, strerror(errno));
}

static int foreign(const char *name, const struct running *running)
{
	char todo[IF_NAMESIZE + 64];

	snprintf(todo, sizeof(todo), "take it off first: ip link set dev %s %s off", name,
		 running->mode == MODE_NATIVE ? "xdpdrv" : "xdpgeneric");
	return failed(todo, "%s runs another XDP program (%s, id %u, %s), which xdplb leaves alone", name,
		      running->name[0] ? running->name : "no name", running->program, mode_text(running->mode));
}

static int is_veth(const char *name)
{
	struct ethtool_drvinfo driver = { .cmd = ETHTOOL_GDRVINFO };
	struct ifreq request = { .ifr_data = (void *)&driver };
	int socket_fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	int found;

	snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", name);
	found = socket_fd >= 0 && !ioctl(socket_fd, SIOCETHTOOL, &request) && !strcmp(driver.driver, "veth");
	if (socket_fd >= 0)
		close(socket_fd);
	return found;
}

static int attach_failed(const char *name, enum mode mode, int error)
{
	const char *todo = NULL;

	if (mode == MODE_NATIVE && error == EOPNOTSUPP)
		todo = "use --mode generic: this driver has no native XDP";
	else if (mode == MODE_NATIVE && (error == EINVAL || error == ERANGE))
		todo = "lower the device's MTU to fit one page, or use --mode generic";
	else if (error == EPERM)
		todo = "run as root, or with CAP_NET_ADMIN and CAP_SYS_ADMIN";
	return failed(todo, "cannot attach to %s in %s mode: %s", name, mode_text(mode), strerror(error));
}

/* In another mode the old program must go first: the kernel runs one of the two modes only. */
static int change_mode(int ifindex, const char *name, const struct running *running)
{
	int error = -bpf_xdp_detach(ifindex, mode_flag(running->mode), NULL);

	if (error)
		return failed(NULL, "cannot take the program off %s (%s mode): %s", name, mode_text(running->mode),
			      strerror(error));
	note("%s changes from %s to %s mode; between the two, packets to VIPs went to the host", name,
	     mode_text(running->mode), mode_text(running->mode == MODE_NATIVE ? MODE_GENERIC : MODE_NATIVE));
	return EXIT_OK;
}

static int put_on(struct state *state, int ifindex, const char *name, enum mode mode, const struct running *running)
{
	__u32 flags = mode_flag(mode);
	int error;

	if (running->mode != MODE_NONE && running->mode != mode && change_mode(ifindex, name, running))
		return EXIT_FAILED;
	if (running->mode != mode)
		flags |= XDP_FLAGS_UPDATE_IF_NOEXIST;   /* else ours is replaced in one step */
	error = -bpf_xdp_attach(ifindex, state->program, flags, NULL);
	return error ? attach_failed(name, mode, error) : EXIT_OK;
}

static int report(struct state *state, int ifindex, const char *name, const struct running *before)
{
	struct running now;

	if (find_running(state, ifindex, &now))
		return query_failed(name);
	printf("%s %s in %s mode (program id %u)\n", before->mode == MODE_NONE ? "attached to" : "replaced on", name,
	       mode_text(now.mode), now.program);
	return EXIT_OK;
}

static int device_mtu(const char *name, __u32 *mtu)
{
	struct ifreq request = {};
	int socket_fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	int result = -1;

	snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", name);
	if (socket_fd >= 0) {
		result = ioctl(socket_fd, SIOCGIFMTU, &request);
		close(socket_fd);
	}
	if (result)
		return failed(NULL, "cannot read the MTU of %s: %s", name, strerror(errno));
	*mtu = request.ifr_mtu > XDPLB_MAX_MTU ? XDPLB_MAX_MTU : request.ifr_mtu;
	if (*mtu < XDPLB_MIN_MTU)
		return failed("raise it: ip link set DEV mtu 1500", "%s has an MTU of %u; xdplb needs %d", name, *mtu,
			      XDPLB_MIN_MTU);
	return EXIT_OK;
}

static int forwards(const char *name, const char *family)
{
	char path[64 + IF_NAMESIZE], on = '1';
	FILE *file;

	snprintf(path, sizeof(path), "/proc/sys/net/%s/conf/%s/forwarding", family, name);
	file = fopen(path, "r");
	if (!file)
		return 1;       /* unknown: say nothing */
	if (fread(&on, 1, 1, file) != 1)
		on = '1';
	fclose(file);
	return on == '1';
}

/* The kernel answers for devices that forward only. */
static void check_forwarding(const char *name, const struct device_config *config)
{
	if (config->source && !forwards(name, "ipv4"))
		note("%s does not forward IPv4, so the kernel will not name a next hop (drop_fib_forwarding_off counts); "
		     "to do: sysctl -w net.ipv4.conf.%s.forwarding=1, and a blackhole route for each VIP, or what xdplb "
		     "passes to the host goes round in circles", name, name);
	if (config->source6.words[0] && !forwards(name, "ipv6"))
		note("%s does not forward IPv6; to do: sysctl -w net.ipv6.conf.%s.forwarding=1 and a blackhole route for "
		     "each VIP", name, name);
}

int device_attach(struct state *state, const char *name, enum mode mode, const struct device_config *wanted)
{
	struct device_config complete = *wanted, *config = &complete;
	struct running running;
	int ifindex;

	if (find_device(name, &ifindex))
		return EXIT_FAILED;
	if (find_running(state, ifindex, &running))
		return query_failed(name);
	if (running.mode != MODE_NONE && !running.ours)
		return foreign(name, &running);
	if (!config->mtu && device_mtu(name, &config->mtu))
		return EXIT_FAILED;
	if (state_renew_program(state))
		return EXIT_FAILED;
	/* Before the program runs, or its first packets would find no config. */
	if (bpf_map_update_elem(state->devices, &ifindex, config, BPF_ANY))
		return failed(NULL, "cannot write the configuration of %s: %s", name, strerror(errno));
	if (put_on(state, ifindex, name, mode, &running))
		return EXIT_FAILED;
	if (config->flags & DEVICE_FIB)
		check_forwarding(name, config);
	if (mode == MODE_NATIVE && is_veth(name))
		note("%s is a veth: in native mode, what it sends arrives only if its peer runs an XDP program too, "
		     "or has GRO on, and with whole checksums only if the senders do not leave them to their devices "
		     "(ethtool -K DEV tx off there); --mode generic has no such conditions", name);
	return report(state, ifindex, name, &running);
}

int device_detach(struct state *state, const char *name)
{
	struct running running;
	int ifindex, error;

	if (find_device(name, &ifindex))
		return EXIT_FAILED;
	if (find_running(state, ifindex, &running))
		return query_failed(name);
	if (running.mode == MODE_NONE)
		return failed("see xdplb show for where it is attached", "no XDP program runs on %s", name);
	if (!running.ours)
		return foreign(name, &running);
	error = -bpf_xdp_detach(ifindex, mode_flag(running.mode), NULL);
	if (error)
		return failed(NULL, "cannot detach from %s: %s", name, strerror(error));
	bpf_map_delete_elem(state->devices, &ifindex);
	printf("detached from %s; VIPs, reals and counters stay in %s (rm -r it to forget them)\n", name, state->pin);
	return EXIT_OK;
}

int device_list(struct state *state, struct attached list[XDPLB_MAX_DEVICES])
{
	struct if_nameindex *all = if_nameindex();
	struct running running;
	int count = 0;

	for (struct if_nameindex *at = all; at && at->if_index && count < XDPLB_MAX_DEVICES; at++) {
		if (find_running(state, at->if_index, &running) || !running.ours)
			continue;
		list[count] = (struct attached){};
		snprintf(list[count].name, IF_NAMESIZE, "%s", at->if_name);
		bpf_map_lookup_elem(state->devices, &(int){ at->if_index }, &list[count].config);
		list[count++].mode = running.mode;
	}
	if (all)
		if_freenameindex(all);
	return count;
}
