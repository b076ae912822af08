/** Starting a supervisor and waiting until the daemon in its machine answers; shared by baking and restoring. */

import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, openSync, renameSync, writeFileSync } from "node:fs";
import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { fileURLToPath } from "node:url";
import { LabError } from "../model/error.ts";
import type { SetupContext } from "../model/progress.ts";
import { ApiClient, type DaemonVersion } from "./api-client.ts";
import { commandEnvironment } from "./command.ts";
import { socketPathIn } from "./directories.ts";
import {
	claimDirectory,
	FILES,
	type InstanceRecord,
	readRecord,
	type SupervisorEvent,
	type SupervisorPlan,
	writeAtomically,
} from "./instance.ts";
import { checkNamespaces, namespaceCommand } from "./namespaces.ts";
import { identityOf, ownIdentity } from "./process-identity.ts";
import { type Accelerator, INSTANCE_FILES } from "./qemu-args.ts";

/** A machine to be started. Absolute paths, times in ms. */
export interface Launch {
	directory: string;
	name: string;
	snapshot: string;
	accel: Accelerator;
	kernel: string;
	qemuVersion: string;
	memoryMiB: number;
	command: string;
	args: string[];
	/** The state to restore; without one the machine boots and ends with this process. */
	state?: string;
	temporary: string;
	idleMs: number;
	/** How long the daemon has to answer. */
	readyMs: number;
}

/** A machine whose daemon answers. */
export interface Running {
	record: InstanceRecord;
	api: ApiClient;
	version: DaemonVersion;
	/** Lets go of the supervisor: this process may end without it. */
	forget(): void;
	/** Resolves when the supervisor has ended. */
	ended: Promise<void>;
}

/** Lines of the log shown in an error. */
const LOG_TAIL = 15;

/** The supervisor as built JavaScript: beside this file in dist/, or in dist/ when this is the source under a test. */
export function supervisorPath(from = import.meta.url): string {
	return fileURLToPath(new URL("./supervisor.js", from.replace(/\/src\/machine\/([^/]*)\.ts$/, "/dist/machine/$1.js")));
}

/**
 * Starts a machine.
 * @throws LabError; the signal's reason when cancelled. Its processes and directory are gone then.
 */
export async function launch(context: SetupContext, job: Launch): Promise<Running> {
	context.signal.throwIfAborted();
	const socketPath = socketPathIn(job.directory);
	const record: InstanceRecord = {
		name: job.name,
		process: ownIdentity(),
		starter: ownIdentity(),
		startedAt: new Date().toISOString(),
		accel: job.accel,
		kernel: job.kernel,
		qemuVersion: job.qemuVersion,
		memoryMiB: job.memoryMiB,
		snapshot: job.snapshot,
	};
	if (!(await claimDirectory(job.directory, record))) {
		throw new LabError("broken", `A machine named ${job.name} is running already.`, {
			code: "vm-exists",
			hint: `Stop it first: lab vm stop ${job.name}`,
		});
	}
	let child: ChildProcess | undefined;
	try {
		await writeAtomically(join(job.directory, FILES.plan), planOf(job, record));
		child = spawnSupervisor(context, job.directory);
		handOver(job.directory, record, child.pid);
		const watch = watchSupervisor(child);
		await orAborted(context.signal, watch.listening);
		const api = new ApiClient(socketPath, context.signal);
		const version = await api.waitReady(job.readyMs, watch.throwIfFailed);
		const supervisor = child;
		return {
			record: (await readRecord(job.directory)) ?? record,
			api,
			version,
			forget: () => forget(supervisor),
			ended: watch.ended,
		};
	} catch (error) {
		const reason: unknown = context.signal.aborted
			? context.signal.reason
			: await explain(context, error, job.directory);
		await abandon(child, job.directory);
		throw reason;
	}
}

/**
 * Names the supervisor as the machine's keeper, at once: were this process killed before the supervisor itself says so,
 * nobody could tell that the machine is alive, nor end it.
 */
function handOver(directory: string, record: InstanceRecord, pid: number | undefined): void {
	const supervisor = pid === undefined ? undefined : identityOf(pid);
	if (supervisor === undefined) return;
	const partial = join(directory, `${FILES.record}.${process.pid}.partial`);
	writeFileSync(partial, JSON.stringify({ ...record, process: supervisor }), { mode: 0o600 });
	renameSync(partial, join(directory, FILES.record));
}

function planOf(job: Launch, record: InstanceRecord): SupervisorPlan {
	return {
		record,
		qemu: { command: job.command, args: job.args },
		...(job.state === undefined ? {} : { state: job.state }),
		temporary: job.temporary,
		idleMs: job.idleMs,
		endWithStarter: job.state === undefined,
	};
}

function spawnSupervisor(context: SetupContext, directory: string): ChildProcess {
	const log = openSync(join(directory, FILES.log), "a", 0o600);
	try {
		const [command = "unshare", ...prefix] = namespaceCommand();
		return spawn(command, [...prefix, process.execPath, supervisorPath(), directory], {
			// Nothing of a terminal or a session may end it, and no directory of the user's is kept busy.
			detached: true,
			cwd: "/",
			stdio: ["ignore", log, log, "pipe"],
			env: commandEnvironment(context.env),
		});
	} finally {
		closeSync(log);
	}
}

/** What a supervisor says about itself while it is waited for. */
function watchSupervisor(child: ChildProcess) {
	let failure: LabError | undefined;
	const fail = (message: string) => {
		failure ??= new LabError("environment", message, { code: "vm-start-failed" });
		return failure;
	};
	const ended = new Promise<void>((resolve) => {
		child.once("exit", () => resolve());
		child.once("error", () => resolve());
	});
	const listening = new Promise<void>((resolve, reject) => {
		child.once("error", (error) => reject(fail(`The machine's supervisor could not be started: ${error.message}`)));
		child.once("exit", () => reject(fail("The machine's supervisor ended.")));
		const lines = createInterface({ input: child.stdio[3] as Readable });
		lines.on("line", (line) => {
			const event = JSON.parse(line) as SupervisorEvent;
			if (event.event === "listening") resolve();
			if (event.event === "failed") reject(fail(event.message));
		});
	});
	// Nobody may be waiting for it any more, or not yet, when it fails.
	listening.catch(() => undefined);
	return {
		listening,
		ended,
		throwIfFailed: () => {
			if (failure) throw failure;
		},
	};
}

/** A promise's result, or the signal's reason as soon as it aborts. */
async function orAborted<T>(signal: AbortSignal, promise: Promise<T>): Promise<T> {
	signal.throwIfAborted();
	let abort: () => void = () => undefined;
	const aborted = new Promise<never>((_, reject) => {
		abort = () => reject(signal.reason);
		signal.addEventListener("abort", abort, { once: true });
	});
	try {
		return await Promise.race([promise, aborted]);
	} finally {
		signal.removeEventListener("abort", abort);
	}
}

/** An error with the end of the machine's log, or the reason why namespaces are refused if that is what happened. */
async function explain(context: SetupContext, error: unknown, directory: string): Promise<unknown> {
	if (!(error instanceof LabError)) return error;
	const log = await readFile(join(directory, FILES.log), "utf8").catch(() => "");
	if (/^unshare: /m.test(log)) await checkNamespaces(context);
	const console = await readFile(join(directory, INSTANCE_FILES.console), "latin1").catch(() => "");
	const tail = `${log.trimEnd()}\n${console.trimEnd()}`.trim().split("\n").slice(-LOG_TAIL).join("\n");
	if (tail === "") return error;
	return new LabError(error.kind, `${error.message}\n${tail}`, {
		code: error.code,
		cause: error,
		...(error.hint === undefined ? {} : { hint: error.hint }),
	});
}

/** Lets this process end while the supervisor lives. */
function forget(child: ChildProcess): void {
	(child.stdio[3] as Readable | null)?.destroy();
	child.removeAllListeners();
	child.unref();
}

/** Ends a supervisor that is not wanted any more, by its pid, and removes its directory. */
async function abandon(child: ChildProcess | undefined, directory: string): Promise<void> {
	if (child !== undefined && child.exitCode === null && child.signalCode === null) {
		const gone = new Promise((resolve) => child.once("exit", resolve));
		child.kill("SIGTERM");
		const timer = setTimeout(() => child.kill("SIGKILL"), 2000);
		await gone;
		clearTimeout(timer);
	}
	await rm(directory, { recursive: true, force: true });
}
