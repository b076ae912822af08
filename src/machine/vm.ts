/** Running machines: starting one from a snapshot, finding, asking and stopping them. */

import { readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { LabError } from "../model/error.ts";
import { type SetupContext, timedPhase } from "../model/progress.ts";
import { cacheDirectory, makePrivate, socketPathIn, stateDirectory } from "./directories.ts";
import { FILES, type InstanceRecord, readJson, readRecord, writeAtomically } from "./instance.ts";
import { type Launch, launch } from "./launch.ts";
import { isAlive, residentBytes } from "./process-identity.ts";
import { INSTANCE_FILES, qemuArguments } from "./qemu-args.ts";
import type { Snapshot } from "./snapshot.ts";
import { machineFiles, SNAPSHOT_FILES } from "./snapshot-meta.ts";

/** A machine without a lab and without a connection ends after this long, in ms. */
const IDLE_MS = 60_000;
/** Restoring takes 0.5 s under emulation; a host under heavy load gets this long, in ms. */
const RESTORE_TIMEOUT_MS = 30_000;
/** A supervisor told to end is gone within 50 ms; after this many ms it is killed. */
const STOP_TIMEOUT_MS = 5_000;

/** A machine of this user, running or found dead. */
export interface VmHandle {
	name: string;
	/** Its directory: socket, log, record, marker. */
	dir: string;
	/** Unix socket of the Docker API, mode 0600. */
	socketPath: string;
	/** The supervisor's pid. */
	pid: number;
	/** QEMU's pid; undefined in the first moments. */
	qemuPid: number | undefined;
	/** ISO 8601. */
	startedAt: string;
	accel: "kvm" | "tcg";
	/** Release of the guest's kernel. */
	kernel: string;
	qemuVersion: string;
	memoryMiB: number;
	/** Hash of its snapshot. */
	snapshot: string;
	/** False for a directory whose processes are gone (killed, or the host was restarted). */
	alive: boolean;
	/** The process that started it, while that lives: a machine without a lab may be about to get one. */
	starter: number | undefined;
	/** Marks the machine as the home of a lab, which keeps it from ending when idle. Any JSON. */
	setLab(info: unknown): Promise<void>;
	/** What `setLab` was given, or undefined. */
	lab(): Promise<unknown>;
}

export interface StartOptions {
	/** Name of the instance: letters, digits, `-`, `_`, `.`; unique among this user's machines. */
	name: string;
	/** Where instances live; default `stateDirectory(env)`. */
	stateDir?: string;
	/** Time in ms without a lab and without a connection after which the machine ends; default 60 s. */
	idleMs?: number;
}

/**
 * Restores a machine and waits until its daemon answers.
 * @throws LabError `input`/`vm-name`; `broken`/`vm-exists`; `environment` when QEMU or the daemon does not come up (the
 *   message ends with the log); the signal's reason when cancelled. Nothing is left behind then.
 */
export async function startVm(context: SetupContext, snapshot: Snapshot, options: StartOptions): Promise<VmHandle> {
	const { name } = options;
	if (!/^[A-Za-z0-9][A-Za-z0-9_.-]*$/.test(name)) {
		throw new LabError("input", `"${name}" is not a name for a machine.`, {
			code: "vm-name",
			hint: "Letters, digits, dash, underscore and dot; a letter or digit first.",
		});
	}
	const stateDir = await makePrivate(options.stateDir ?? stateDirectory(context.env));
	const job: Launch = {
		directory: join(stateDir, name),
		name,
		snapshot: snapshot.hash,
		accel: snapshot.accel,
		kernel: snapshot.kernel,
		qemuVersion: snapshot.qemuVersion,
		memoryMiB: snapshot.memoryMiB,
		command: snapshot.spec.architecture.qemu.command,
		args: qemuArguments(snapshot.spec, machineFiles(snapshot.dir), "restore"),
		state: join(snapshot.dir, SNAPSHOT_FILES.state),
		temporary: cacheDirectory(context.env),
		idleMs: options.idleMs ?? IDLE_MS,
		readyMs: RESTORE_TIMEOUT_MS,
	};
	return timedPhase(context, "vm-restore", `restoring machine ${name}`, async () => {
		const running = await launch(context, job);
		running.forget();
		return handleOf(job.directory, running.record);
	});
}

/** The machines of a state directory, dead ones included, by name. */
export async function listVms(stateDir: string): Promise<VmHandle[]> {
	const names = await readdir(stateDir).catch(() => []);
	const handles = await Promise.all(
		names
			.filter((name) => !name.startsWith("."))
			.sort()
			.map(async (name) => {
				const record = await readRecord(join(stateDir, name));
				return record && handleOf(join(stateDir, name), record);
			}),
	);
	return handles.filter((handle) => handle !== undefined);
}

/** The machine of that name, running or dead. */
export async function findVm(stateDir: string, name: string): Promise<VmHandle | undefined> {
	const record = await readRecord(join(stateDir, name));
	return record && handleOf(join(stateDir, name), record);
}

/**
 * Ends a machine and removes its directory; a dead one's directory is removed. Never signals a stranger's process.
 * @param timeoutMs how long the supervisor may take before it is killed
 */
export async function stopVm(handle: Pick<VmHandle, "dir">, timeoutMs = STOP_TIMEOUT_MS): Promise<void> {
	// The record is read again: since the handle was made the supervisor may have taken over from the starter.
	const record = await readRecord(handle.dir);
	if (record !== undefined && isAlive(record.process)) {
		signal(record, "SIGTERM");
		const deadline = performance.now() + timeoutMs;
		while (isAlive(record.process) && performance.now() < deadline) await sleep(10);
		if (isAlive(record.process)) signal(record, "SIGKILL");
		while (isAlive(record.process)) await sleep(10);
	}
	await rm(handle.dir, { recursive: true, force: true });
}

/** Removes the directories of dead machines. Returns their names. */
export async function removeDeadVms(stateDir: string): Promise<string[]> {
	const dead = (await listVms(stateDir)).filter((handle) => !handle.alive);
	for (const handle of dead) await stopVm(handle);
	return dead.map((handle) => handle.name);
}

/** Figures of a machine for `lab vm status`. */
export interface VmStatus {
	alive: boolean;
	/** Seconds since it was started. */
	uptimeS: number;
	/** Resident memory of QEMU in bytes; undefined when it is gone. */
	residentBytes: number | undefined;
	/** What `setLab` was given, or undefined. */
	lab: unknown;
}

/** How a machine is doing. */
export async function vmStatus(handle: VmHandle): Promise<VmStatus> {
	const record = await readRecord(handle.dir);
	return {
		alive: record !== undefined && isAlive(record.process),
		uptimeS: (Date.now() - Date.parse(handle.startedAt)) / 1000,
		residentBytes: record?.qemuPid === undefined ? undefined : residentBytes(record.qemuPid),
		lab: await handle.lab(),
	};
}

/** The log of a machine's supervisor and QEMU. */
export function vmLogPath(handle: Pick<VmHandle, "dir">): string {
	return join(handle.dir, FILES.log);
}

/** The log and the guest's console, for `lab vm log`. */
export async function vmLog(handle: Pick<VmHandle, "dir">): Promise<{ supervisor: string; console: string }> {
	const read = (path: string) => readFile(path, "utf8").catch(() => "");
	return {
		supervisor: await read(vmLogPath(handle)),
		console: await read(join(handle.dir, INSTANCE_FILES.console)),
	};
}

function signal(record: InstanceRecord, name: NodeJS.Signals): void {
	try {
		process.kill(record.process.pid, name);
	} catch {
		// It ended in between.
	}
}

function handleOf(directory: string, record: InstanceRecord): VmHandle {
	const marker = join(directory, FILES.lab);
	return {
		name: record.name,
		dir: directory,
		socketPath: socketPathIn(directory),
		pid: record.process.pid,
		qemuPid: record.qemuPid,
		startedAt: record.startedAt,
		accel: record.accel,
		kernel: record.kernel,
		qemuVersion: record.qemuVersion,
		memoryMiB: record.memoryMiB,
		snapshot: record.snapshot,
		alive: isAlive(record.process),
		starter: record.starter && isAlive(record.starter) ? record.starter.pid : undefined,
		setLab: (info) => writeAtomically(marker, info),
		lab: () => readJson(marker),
	};
}
