import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { temporaryDirectory, testContext } from "../../test/machine/context.ts";
import { architectureOf } from "./architecture.ts";
import { claimDirectory, type InstanceRecord } from "./instance.ts";
import { supervisorPath } from "./launch.ts";
import { identityOf, isAlive, ownIdentity } from "./process-identity.ts";
import type { Snapshot } from "./snapshot.ts";
import { findVm, listVms, removeDeadVms, startVm, stopVm, vmStatus } from "./vm.ts";

let directory: ReturnType<typeof temporaryDirectory>;
beforeEach(() => {
	directory = temporaryDirectory();
});
afterEach(() => directory.remove());

function record(name: string, process = ownIdentity()): InstanceRecord {
	return {
		name,
		process,
		startedAt: new Date().toISOString(),
		accel: "tcg",
		kernel: "6.12",
		qemuVersion: "7.2",
		memoryMiB: 2048,
		snapshot: "0123456789abcdef",
	};
}

/** Plants a machine kept by that process. */
async function plant(name: string, process = ownIdentity()) {
	await claimDirectory(join(directory.path, name), record(name, process));
}

test("machines are listed by name with what is known of them, bakes and strangers' files are not", async () => {
	await plant("b");
	await plant("a", { ...ownIdentity(), startTicks: 1 });
	await plant(".bake-1");
	mkdirSync(join(directory.path, "not-a-machine"));
	const machines = await listVms(directory.path);
	expect(machines.map(({ name, alive }) => [name, alive])).toEqual([
		["a", false],
		["b", true],
	]);
	expect(machines[1]?.socketPath).toBe(join(directory.path, "b", "api.sock"));
	expect(await listVms(join(directory.path, "nowhere"))).toEqual([]);
});

test("whoever started a machine is told only while that process lives", async () => {
	const directories = ["mine", "orphan", "old"].map((name) => join(directory.path, name));
	const starters = [ownIdentity(), { ...ownIdentity(), startTicks: 1 }, undefined];
	for (const [index, starter] of starters.entries()) {
		await claimDirectory(directories[index] ?? "", { ...record(`${index}`), ...(starter ? { starter } : {}) });
	}
	const machines = await listVms(directory.path);
	expect(machines.map(({ starter }) => starter)).toEqual([process.pid, undefined, undefined]);
});

test("a dead machine whose pid somebody else has now is removed, and that process is left alone", async () => {
	const stranger = spawn("sleep", ["60"]);
	await once(stranger, "spawn");
	const identity = identityOf(stranger.pid ?? 0);
	if (!identity) throw new Error("no stranger");
	await plant("dead", { ...identity, startTicks: identity.startTicks - 1 });
	expect(await removeDeadVms(directory.path)).toEqual(["dead"]);
	expect(readdirSync(directory.path)).toEqual([]);
	expect(isAlive(identity)).toBe(true);
	stranger.kill("SIGKILL");
});

test("stopping ends the supervisor, deaf or not, and removes the directory", async () => {
	const supervisor = spawn("sh", ["-c", "trap '' TERM; while :; do sleep 0.1; done"]);
	await once(supervisor, "spawn");
	const identity = identityOf(supervisor.pid ?? 0);
	if (!identity) throw new Error("no supervisor");
	await plant("deaf", identity);
	const machine = await findVm(directory.path, "deaf");
	if (!machine) throw new Error("not found");
	await stopVm(machine, 100);
	expect(isAlive(identity)).toBe(false);
	expect(existsSync(machine.dir)).toBe(false);
	await stopVm(machine);
});

test("a lab's marker is kept and read back", async () => {
	await plant("m");
	const machine = await findVm(directory.path, "m");
	expect(await machine?.lab()).toBeUndefined();
	await machine?.setLab({ lab: "ipvs-nat", run: 7 });
	expect(await machine?.lab()).toEqual({ lab: "ipvs-nat", run: 7 });
	expect(machine && (await vmStatus(machine))).toMatchObject({ alive: true, lab: { lab: "ipvs-nat" } });
});

test("a living machine keeps its name, a dead one gives it up", async () => {
	const path = join(directory.path, "x");
	expect(await claimDirectory(path, record("x"))).toBe(true);
	expect(await claimDirectory(path, record("x"))).toBe(false);
	writeFileSync(join(path, "vm.json"), JSON.stringify(record("x", { ...ownIdentity(), startTicks: 1 })));
	expect(await claimDirectory(path, record("x"))).toBe(true);
});

test.each(["", "../x", ".hidden", "a b", "-x"])("%j is no name", async (name) => {
	const starting = startVm(testContext(), {} as Snapshot, { name, stateDir: directory.path });
	await expect(starting).rejects.toMatchObject({ kind: "input", code: "vm-name" });
});

test("a start that was cancelled before it began leaves nothing and says why", async () => {
	const cancelled = testContext();
	cancelled.abort(new Error("stopped by SIGTERM"));
	const spec = { architecture: architectureOf("x64"), cpus: 1, memoryMiB: 512, accel: "tcg" };
	const snapshot = { dir: "/nowhere", spec } as unknown as Snapshot;
	await expect(startVm(cancelled, snapshot, { name: "x", stateDir: directory.path })).rejects.toThrow("SIGTERM");
	expect(readdirSync(directory.path)).toEqual([]);
});

test("the supervisor is the built one, from source and from the build", () => {
	expect(supervisorPath("file:///p/src/machine/launch.ts")).toBe("/p/dist/machine/supervisor.js");
	expect(supervisorPath("file:///p/dist/machine/launch.js")).toBe("/p/dist/machine/supervisor.js");
});
