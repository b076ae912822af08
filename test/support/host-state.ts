/**
 * Everything `lab` could leave behind or change, as sorted lines per kind, and what differs between two moments. Reads only.
 *
 * What others do on the same host at the same time must not show: processes and files count when they mention one of the
 * runs' own folders, which each test makes for itself.
 */
import { execFile } from "node:child_process";
import { readdir, readFile, readlink } from "node:fs/promises";
import { request } from "node:http";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { isIdentity } from "../../src/machine/process-identity.ts";

const run = promisify(execFile);

/** What belongs to the runs that are watched. */
export interface Watch {
	/** Folders of these runs only: state, cache, temporary. Their content is listed, and processes that mention one are ours. */
	folders: string[];
	/** The process ids of the runs so far; scratch folders in places that everybody shares tell their owner's. */
	pids: number[];
	/** The daemon they use. */
	daemon?: {
		/** `unix://...` */
		host: string;
		/** A process in its network, process and mount namespaces, whose root has the daemon's programs. */
		pid?: number;
	};
}

/** Kind of thing, e.g. `process`, `container`, `daemon link` -> what there is, in words. */
export type HostState = Record<string, string[]>;

/** What is there now. */
export async function hostState(watch: Watch): Promise<HostState> {
	const parts = await Promise.all([
		{ "named netns": readdir("/run/netns").catch(() => []) },
		{ process: processes(watch) },
		{ file: files(watch.folders) },
		{ scratch: scratch(watch.pids) },
		namespaceState(""),
		watch.daemon ? daemonObjects(watch.daemon.host) : {},
		watch.daemon?.pid ? namespaceState("daemon ", watch.daemon.pid) : {},
	]);
	const pairs = parts.flatMap((part) => Object.entries(part) as [string, string[] | Promise<string[]>][]);
	const settled = await Promise.all(pairs.map(async ([kind, lines]) => [kind, (await lines).sort()] as const));
	return Object.fromEntries(settled);
}

/** What was added (+) and what is gone (-), one line each; empty when nothing differs. */
export function differences(before: HostState, after: HostState): string[] {
	const kinds = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
	return kinds.flatMap((kind) => {
		const [old, now] = [before[kind] ?? [], after[kind] ?? []];
		return [
			...subtract(now, old).map((line) => `+ ${kind}: ${line}`),
			...subtract(old, now).map((line) => `- ${kind}: ${line}`),
		];
	});
}

/**
 * What differs from `before` once the kernel and the daemon have had time to finish what they do in the background: a network
 * namespace, and with it the other end of a veth pair, goes some time after the last process in it.
 */
export async function lastingDifferences(before: HostState, watch: Watch, patienceMs = 5_000): Promise<string[]> {
	const deadline = Date.now() + patienceMs;
	for (;;) {
		const found = differences(before, await hostState(watch));
		if (found.length === 0 || Date.now() > deadline) return found;
		await sleep(50);
	}
}

/** Lines of `lines` beyond those in `without`, each counted. */
function subtract(lines: string[], without: string[]): string[] {
	const left = [...without];
	return lines.filter((line) => {
		const index = left.indexOf(line);
		if (index >= 0) left.splice(index, 1);
		return index < 0;
	});
}

/** Processes with one of our folders in their command line or environment, and all descendants of these. */
async function processes({ folders, daemon }: Watch): Promise<string[]> {
	const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
	const inside =
		daemon?.pid === undefined ? undefined : await readlink(`/proc/${daemon.pid}/ns/pid`).catch(() => "gone");
	const all = await Promise.all(pids.map((pid) => readProcess(pid, folders, inside)));
	const known = new Map(all.flatMap((entry) => (entry ? [[entry.pid, entry]] : [])));
	const ours = (pid: string): boolean => {
		const entry = known.get(pid);
		if (!entry) return false;
		return entry.ours || ours(entry.parent);
	};
	return [...known.values()].filter((entry) => ours(entry.pid)).map(({ command }) => command);
}

async function readProcess(pid: string, folders: string[], inside: string | undefined) {
	const read = (name: string) => readFile(`/proc/${pid}/${name}`, "latin1").catch(() => "");
	const [stat, line, environment] = await Promise.all([read("stat"), read("cmdline"), read("environ")]);
	const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
	const [state, parent] = fields;
	if (state === undefined || parent === undefined || state === "Z" || state === "X") return undefined;
	const space = inside === undefined ? undefined : await readlink(`/proc/${pid}/ns/pid`).catch(() => undefined);
	// Of the daemon's own processes only the kind is told: shims come and go with other people's containers as well.
	const ours =
		folders.some((folder) => line.includes(folder) || environment.includes(folder)) ||
		(space !== undefined && space === inside);
	const words = line.replaceAll("\0", " ").trim() || stat.slice(stat.indexOf("(") + 1, stat.lastIndexOf(")"));
	return { pid, parent, ours, command: words.replace(/-(id|address) \S+/g, "").slice(0, 160) };
}

/** Every file and folder below, by path. */
async function files(folders: string[]): Promise<string[]> {
	const lists = await Promise.all(folders.map((folder) => below(folder)));
	return lists.flat();
}

async function below(folder: string): Promise<string[]> {
	const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
	const lists = await Promise.all(
		entries.map(async (entry) => {
			const path = join(folder, entry.name);
			return entry.isDirectory() ? [`${path}/`, ...(await below(path))] : [path];
		}),
	);
	return lists.flat();
}

/** Scratch folders of the runs in the places that everybody shares. */
async function scratch(pids: number[]): Promise<string[]> {
	const found = await Promise.all(
		["/tmp", "/var/tmp"].map(async (place) => {
			const names = (await readdir(place).catch(() => [])).filter((name) => /^lblab-\d+-/.test(name));
			const owners = await Promise.all(names.map((name) => scratchOwner(join(place, name))));
			return names.filter((_, index) => pids.includes(owners[index] ?? 0)).map((name) => join(place, name));
		}),
	);
	return found.flat();
}

async function scratchOwner(folder: string): Promise<number | undefined> {
	try {
		const owner: unknown = JSON.parse(await readFile(join(folder, "owner.json"), "utf8"));
		return isIdentity(owner) ? owner.pid : undefined;
	} catch {
		return undefined;
	}
}

/** Links, rules, sysctls and mounts of this process's namespaces, or of those of `pid`. */
function namespaceState(prefix: string, pid?: number): Record<string, Promise<string[]>> {
	const enter = pid === undefined ? [] : ["nsenter", `--net=/proc/${pid}/ns/net`];
	const lines = async (command: string[]) => {
		const [program = "", ...args] = [...enter, ...command];
		const { stdout } = await run(program, args, { maxBuffer: 2 ** 26 });
		return stdout.split("\n").filter((line) => line !== "");
	};
	return {
		[`${prefix}link`]: lines(["ip", "-o", "link"]).then((all) => all.map(linkName)),
		[`${prefix}rule`]: lines(["sh", "-c", RULES, "sh", pid === undefined ? "" : `/proc/${pid}/root`]),
		[`${prefix}sysctl`]: lines(["sh", "-c", SYSCTLS]),
		[`${prefix}mount`]: readFile(`/proc/${pid ?? "self"}/mounts`, "utf8").then((text) => text.trim().split("\n")),
	};
}

/** Name, MTU and master of a link; numbers, flags and states change by themselves. */
function linkName(line: string): string {
	const name = /^\d+: ([^:@]+)/.exec(line)?.[1] ?? line;
	const rest = [/mtu \d+/.exec(line)?.[0], /master \S+/.exec(line)?.[0]].filter((part) => part !== undefined);
	return [name, ...rest].join(" ");
}

/** Packet filter rules without counters and comments, by the programs of this host or of the root given. */
const RULES = `
	root=$1
	have() { if [ -n "$root" ]; then [ -x "$root/usr/sbin/$1" ] || [ -L "$root/usr/sbin/$1" ]; else command -v $1 >/dev/null; fi; }
	call() { if [ -n "$root" ]; then chroot "$root" "/usr/sbin/$@"; else "$@"; fi; }
	for family in iptables ip6tables; do
		have $family || continue
		# xtables-nft-multi is there where update-alternatives has not made the other names.
		if have $family-save; then call $family-save; else call xtables-nft-multi $family-save; fi 2>/dev/null |
			sed -e '/^#/d' -e 's/\\[[0-9:]*\\]//' -e "s/^/$family /"
	done
	if have nft; then call nft --stateless list ruleset 2>/dev/null; fi
	true`;

/** Readable settings of the network, without counts and without those of single links. */
const SYSCTLS = `
	cd /proc/sys/net && grep -s "" core/* netfilter/* bridge/* unix/* ipv4/* ipv4/vs/* ipv6/* \\
		ipv4/conf/all/* ipv4/conf/default/* ipv6/conf/all/* ipv6/conf/default/* |
		grep -vE "_count:|stable_secret|tcp_mem|udp_mem"
	true`;

interface ListedContainer {
	Id: string;
	Names: string[];
	State: string;
}

/** Containers (with their state and start), networks, volumes and images of a daemon. */
async function daemonObjects(host: string): Promise<HostState> {
	const socketPath = host.replace(/^unix:\/\//, "");
	const [containers, networks, volumes, images] = await Promise.all([
		get<ListedContainer[]>(socketPath, "/containers/json?all=1"),
		get<{ Id: string; Name: string }[]>(socketPath, "/networks"),
		get<{ Volumes: { Name: string }[] | null }>(socketPath, "/volumes"),
		get<{ Id: string; RepoTags: string[] | null }[]>(socketPath, "/images/json?all=1"),
	]);
	return {
		container: containers.map(({ Id, Names, State }) => `${Names.join(" ")} ${State} ${Id.slice(0, 12)}`),
		network: networks.map(({ Id, Name }) => `${Name} ${Id.slice(0, 12)}`),
		volume: (volumes.Volumes ?? []).map(({ Name }) => Name),
		image: images.map(({ Id, RepoTags }) => `${(RepoTags ?? []).join(" ")} ${Id.slice(7, 19)}`),
	};
}

function get<T>(socketPath: string, path: string): Promise<T> {
	return new Promise((resolve, reject) => {
		const call = request({ socketPath, path, timeout: 20_000, agent: false }, (response) => {
			let text = "";
			response.setEncoding("utf8");
			response.on("data", (chunk: string) => (text += chunk));
			response.on("end", () => {
				if (response.statusCode === 200) resolve(JSON.parse(text) as T);
				else reject(new Error(`${path}: ${response.statusCode} ${text}`));
			});
		});
		call.on("timeout", () => call.destroy(new Error(`${path}: no answer`)));
		call.on("error", reject);
		call.end();
	});
}
