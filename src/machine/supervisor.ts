/**
 * The process that keeps one machine: started detached, in a network namespace of its own, with the instance directory
 * as argument. It restores (or boots) QEMU, gives the guest time and entropy, relays the API socket, and ends when told
 * to, when QEMU ends, or when nobody has used the machine for a while.
 *
 * Run as a program: `unshare --net node supervisor.js DIRECTORY`. Descriptor 3 is a pipe to the starter.
 */

import { type ChildProcess, execFile, spawn } from "node:child_process";
import { existsSync, rmSync } from "node:fs";
import net from "node:net";
import { join } from "node:path";
import { promisify } from "node:util";
import { GuestControl } from "./guest-control.ts";
import {
	FILES,
	readJson,
	type SupervisorEvent,
	type SupervisorPlan,
	TEMPORARY_PREFIX,
	writeAtomically,
} from "./instance.ts";
import { ownIdentity } from "./process-identity.ts";
import { API_FORWARD, INSTANCE_FILES } from "./qemu-args.ts";
import { Qmp, restoreState } from "./qmp.ts";
import { type Relay, startRelay } from "./relay.ts";
import { makeScratch } from "./scratch.ts";

const IDLE_POLL_MS = 500;

/** QEMU leaves with code 0 when it was told to quit (a snapshot has been taken). */
let expectedEnd = false;

function log(line: string): void {
	process.stderr.write(`${new Date().toISOString()} ${line}\n`);
}

/** The starter's end of descriptor 3. It may be gone, which is no reason to end a machine that has a lab. */
function starterPipe(onGone: () => void): (event: SupervisorEvent) => void {
	let pipe: net.Socket;
	try {
		pipe = new net.Socket({ fd: 3, readable: true, writable: true });
	} catch {
		return () => undefined;
	}
	pipe.on("error", () => undefined);
	pipe.on("close", onGone);
	pipe.on("end", onGone);
	pipe.resume();
	pipe.unref();
	return (event) => {
		if (pipe.writable) pipe.write(`${JSON.stringify(event)}\n`);
	};
}

/**
 * Starts QEMU so that it cannot outlive this process: the kernel kills it with us. The shell closes the gap before
 * that is in force: if this process died meanwhile, its parent has changed and QEMU is not started.
 */
function startQemu(plan: SupervisorPlan, temporary: string): ChildProcess {
	const guarded = '[ "$PPID" = "$1" ] || exit 1; shift; exec "$@"';
	return spawn(
		"setpriv",
		["--pdeathsig", "KILL", "--", "sh", "-c", guarded, "sh", String(process.pid), plan.qemu.command, ...plan.qemu.args],
		{ stdio: ["ignore", "inherit", "inherit"], env: { ...process.env, TMPDIR: temporary } },
	);
}

async function serve(
	directory: string,
	plan: SupervisorPlan,
	temporary: string,
	tell: (event: SupervisorEvent) => void,
): Promise<Relay> {
	if (plan.state !== undefined) {
		const qmp = await Qmp.connect(INSTANCE_FILES.qmp);
		// QEMU answers when it has opened the file for written disk blocks and unlinked it.
		removeAtLast(temporary);
		await restoreState(qmp, plan.state);
		qmp.close();
		tell({ event: "restored" });
		// Before anybody can ask for a container: its id would come from the snapshot's random state.
		const control = await GuestControl.connect(INSTANCE_FILES.control);
		await control.freshen();
		control.close();
	}
	// A relative path: the directory's own may be long, and it is the working directory.
	const relay = await startRelay(FILES.api, { target: { host: API_FORWARD.host, port: API_FORWARD.port }, log });
	log(`serving ${join(directory, FILES.api)}`);
	tell({ event: "listening" });
	return relay;
}

async function main(directory: string): Promise<void> {
	process.chdir(directory);
	const plan = (await readJson(FILES.plan)) as SupervisorPlan;
	let temporary: string | undefined;
	let qemu: ChildProcess | undefined;
	const finish = (code: number) => {
		expectedEnd = true;
		qemu?.kill("SIGKILL");
		if (temporary !== undefined) removeAtLast(temporary);
		// Kept after a failure, for the log; `lab gc` and the next start of this name remove it.
		if (code === 0) removeAtLast(directory);
		process.exit(code);
	};
	const tell = starterPipe(() => {
		if (plan.endWithStarter && !expectedEnd) finish(0);
	});
	const fail = (message: string, code = 1) => {
		log(message);
		tell({ event: "failed", message });
		setImmediate(() => finish(code));
	};
	obeySignals(finish);
	try {
		await promisify(execFile)("ip", ["link", "set", "lo", "up"]);
		temporary = await makeScratch(plan.temporary, TEMPORARY_PREFIX);
		qemu = startQemu(plan, temporary);
		qemu.once("error", (error) => fail(`QEMU could not be started: ${error.message}`));
		qemu.once("exit", (code, signal) => {
			if (!expectedEnd) fail(`QEMU ended (${signal ?? `code ${code}`})`, code ?? 1);
		});
		await writeAtomically(FILES.record, { ...plan.record, process: ownIdentity(), qemuPid: qemu.pid });
		tell({ event: "started" });
		const relay = await serve(directory, plan, temporary, tell);
		watchIdle(plan, relay, () => finish(0));
	} catch (error) {
		fail(error instanceof Error ? error.message : String(error));
	}
}

/** Removes a directory on the way out. QEMU, killed this moment, may still put a file into it. */
function removeAtLast(directory: string): void {
	try {
		rmSync(directory, { recursive: true, force: true, maxRetries: 5, retryDelay: 10 });
	} catch (error) {
		log(`${directory} is left: ${error instanceof Error ? error.message : String(error)}`);
	}
}

/** Ends when told to. A closing terminal is no reason. */
function obeySignals(finish: (code: number) => void): void {
	for (const signal of ["SIGTERM", "SIGINT"] as const) {
		process.on(signal, () => {
			log(`${signal}: ending`);
			finish(0);
		});
	}
	process.on("SIGHUP", () => undefined);
}

/** Ends a machine nobody uses: no lab marker, no connection, for the time of the plan. */
function watchIdle(plan: SupervisorPlan, relay: Relay, end: () => void): void {
	let usedAt = performance.now();
	setInterval(() => {
		if (existsSync(FILES.lab) || relay.connections() > 0) usedAt = performance.now();
		if (performance.now() - Math.max(usedAt, relay.lastActivity()) < plan.idleMs) return;
		log("no lab and no connection: ending");
		end();
	}, IDLE_POLL_MS);
}

await main(process.argv[2] ?? ".");
