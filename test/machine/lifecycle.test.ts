/** Lives and deaths of machines: whoever is killed, nothing runs on unseen and nothing is left. */

import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { ApiClient } from "../../src/machine/api-client.ts";
import { cacheDirectory } from "../../src/machine/directories.ts";
import { ensureSnapshot, type Snapshot } from "../../src/machine/snapshot.ts";
import { findVm, listVms, removeDeadVms, startVm, stopVm, type VmHandle, vmLog } from "../../src/machine/vm.ts";
import { temporaryDirectory, testContext } from "./context.ts";

const context = testContext();
const state = temporaryDirectory();
let snapshot: Snapshot;

beforeAll(async () => {
	snapshot = await ensureSnapshot(context);
});
afterEach(async () => {
	for (const machine of await listVms(state.path)) await stopVm(machine);
});
afterAll(() => state.remove());

/** Whether a process runs (one that only waits for its parent does not). */
function runs(pid: number | undefined): boolean {
	try {
		return !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
	} catch {
		return false;
	}
}

const gone = (pid: number | undefined) => expect.poll(() => runs(pid), { timeout: 5000 }).toBe(false);

/** What QEMU or a supervisor keeps in the cache for its first moments. */
const temporaries = () => readdirSync(cacheDirectory(process.env)).filter((name) => /^(\.vm-|vl\.)/.test(name));

async function start(name: string, idleMs?: number): Promise<VmHandle> {
	return startVm(context, snapshot, { name, stateDir: state.path, ...(idleMs === undefined ? {} : { idleMs }) });
}

test("a stopped machine leaves no process and no file", async () => {
	const machine = await start("short");
	expect(runs(machine.pid) && runs(machine.qemuPid)).toBe(true);
	expect(await listVms(state.path)).toHaveLength(1);
	await stopVm(machine);
	expect(runs(machine.pid) || runs(machine.qemuPid)).toBe(false);
	expect(readdirSync(state.path)).toEqual([]);
});

test("a name is taken once", async () => {
	await start("twin");
	await expect(start("twin")).rejects.toMatchObject({ code: "vm-exists" });
	expect((await findVm(state.path, "twin"))?.alive).toBe(true);
});

test("a machine outlives its killed starter, is found, answers, and can be stopped", async () => {
	const script = fileURLToPath(new URL("./starter.mjs", import.meta.url));
	const starter = spawn(process.execPath, [script, state.path, "orphan"], { stdio: ["ignore", "pipe", "inherit"] });
	await once(starter.stdout, "data");
	starter.kill("SIGKILL");
	await once(starter, "exit");
	const [machine] = await listVms(state.path);
	expect(machine).toMatchObject({ name: "orphan", alive: true });
	if (!machine) return;
	expect((await new ApiClient(machine.socketPath, context.signal).send("GET", "/_ping")).body).toBe("OK");
	await stopVm(machine);
	await gone(machine.qemuPid);
	expect(readdirSync(state.path)).toEqual([]);
});

test("a killed supervisor takes QEMU with it; what is left is found dead and removed", async () => {
	const machine = await start("widow");
	process.kill(machine.pid, "SIGKILL");
	await gone(machine.qemuPid);
	expect((await listVms(state.path)).map(({ name, alive }) => [name, alive])).toEqual([["widow", false]]);
	expect((await vmLog(machine)).supervisor).toContain("serving");
	expect(await removeDeadVms(state.path)).toEqual(["widow"]);
	expect(readdirSync(state.path)).toEqual([]);
});

test("a killed QEMU ends its supervisor, and the log says so", async () => {
	const machine = await start("crash");
	if (machine.qemuPid) process.kill(machine.qemuPid, "SIGKILL");
	await gone(machine.pid);
	expect((await vmLog(machine)).supervisor).toContain("QEMU ended (SIGKILL)");
	expect((await findVm(state.path, "crash"))?.alive).toBe(false);
});

test("an idle machine ends by itself, one with a lab or a connection does not", async () => {
	// One after the other: on a busy host starting three takes longer than the first may idle.
	const home = await start("home", 1500);
	await home.setLab({ lab: "ipvs-nat" });
	const busy = await start("busy", 1500);
	const events = new AbortController();
	const listening = new ApiClient(busy.socketPath, events.signal).send("GET", "/events").catch(() => undefined);
	const idle = await start("idle", 1500);
	await gone(idle.pid);
	expect(existsSync(idle.dir)).toBe(false);
	await sleep(1500);
	expect(runs(home.pid) && runs(busy.pid)).toBe(true);
	events.abort();
	await listening;
	await gone(busy.pid);
	await gone(busy.qemuPid);
});

test("a start that is cancelled leaves nothing", async () => {
	const cancelled = testContext();
	const before = temporaries();
	const starting = startVm(cancelled, snapshot, { name: "never", stateDir: state.path });
	await expect.poll(() => existsSync(`${state.path}/never/qmp.sock`), { interval: 5 }).toBe(true);
	const { process: supervisor, qemuPid } = JSON.parse(readFileSync(`${state.path}/never/vm.json`, "utf8"));
	cancelled.abort(new Error("interrupted"));
	await expect(starting).rejects.toThrow("interrupted");
	await gone(supervisor.pid);
	await gone(qemuPid);
	expect(readdirSync(state.path)).toEqual([]);
	expect(temporaries()).toEqual(before);
});

test("a machine that cannot come up says why and leaves nothing", async () => {
	const broken = { ...snapshot, dir: `${snapshot.dir}-none` };
	const starting = startVm(context, broken, { name: "broken", stateDir: state.path });
	await expect(starting).rejects.toMatchObject({ kind: "environment", message: expect.stringContaining("-none") });
	expect(readdirSync(state.path)).toEqual([]);
});
