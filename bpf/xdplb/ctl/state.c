// SPDX-License-Identifier: (MIT OR GPL-2.0-only)
#include "state.h"

#include "message.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#define BPF_FS_MAGIC_NUMBER 0xcafe4a11
/*
 * Of the connection table, about 100 bytes each: 13 MB by default, more where
 * many CPUs share it.
 */
#define DEFAULT_CAPACITY 131072
#define CAPACITY_PER_CPU 8192
#define UDP_SECONDS 30
/*
 * A CPU enters at most an eighth of its share a tick: a flood of new flows
 * needs eight seconds to push out a connection that is in use no more.
 */
#define GUARD_SHARE 8

extern const char xdplb_object[], xdplb_object_end[];

static const struct {
	const char *name;
	size_t fd;              /* offset in struct state */
} maps[] = {
	{ "devices", offsetof(struct state, devices) },
	{ "vips", offsetof(struct state, vips) },
	{ "vip_addresses", offsetof(struct state, vip_addresses) },
	{ "tables", offsetof(struct state, tables) },
	{ "reals", offsetof(struct state, reals) },
	{ "vip_counters", offsetof(struct state, vip_counters) },
	{ "real_counters", offsetof(struct state, real_counters) },
	{ "outcomes", offsetof(struct state, outcomes) },
	{ "events", offsetof(struct state, events) },
	{ "flows", offsetof(struct state, flows) },
	{ "settings", offsetof(struct state, settings) },
};
#define MAPS (sizeof(maps) / sizeof(maps[0]))

static int *map_fd(struct state *state, size_t i)
{
	return (int *)((char *)state + maps[i].fd);
}

/* libbpf's own words are kept back and shown only if loading fails: then they hold the verifier's log. */
static char libbpf_words[1024 * 1024];
/* The verifier says at the end what it objects to. */
#define LAST_WORDS 4000

static int keep_words(enum libbpf_print_level level, const char *format, va_list arguments)
{
	size_t used = strlen(libbpf_words);

	if (level == LIBBPF_DEBUG)
		return 0;
	return vsnprintf(libbpf_words + used, sizeof(libbpf_words) - used, format, arguments);
}

static void pin_path(const struct state *state, const char *name, char path[PATH_MAX])
{
	if (snprintf(path, PATH_MAX, "%s/%s", state->pin, name) >= PATH_MAX)
		path[0] = 0;    /* opening it then fails and says so */
}

static void program_path(const struct state *state, char path[PATH_MAX])
{
	pin_path(state, PROGRAM_PIN(XDPLB_LAYOUT), path);
}

static int on_bpffs(const char *path)
{
	struct statfs fs;

	return !statfs(path, &fs) && (unsigned long)fs.f_type == BPF_FS_MAGIC_NUMBER;
}

static void to_parent(char *path)
{
	char *slash = strrchr(path, '/');

	if (!slash)
		strcpy(path, ".");
	else
		slash[slash == path] = 0;       /* the parent of /a is / */
}

/* The mount command for the place the user named: its parent, as the directory itself is ours. */
static int no_bpffs(const char *pin)
{
	char parent[PATH_MAX], todo[PATH_MAX + 200];

	snprintf(parent, sizeof(parent), "%s", pin);
	to_parent(parent);
	snprintf(todo, sizeof(todo),
		 "mount -t bpf bpf %s    (mkdir it first if it is not there; where it is read-only, mount elsewhere "
		 "and use --pin)",
		 parent);
	return failed(todo, "%s is not on a BPF file system, so no state can be kept there", pin);
}

static int nearest_is_bpffs(const char *pin)
{
	char path[PATH_MAX];
	struct stat status;

	snprintf(path, sizeof(path), "%s", pin);
	while (stat(path, &status) && errno == ENOENT && strcmp(path, "/") && strcmp(path, "."))
		to_parent(path);
	return on_bpffs(path);
}

static int make_directories(const char *pin)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s", pin);
	for (char *at = path + 1; (at = strchr(at, '/')); at++) {
		*at = 0;
		if (mkdir(path, 0700) && errno != EEXIST)
			return -1;
		*at = '/';
	}
	return mkdir(path, 0700) && errno != EEXIST ? -1 : 0;
}

static int lock(struct state *state)
{
	state->lock = open(state->pin, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (state->lock < 0 || flock(state->lock, LOCK_EX))
		return failed(NULL, "cannot lock %s: %s", state->pin, strerror(errno));
	return EXIT_OK;
}

static void forget(struct state *state, const char *pin)
{
	snprintf(state->pin, sizeof(state->pin), "%s", pin);
	for (size_t i = strlen(state->pin); i > 1 && state->pin[i - 1] == '/'; i--)
		state->pin[i - 1] = 0;
	state->lock = state->program = -1;
	for (size_t i = 0; i < MAPS; i++)
		*map_fd(state, i) = -1;
}

static int exists(const struct state *state)
{
	char path[PATH_MAX];

	program_path(state, path);
	return !access(path, F_OK);
}

/* Maps without our program file: another layout, or a run that was cut short. */
static int holds_other_state(const struct state *state)
{
	char path[PATH_MAX];

	pin_path(state, "vips", path);
	return !access(path, F_OK) && !exists(state);
}

static int other_state(const struct state *state)
{
	char todo[PATH_MAX + 200];

	snprintf(todo, sizeof(todo), "take XDP off the devices (ip link set dev DEV xdp off), then rm -r %s and set up again",
		 state->pin);
	return failed(todo, "%s holds maps of another xdplb version or of a start that was cut short", state->pin);
}

static int open_pin(const struct state *state, const char *path, int *fd)
{
	*fd = bpf_obj_get(path);
	if (*fd >= 0)
		return EXIT_OK;
	return failed("run as root, or with CAP_SYS_ADMIN and CAP_NET_ADMIN", "cannot open the state in %s (%s): %s",
		      state->pin, path, strerror(errno));
}

static int open_pins(struct state *state)
{
	char path[PATH_MAX];

	for (size_t i = 0; i < MAPS; i++) {
		pin_path(state, maps[i].name, path);
		if (open_pin(state, path, map_fd(state, i)))
			return EXIT_FAILED;
	}
	program_path(state, path);
	return open_pin(state, path, &state->program);
}

static int load_failed(int error)
{
	const char *todo = "see libbpf's words above; the kernel must be 5.10 or newer";
	size_t words = strlen(libbpf_words);

	if (words)
		fputs(words > LAST_WORDS ? libbpf_words + words - LAST_WORDS : libbpf_words, stderr);
	/* The verifier refuses with the same numbers; then its log is the answer. */
	if ((error == EPERM || error == EACCES) && !strstr(libbpf_words, "PROG LOAD LOG"))
		todo = "give the container the capabilities SYS_ADMIN and NET_ADMIN; on kernels before 5.11 also a "
		       "locked-memory limit of 64 MB or more (ulimit -l)";
	return failed(todo, "the kernel did not take the data plane: %s", strerror(error));
}

/* Renamed into place, so that the pin always names a whole program. */
static int pin_program(struct state *state, int program)
{
	char path[PATH_MAX], next[PATH_MAX];

	program_path(state, path);
	pin_path(state, "program-next", next);
	unlink(next);
	if (bpf_obj_pin(program, next) || rename(next, path))
		return failed(NULL, "cannot pin the program as %s: %s", path, strerror(errno));
	return EXIT_OK;
}

static int load(struct state *state, struct bpf_object *object)
{
	struct bpf_program *program = bpf_object__find_program_by_name(object, "xdplb");
	int error = -bpf_object__load(object);

	if (error)
		return load_failed(error);
	return pin_program(state, bpf_program__fd(program));
}

/* The kernel gives each CPU an equal share, and rounds up itself; libbpf compares what is there with what is asked. */
static __u32 rounded(__u32 capacity)
{
	int cpus = libbpf_num_possible_cpus();

	return cpus > 0 ? (capacity + cpus - 1) / cpus * cpus : capacity;
}

static __u32 default_capacity(void)
{
	int cpus = libbpf_num_possible_cpus();

	return cpus * CAPACITY_PER_CPU > DEFAULT_CAPACITY ? cpus * CAPACITY_PER_CPU : DEFAULT_CAPACITY;
}

static __u32 entries_of(int map)
{
	struct bpf_map_info info = {};
	__u32 length = sizeof(info);

	return map < 0 || bpf_obj_get_info_by_fd(map, &info, &length) ? 0 : info.max_entries;
}

static __u32 pinned_capacity(const struct state *state)
{
	char path[PATH_MAX];
	__u32 capacity;
	int map;

	pin_path(state, "flows", path);
	map = bpf_obj_get(path);
	capacity = entries_of(map);
	if (map >= 0)
		close(map);
	return capacity;
}

static int load_and_pin(struct state *state, __u32 capacity)
{
	LIBBPF_OPTS(bpf_object_open_opts, options, .object_name = "xdplb", .pin_root_path = state->pin);
	struct bpf_object *object;
	int result;

	libbpf_set_print(keep_words);
	object = bpf_object__open_mem(xdplb_object, xdplb_object_end - xdplb_object, &options);
	if (!object)
		return load_failed(errno);
	bpf_map__set_max_entries(bpf_object__find_map_by_name(object, "flows"), capacity);
	result = load(state, object);
	bpf_object__close(object);      /* the pins keep all of it alive */
	return result;
}

int state_open(struct state *state, const char *pin)
{
	forget(state, pin);
	if (!nearest_is_bpffs(state->pin))
		return no_bpffs(state->pin);
	if (holds_other_state(state))
		return other_state(state);
	if (!exists(state))
		return failed("xdplb attach or xdplb vip add makes it; or name another directory with --pin",
			      "there is no balancer in %s yet", state->pin);
	return lock(state) || open_pins(state) ? EXIT_FAILED : EXIT_OK;
}

static int write_defaults(const struct state *state)
{
	struct settings settings = {
		.udp_ticks = UDP_SECONDS / TICK_SECONDS + 0.5,
		.new_flows = state_capacity(state) / libbpf_num_possible_cpus() / GUARD_SHARE,
	};

	return state_write_settings(state, &settings);
}

static int create(struct state *state, __u32 capacity)
{
	return load_and_pin(state, rounded(capacity ? capacity : default_capacity())) || open_pins(state) ||
	       write_defaults(state) ? EXIT_FAILED : EXIT_OK;
}

static int open_as_asked(struct state *state, __u32 capacity)
{
	if (open_pins(state))
		return EXIT_FAILED;
	if (!capacity || rounded(capacity) == state_capacity(state))
		return EXIT_OK;
	return failed("leave --capacity out; or detach, remove the pin directory and set up anew",
		      "the connection table in %s has room for %u flows, which cannot change while it is in use", state->pin,
		      state_capacity(state));
}

int state_open_or_create_for(struct state *state, const char *pin, __u32 capacity)
{
	forget(state, pin);
	if (!nearest_is_bpffs(state->pin))
		return no_bpffs(state->pin);
	if (make_directories(state->pin))
		return failed(NULL, "cannot make %s: %s", state->pin, strerror(errno));
	/* Locked before looking, or two first commands would both create. */
	if (lock(state))
		return EXIT_FAILED;
	if (holds_other_state(state))
		return other_state(state);
	return exists(state) ? open_as_asked(state, capacity) : create(state, capacity);
}

int state_open_or_create(struct state *state, const char *pin)
{
	return state_open_or_create_for(state, pin, 0);
}

__u32 state_capacity(const struct state *state)
{
	return entries_of(state->flows);
}

int state_read_settings(const struct state *state, struct settings *settings)
{
	__u32 zero = 0;

	if (bpf_map_lookup_elem(state->settings, &zero, settings))
		return failed(NULL, "cannot read the settings: %s", strerror(errno));
	return EXIT_OK;
}

int state_write_settings(const struct state *state, const struct settings *settings)
{
	__u32 zero = 0;

	if (bpf_map_update_elem(state->settings, &zero, settings, BPF_ANY))
		return failed(NULL, "cannot write the settings: %s", strerror(errno));
	return EXIT_OK;
}

int state_renew_program(struct state *state)
{
	char path[PATH_MAX];

	if (load_and_pin(state, pinned_capacity(state)))
		return EXIT_FAILED;
	close(state->program);
	program_path(state, path);
	return open_pin(state, path, &state->program);
}

static void close_fd(int fd)
{
	if (fd >= 0)
		close(fd);
}

void state_close(struct state *state)
{
	for (size_t i = 0; i < MAPS; i++)
		close_fd(*map_fd(state, i));
	close_fd(state->program);
	close_fd(state->lock);
}
