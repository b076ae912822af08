import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, expect, test } from "vitest";
import { temporaryDirectory } from "../../test/machine/context.ts";
import { acquireLock, sweepLocks, withLock } from "./lock.ts";
import { bootId, ownIdentity } from "./process-identity.ts";

let directory: ReturnType<typeof temporaryDirectory>;
let path: string;
const never = new AbortController().signal;

beforeEach(() => {
	directory = temporaryDirectory();
	path = join(directory.path, "a.lock");
});
afterEach(() => directory.remove());

/** Writes a lock of a process that has ended. */
function plantStaleLock() {
	const { pid } = spawnSync("true");
	writeFileSync(path, JSON.stringify({ pid, startTicks: 1, bootId: bootId() }));
}

test("names its owner while held and leaves nothing", async () => {
	const lock = await acquireLock(path, never);
	expect(JSON.parse(readFileSync(path, "utf8"))).toEqual(ownIdentity());
	await lock.release();
	expect(readdirSync(directory.path)).toEqual([]);
});

test("a second taker waits, and is told once by whom it is held", async () => {
	const first = await acquireLock(path, never);
	const told: number[] = [];
	const second = acquireLock(path, never, (pid) => told.push(pid));
	await sleep(250);
	expect(told).toEqual([process.pid]);
	await first.release();
	await (await second).release();
});

test("the lock of a dead process is taken over by exactly one of many", async () => {
	plantStaleLock();
	let inside = 0;
	let most = 0;
	const takers = Array.from({ length: 6 }, () =>
		withLock(path, never, undefined, async () => {
			most = Math.max(most, ++inside);
			await sleep(2);
			inside--;
		}),
	);
	await Promise.all(takers);
	expect(most).toBe(1);
	expect(readdirSync(directory.path)).toEqual([]);
});

test("an old lock without content was left by a process that died while writing it", async () => {
	writeFileSync(path, "");
	utimesSync(path, new Date(0), new Date(0));
	await (await acquireLock(path, never)).release();
});

test("waiting ends with the signal's reason", async () => {
	const lock = await acquireLock(path, never);
	const controller = new AbortController();
	const waiting = acquireLock(path, controller.signal);
	setTimeout(() => controller.abort(new Error("interrupted")), 20);
	await expect(waiting).rejects.toThrow("interrupted");
	await lock.release();
});

test("the lock is given back when the work fails", async () => {
	await expect(withLock(path, never, undefined, () => Promise.reject(new Error("no")))).rejects.toThrow("no");
	expect(readdirSync(directory.path)).toEqual([]);
});

test("locks of the dead are swept, those of the living stay", async () => {
	plantStaleLock();
	const lock = await acquireLock(join(directory.path, "b.lock"), never);
	expect(await sweepLocks(directory.path)).toEqual([path]);
	expect(readdirSync(directory.path)).toEqual(["b.lock"]);
	await lock.release();
	expect(await sweepLocks(join(directory.path, "none"))).toEqual([]);
});
