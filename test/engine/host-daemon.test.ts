/** The private daemon of tests leaves nothing behind, however it ends. Runs where LAB_TEST_HOST_DAEMON allows one. */
import { type ChildProcess, spawn } from "node:child_process";
import { readdirSync, readFileSync, rmdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { connectDocker } from "../../src/engine/docker-engine.ts";
import { startHostDaemon } from "../support/host-daemon.ts";
import { testCacheDir } from "../support/host-daemon-setup.ts";
import { tinyTar } from "../support/test-images.ts";
import { TEST_IMAGE, waiting } from "./contract.ts";

const suite = process.env.LAB_TEST_HOST_DAEMON;

/** What of this machine mentions the daemon's working folder. */
function traces(work: string): string[] {
	const name = basename(work);
	const mounts = readFileSync("/proc/self/mounts", "utf8").split("\n");
	const controllers = readdirSync("/sys/fs/cgroup");
	return [
		...mounts.filter((line) => line.includes(name)),
		...controllers.filter((entry) => listed(join("/sys/fs/cgroup", entry)).includes(name)),
		...readdirSync("/proc").filter((pid) => /^\d+$/.test(pid) && commandLine(pid).includes(name)),
		...readdirSync(tmpdir()).filter((entry) => entry === name),
	];
}

function listed(path: string): string[] {
	try {
		return readdirSync(path);
	} catch {
		return [];
	}
}

function commandLine(pid: string): string {
	try {
		return readFileSync(`/proc/${pid}/cmdline`, "utf8");
	} catch {
		return "";
	}
}

describe.skipIf(!suite)("a private daemon", () => {
	it("ends with all it started", { timeout: 120_000 }, async () => {
		const options = { cacheDir: testCacheDir(), trixie: suite === "trixie" };
		for (let round = 0; round < 2; round++) {
			const daemon = await startHostDaemon(options);
			const work = dirname(daemon.host.slice("unix://".length));
			const engine = await connectDocker({ host: daemon.host, env: {} });
			await engine.importImage(TEST_IMAGE, await tinyTar(testCacheDir()));
			await engine.startContainer(await engine.createContainer(waiting("lblab-left")));
			expect(traces(work)).not.toEqual([]);
			await engine.close();
			await daemon.stop();
			await daemon.stop();
			expect(traces(work)).toEqual([]);
		}
	});

	it("ends with the process that started it", { timeout: 120_000 }, async () => {
		// A stand-in for the test runner: it holds the daemon's input, and is killed.
		const holder = await holdDaemon();
		const work = dirname(holder.host.slice("unix://".length));
		expect(traces(work)).not.toEqual([]);
		holder.process.kill("SIGKILL");
		await expect.poll(() => traces(work), { timeout: 20_000 }).toEqual([basename(work)]);
		// Only the empty folder stays, which nobody was left to remove.
		expect(readdirSync(work)).toEqual([]);
		rmdirSync(work);
	});
});

interface Holder {
	process: ChildProcess;
	host: string;
}

/** Starts a daemon from another process, as a runner would. */
function holdDaemon(): Promise<Holder> {
	const support = join(import.meta.dirname, "../support/host-daemon.ts");
	const options = JSON.stringify({ cacheDir: testCacheDir(), trixie: suite === "trixie" });
	const program = `import { createJiti } from "jiti";
		const { startHostDaemon } = await createJiti(import.meta.url).import(${JSON.stringify(support)});
		console.log((await startHostDaemon(${options})).host);
		setInterval(() => {}, 1000);`;
	const child = spawn(process.execPath, ["--input-type=module", "-e", program], {
		stdio: ["ignore", "pipe", "inherit"],
	});
	return new Promise((resolve, reject) => {
		child.stdout.once("data", (line: Buffer) => resolve({ process: child, host: line.toString().trim() }));
		child.once("exit", () => reject(new Error("the holder ended")));
	});
}
