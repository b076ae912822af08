/**
 * A lock between processes: a file that names its owner. Two `lab` commands at once share one set-up through it.
 * A lock of a process that is gone is taken over.
 */

import { mkdir, open, readdir, readFile, rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { isAlive, isIdentity, ownIdentity, type ProcessIdentity } from "./process-identity.ts";

/** A held lock. */
export interface Lock {
	release(): Promise<void>;
}

const POLL_MS = 100;
/** A takeover takes microseconds; a guard older than this was left by a process that died during one. */
const GUARD_MAX_AGE_MS = 10_000;
/** A lock file without readable content is being written right now, or its writer died in between. */
const BLANK_MAX_AGE_MS = 2_000;

/**
 * Waits for a lock and takes it.
 * @param waiting called once with the owner's pid when somebody else holds it
 * @throws the signal's reason when cancelled
 */
export async function acquireLock(path: string, signal: AbortSignal, waiting?: (pid: number) => void): Promise<Lock> {
	await mkdir(dirname(path), { recursive: true, mode: 0o700 });
	let told = false;
	for (;;) {
		signal.throwIfAborted();
		if (await tryTake(path)) return { release: () => rm(path, { force: true }) };
		const owner = await readOwner(path);
		if (owner === "gone") continue;
		if (owner === "stale") {
			await removeStale(path);
			continue;
		}
		if (!told) waiting?.(owner.pid);
		told = true;
		await sleep(POLL_MS, undefined, { signal }).catch(() => signal.throwIfAborted());
	}
}

/** Runs `work` with the lock held. */
export async function withLock<T>(
	path: string,
	signal: AbortSignal,
	waiting: ((pid: number) => void) | undefined,
	work: () => Promise<T>,
): Promise<T> {
	const lock = await acquireLock(path, signal, waiting);
	try {
		return await work();
	} finally {
		await lock.release();
	}
}

/** Removes the locks of dead processes from a directory. Returns their paths. */
export async function sweepLocks(directory: string): Promise<string[]> {
	const removed: string[] = [];
	for (const name of await readdir(directory).catch(() => [])) {
		const path = join(directory, name);
		if (!name.endsWith(".lock") || (await readOwner(path)) !== "stale") continue;
		await removeStale(path);
		removed.push(path);
	}
	return removed;
}

/** Creates the lock file if nobody has: the one atomic step. */
async function tryTake(path: string): Promise<boolean> {
	try {
		const file = await open(path, "wx", 0o600);
		await file.writeFile(JSON.stringify(ownIdentity()));
		await file.close();
		return true;
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
		throw error;
	}
}

/** The living owner of a lock, or why there is none. */
async function readOwner(path: string): Promise<ProcessIdentity | "stale" | "gone"> {
	try {
		const text = await readFile(path, "utf8");
		const value: unknown = parseJson(text);
		if (isIdentity(value)) return isAlive(value) ? value : "stale";
		const age = Date.now() - (await stat(path)).mtimeMs;
		return age > BLANK_MAX_AGE_MS ? "stale" : { pid: 0, startTicks: 0, bootId: "" };
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code === "ENOENT") return "gone";
		throw error;
	}
}

/**
 * Removes a stale lock, once. Without the guard two processes could both find it stale, and the slower one would
 * remove the lock the faster one has taken meanwhile.
 */
async function removeStale(path: string): Promise<void> {
	const guard = `${path}.takeover`;
	if (!(await tryTake(guard))) {
		const age = await stat(guard).then(
			(stats) => Date.now() - stats.mtimeMs,
			() => 0,
		);
		if (age > GUARD_MAX_AGE_MS) await rm(guard, { force: true });
		await sleep(POLL_MS);
		return;
	}
	try {
		if ((await readOwner(path)) === "stale") await rm(path, { force: true });
	} finally {
		await rm(guard, { force: true });
	}
}

function parseJson(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch {
		return undefined;
	}
}
