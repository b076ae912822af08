/** What the tests of interruptions see of a host: each kind of leftover is planted once and must show, and nothing else. */
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, it } from "vitest";
import { connectDocker } from "../../src/engine/docker-engine.ts";
import type { Engine } from "../../src/engine/engine.ts";
import { ownIdentity } from "../../src/machine/process-identity.ts";
import { TEST_IMAGE, waiting } from "../engine/contract.ts";
import { testCacheDir } from "../support/host-daemon-setup.ts";
import { differences, hostState, lastingDifferences, type Watch } from "../support/host-state.ts";
import { tinyTar } from "../support/test-images.ts";

const host = process.env.LAB_TEST_DOCKER_HOST;
const pid = Number(process.env.LAB_TEST_DOCKER_PID);
if (!host || !pid) throw new Error("these tests need a private daemon: LAB_TEST_HOST_DAEMON=bookworm");

const folder = mkdtempSync(join(tmpdir(), "li-state-"));
const scratch = mkdtempSync("/var/tmp/lblab-0-");
rmSync(scratch, { recursive: true });
const watch: Watch = { folders: [folder], pids: [process.pid], daemon: { host, pid } };
const run = promisify(execFile);
const inDaemon = (...command: string[]) => run("nsenter", [`--net=/proc/${pid}/ns/net`, ...command]);
let engine: Engine;

beforeAll(async () => {
	engine = await connectDocker({ host, env: {} });
	if (!(await engine.hasImage(TEST_IMAGE))) await engine.importImage(TEST_IMAGE, await tinyTar(testCacheDir()));
});
afterAll(async () => {
	await engine.close();
	rmSync(folder, { recursive: true });
});

interface Plant {
	/** Makes it; returns what unmakes it. */
	plant: () => Promise<() => unknown>;
	/** What must be seen, each at least once. */
	seen: RegExp[];
}

const PLANTS: Record<string, Plant> = {
	"a process": {
		seen: [/^\+ process: sleep 1000/],
		plant: async () => {
			const child = spawn("sleep", ["1000"], { env: { ...process.env, XDG_RUNTIME_DIR: folder } });
			await once(child, "spawn");
			return async () => {
				child.kill();
				await once(child, "exit");
			};
		},
	},
	"a container": {
		seen: [/^\+ container: \/lab-left created /],
		plant: async () => {
			const id = await engine.createContainer(waiting("lab-left"));
			return () => engine.removeContainer(id);
		},
	},
	"a network with its bridge and rules": {
		seen: [
			/^\+ daemon link: br-[0-9a-f]{12} mtu 1500$/,
			/^\+ daemon rule: iptables -A \S+ .*br-[0-9a-f]{12} /,
			/^\+ network: lab-left-net /,
		],
		plant: async () => {
			const id = await engine.createNetwork({
				...{ name: "lab-left-net", subnet: "10.97.9.0/24", gateway: "10.97.9.1", labels: {} },
			});
			return () => engine.removeNetwork(id);
		},
	},
	"an image": {
		seen: [/^\+ image: lab-left:1 /],
		plant: async () => {
			await engine.importImage("lab-left:1", await tinyTar(testCacheDir()));
			return () => engine.removeImage("lab-left:1");
		},
	},
	"a link": {
		seen: [/^\+ link: lab-left mtu 1500$/],
		plant: async () => {
			await run("ip", ["link", "add", "lab-left", "type", "bridge"]);
			return () => run("ip", ["link", "delete", "lab-left"]);
		},
	},
	"a network namespace": {
		seen: [/^\+ named netns: lab-left$/],
		plant: async () => {
			mkdirSync("/run/netns", { recursive: true });
			writeFileSync("/run/netns/lab-left", "");
			return () => rmSync("/run/netns/lab-left");
		},
	},
	"a mount": {
		seen: [/^\+ file: .*\/mounted\/$/, /^\+ mount: tmpfs \S+\/mounted /],
		plant: async () => {
			mkdirSync(join(folder, "mounted"));
			await run("mount", ["-t", "tmpfs", "tmpfs", join(folder, "mounted")]);
			return async () => {
				await run("umount", [join(folder, "mounted")]);
				rmSync(join(folder, "mounted"), { recursive: true });
			};
		},
	},
	"a rule": {
		seen: [/^\+ daemon rule: iptables -A INPUT -s 192\.0\.2\.77\/32 -j DROP$/],
		plant: async () => {
			const iptables = ["chroot", `/proc/${pid}/root`, "/usr/sbin/iptables"];
			await inDaemon(...iptables, "-A", "INPUT", "-s", "192.0.2.77", "-j", "DROP");
			return () => inDaemon(...iptables, "-D", "INPUT", "-s", "192.0.2.77", "-j", "DROP");
		},
	},
	"a setting": {
		seen: [/^\+ daemon sysctl: ipv4\/conf\/all\/arp_ignore:3$/, /^- daemon sysctl: ipv4\/conf\/all\/arp_ignore:0$/],
		plant: async () => {
			await inDaemon("sysctl", "-qw", "net.ipv4.conf.all.arp_ignore=3");
			return () => inDaemon("sysctl", "-qw", "net.ipv4.conf.all.arp_ignore=0");
		},
	},
	"a file": {
		seen: [/^\+ file: .*\/lblab\/$/, /^\+ file: .*\/lblab\/vm\.json$/],
		plant: async () => {
			mkdirSync(join(folder, "lblab"));
			writeFileSync(join(folder, "lblab/vm.json"), "{}");
			return () => rmSync(join(folder, "lblab"), { recursive: true });
		},
	},
	"a scratch folder": {
		seen: [new RegExp(`^\\+ scratch: ${scratch}$`)],
		plant: async () => {
			mkdirSync(scratch);
			writeFileSync(join(scratch, "owner.json"), JSON.stringify(ownIdentity()));
			return () => rmSync(scratch, { recursive: true });
		},
	},
};

it.each(Object.entries(PLANTS))("%s shows, and nothing else", async (_, { plant, seen }) => {
	const before = await hostState(watch);
	const unmake = await plant();
	const found = await hostState(watch).finally(unmake);
	const shown = differences(before, found);
	expect(seen.filter((words) => !shown.some((line) => words.test(line)))).toEqual([]);
	expect(shown.filter((line) => !seen.some((words) => words.test(line)))).toEqual([]);
	expect(await lastingDifferences(before, watch)).toEqual([]);
});

it("a volume shows", () => {
	// The engine's port makes none, so this is shown on data.
	expect(differences({ volume: ["a"] }, { volume: ["a", "a", "b"] })).toEqual(["+ volume: a", "+ volume: b"]);
});
