/**
 * A private Docker daemon for tests and benchmarks, with nothing installed system-wide: Debian's packages unpacked into a cache
 * folder, run in network, mount and process namespaces of their own. The network has no uplink. Needs root, not systemd.
 */
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { copyFile, mkdir, mkdtemp, readFile, rm, symlink } from "node:fs/promises";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { debianTree, exists, type Suite } from "./debian-tree.ts";

const run = promisify(execFile);

const START_TIMEOUT_MS = 60_000;
const STOP_TIMEOUT_MS = 20_000;
const LOG_TAIL_LINES = 15;

export interface HostDaemon {
	/** DOCKER_HOST value, `unix://...`. */
	host: string;
	/** A process of the daemon's namespaces: `nsenter --net=/proc/PID/ns/net`. Container pids are numbers of its PID namespace. */
	netnsPid: number;
	/** The daemon's log file; gone after `stop`. */
	log: string;
	/** Runs a command of this machine in the daemon's network and process namespaces; returns its output. */
	enter(command: string[]): Promise<string>;
	/** Ends every process and removes every file, mount and cgroup. May be called twice. */
	stop(): Promise<void>;
}

export interface HostDaemonOptions {
	/** Folder for downloaded packages, kept between runs. */
	cacheDir: string;
	/** Docker 26.1 of Debian trixie in place of bookworm's 20.10. */
	trixie?: boolean;
}

/** @throws Error when not root, or with the end of the daemon's log when it does not answer within a minute. */
export async function startHostDaemon({ cacheDir, trixie = false }: HostDaemonOptions): Promise<HostDaemon> {
	if (process.getuid?.() !== 0) throw new Error("a private Docker daemon needs root (namespaces, mounts, iptables)");
	const tree = await daemonTree(cacheDir, trixie ? "trixie" : "bookworm");
	const work = await mkdtemp(join(tmpdir(), "lab-dockerd-"));
	await copyFile(join(import.meta.dirname, "host-daemon-init.sh"), join(work, "init.sh"));
	const enterScript = join(import.meta.dirname, "host-daemon-enter.sh");
	const namespaces = ["--net", "--mount", "--pid", "--fork", "--kill-child", "--propagation", "private"];
	// The runner's folders are not there inside; runc, for one, writes to XDG_RUNTIME_DIR.
	const { XDG_RUNTIME_DIR: _outside, TMPDIR: _temporary, ...env } = process.env;
	const child = spawn("unshare", [...namespaces, "sh", enterScript, tree, work, `/${basename(work)}`], {
		env,
		stdio: ["pipe", "inherit", "inherit"],
	});
	const stop = once(() => end(child, work));
	try {
		await answer(child, work);
		const netnsPid = await onlyChild(child.pid);
		const enter = async (command: string[]) =>
			(await run("nsenter", [`--net=/proc/${netnsPid}/ns/net`, `--pid=/proc/${netnsPid}/ns/pid`, ...command])).stdout;
		return { host: `unix://${work}/docker.sock`, netnsPid, log: join(work, "dockerd.log"), enter, stop };
	} catch (error) {
		await stop();
		throw error;
	}
}

async function daemonTree(cacheDir: string, suite: Suite): Promise<string> {
	await mkdir(cacheDir, { recursive: true });
	const packages = ["docker.io", "iptables", "busybox-static"];
	const tree = await debianTree({ cacheDir, suite, name: "docker", packages, without: /^(lib)?perl/ });
	// Made by update-alternatives on an installed system.
	for (const name of ["iptables", "ip6tables"]) {
		const link = join(tree, "usr/sbin", name);
		if (!(await exists(link))) await symlink("xtables-nft-multi", link).catch(() => undefined);
	}
	return tree;
}

/** Waits for `/_ping`: the socket is there long before the daemon answers. */
async function answer(child: ChildProcess, work: string): Promise<void> {
	const deadline = Date.now() + START_TIMEOUT_MS;
	while (!(await ping(join(work, "docker.sock")))) {
		const ended = child.exitCode !== null || (await exists(join(work, "exit")));
		if (ended || Date.now() > deadline) {
			const log = await readFile(join(work, "dockerd.log"), "utf8").catch(() => "(no log)");
			const tail = log.trimEnd().split("\n").slice(-LOG_TAIL_LINES).join("\n");
			throw new Error(`the private Docker daemon ${ended ? "ended" : "does not answer"}:\n${tail}`);
		}
		await sleep(50);
	}
}

function ping(socketPath: string): Promise<boolean> {
	return new Promise((resolve) => {
		const call = request({ socketPath, path: "/_ping", timeout: 2000 }, (response) => {
			response.resume();
			resolve(response.statusCode === 200);
		});
		call.on("timeout", () => call.destroy());
		call.on("error", () => resolve(false));
		call.end();
	});
}

async function onlyChild(pid: number | undefined): Promise<number> {
	const children = await readFile(`/proc/${pid}/task/${pid}/children`, "utf8");
	return Number(children.trim());
}

/** Closing its input is the daemon's sign to end; what does not, is killed with its whole process namespace. */
async function end(child: ChildProcess, work: string): Promise<void> {
	const ended = new Promise<void>((resolve) => {
		if (child.exitCode !== null || child.signalCode !== null) resolve();
		else child.once("exit", () => resolve());
	});
	child.stdin?.end();
	const timer = setTimeout(() => child.kill("SIGKILL"), STOP_TIMEOUT_MS);
	await ended;
	clearTimeout(timer);
	await rm(work, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
}

function once(action: () => Promise<void>): () => Promise<void> {
	let result: Promise<void> | undefined;
	return () => {
		result ??= action();
		return result;
	};
}
