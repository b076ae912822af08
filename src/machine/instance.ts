/** The directory of one running machine: what is in it, and how two processes agree about it. */

import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { isAlive, isIdentity, type ProcessIdentity } from "./process-identity.ts";
import type { Accelerator } from "./qemu-args.ts";

/** Files of an instance directory besides QEMU's own. */
export const FILES = {
	/** The Docker API. */
	api: "api.sock",
	/** What the supervisor is to do (`SupervisorPlan`). */
	plan: "plan.json",
	/** What runs (`InstanceRecord`). */
	record: "vm.json",
	/** Present while a lab lives in the machine; written by the lab's side, read here only for being there. */
	lab: "lab.json",
	/** Messages of the supervisor and of QEMU. */
	log: "vm.log",
} as const;

/** Names of the directories QEMU makes its temporary file in; they live for the first 50 ms of a machine. */
export const TEMPORARY_PREFIX = ".vm-";

/** What is known about a machine from outside. */
export interface InstanceRecord {
	name: string;
	/** The process that keeps the machine alive: the starter at first, then the supervisor. */
	process: ProcessIdentity;
	/** The process that asked for the machine; absent in records of older versions. */
	starter?: ProcessIdentity;
	/** QEMU's pid; absent before it is started. */
	qemuPid?: number;
	/** ISO 8601. */
	startedAt: string;
	accel: Accelerator;
	/** Release of the guest's kernel. */
	kernel: string;
	qemuVersion: string;
	memoryMiB: number;
	/** Hash of the snapshot it was restored from. */
	snapshot: string;
}

/** What a supervisor is told to do. Absolute paths. */
export interface SupervisorPlan {
	record: InstanceRecord;
	qemu: { command: string; args: string[] };
	/** The saved state to restore, or undefined to boot. */
	state?: string;
	/** Directory below which QEMU keeps the written blocks of the disk: on a real disk, never a small tmpfs. */
	temporary: string;
	/** Ends after this many ms without a lab and without a connection. */
	idleMs: number;
	/** Whether the machine ends as soon as its starter goes away (baking). */
	endWithStarter: boolean;
}

/** One line a supervisor writes on its fourth descriptor for its starter. */
export type SupervisorEvent =
	| { event: "started" }
	| { event: "restored" }
	| { event: "listening" }
	| { event: "failed"; message: string };

/** Writes a file so that a reader sees the old or the new content, never half of it. */
export async function writeAtomically(path: string, value: unknown): Promise<void> {
	const partial = `${path}.${process.pid}.partial`;
	await writeFile(partial, `${JSON.stringify(value, null, "\t")}\n`, { mode: 0o600 });
	await rename(partial, path);
}

/** Parsed JSON of a file, or undefined when it is missing or broken. */
export async function readJson(path: string): Promise<unknown> {
	return readFile(path, "utf8").then(
		(text) => {
			try {
				return JSON.parse(text) as unknown;
			} catch {
				return undefined;
			}
		},
		() => undefined,
	);
}

/** The record of an instance directory, or undefined when there is none worth the name. */
export async function readRecord(directory: string): Promise<InstanceRecord | undefined> {
	const value = (await readJson(join(directory, FILES.record))) as Partial<InstanceRecord> | undefined;
	return value !== undefined && typeof value.name === "string" && isIdentity(value.process)
		? (value as InstanceRecord)
		: undefined;
}

/**
 * Claims an instance directory. A dead instance's directory is removed first.
 * @returns false when a living one has the name
 */
export async function claimDirectory(directory: string, record: InstanceRecord): Promise<boolean> {
	for (let attempt = 0; attempt < 3; attempt++) {
		try {
			await mkdir(directory, { mode: 0o700 });
			await writeAtomically(join(directory, FILES.record), record);
			return true;
		} catch (error) {
			if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
		}
		const present = await readRecord(directory);
		if (present !== undefined && isAlive(present.process)) return false;
		await rm(directory, { recursive: true, force: true });
	}
	return false;
}
