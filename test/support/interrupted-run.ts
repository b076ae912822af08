/** Runs of `lab` that are stopped by a signal at a moment told by the events they write. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { cp, mkdir, mkdtemp, readdir, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, dirname, join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { cacheDirectory } from "../../src/machine/directories.ts";
import type { LabEvent } from "../../src/model/event.ts";

/** Folders that belong to one test file's runs, so that `--all` and leftovers mean these runs only. */
export interface OwnPlace {
	/** For the environment of every run. */
	env: Record<string, string>;
	/** State, cache and temporary folder, whose content must come back to what it was. */
	folders: string[];
	/** Results, which are output and stay. */
	results: string;
	cache: string;
	/** Of every run so far. */
	pids: number[];
	remove(): Promise<void>;
}

/**
 * Makes state, temporary and results folders, and a cache that shows what the real one holds by links: what these runs
 * remove from it is only a link, and what others put into theirs does not show.
 */
export async function ownPlace(env: Record<string, string>): Promise<OwnPlace> {
	const real = cacheDirectory(process.env);
	await mkdir(dirname(real), { recursive: true });
	const cacheHome = await mkdtemp(join(dirname(real), "lab-interrupt-"));
	const cache = join(cacheHome, "lblab");
	for (const part of ["images", "programs", "snapshots"]) {
		await mkdir(join(cache, part), { recursive: true, mode: 0o700 });
		const names = (await readdir(join(real, part)).catch(() => [])).filter((name) => !/^\.|\.(lock|part)/.test(name));
		for (const name of names) await symlink(join(real, part, name), join(cache, part, name));
	}
	if (existsSync(join(real, "qemu.json"))) await cp(join(real, "qemu.json"), join(cache, "qemu.json"));
	// Sockets live below it: a short path.
	const base = await mkdtemp(join(tmpdir(), "li-"));
	const [runtime, temporary, results] = [join(base, "s"), join(base, "tmp"), join(base, "results")];
	// An empty state folder is no leftover.
	for (const folder of [join(runtime, "lblab"), temporary, results])
		await mkdir(folder, { recursive: true, mode: 0o700 });
	return {
		env: { XDG_RUNTIME_DIR: runtime, XDG_CACHE_HOME: cacheHome, LAB_CACHE: "", TMPDIR: temporary, ...env },
		folders: [runtime, cacheHome, temporary],
		results,
		cache,
		pids: [],
		remove: async () => {
			await rm(base, { recursive: true, force: true });
			await rm(cacheHome, { recursive: true, force: true });
		},
	};
}

/** A moment of a run: the n-th event that is described like this, and how long after it. */
export interface Moment {
	/** As `describeEvent` says. */
	event: string;
	/** Which of those, from 1. */
	nth?: number;
	/** Milliseconds after the event, as a part of the time to the next one in an undisturbed run. */
	later?: number;
}

/** What an event is, without what differs from run to run, as the order of nodes does. */
export function describeEvent(event: LabEvent): string {
	if (event.type === "setup") return `setup ${event.message.phase} ${event.message.kind}`;
	if (event.type === "phase-begin" || event.type === "phase-end") return `${event.type} ${event.phase}`;
	if (event.type === "node-state") return `node ${event.state}`;
	// How many lines of the client come in one event differs, but one of them has the last.
	if (event.type === "traffic" && event.sent === event.total) return "traffic all";
	return event.type;
}

export interface Run {
	code: number;
	/** What it printed on both streams. */
	output: string;
	stdout: string;
	events: LabEvent[];
	/** From the signal, or from the beginning of the act, to the end, in ms. */
	endedAfter: number;
}

export interface Stop {
	moment: Moment;
	/** Milliseconds from the moment's event to the act; 0 when left out. */
	delay?: number;
	/** A signal to send, or anything else to be done to the run. */
	act: NodeJS.Signals | ((child: ChildProcess) => unknown);
}

/** Longer than any run here takes, also under emulation on a busy machine. */
const RUN_DEADLINE_MS = 240_000;

/** Starts lab as the leader of a process group, as a shell does. */
function startInGroup(place: OwnPlace, args: string[]): ChildProcess {
	const own = Object.entries(process.env).filter(([name]) => !name.startsWith("LAB_"));
	const env = { ...Object.fromEntries(own), CI: "true", LAB_RESULTS: place.results, ...place.env };
	const child = spawn(resolve("lab"), args, { env, stdio: ["ignore", "pipe", "pipe"], detached: true });
	place.pids.push(child.pid ?? 0);
	return child;
}

/** Sends a signal as it comes in life: Ctrl-C reaches the whole process group, the others only the process itself. */
export function send(child: ChildProcess, signal: NodeJS.Signals): void {
	if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
	process.kill(signal === "SIGINT" || signal === "SIGHUP" ? -child.pid : child.pid, signal);
}

/**
 * Ctrl-C, and again until it has ended, as a person does who does not want to wait; less than half a second apart they count
 * as one, and a busy host may bring them closer together. The last one must
 * work within two seconds.
 */
export async function pressTwice(child: ChildProcess): Promise<void> {
	const ended = once(child, "exit");
	send(child, "SIGINT");
	for (let press = 0; press < 5; press++) {
		await sleep(800);
		if (child.exitCode !== null) throw new Error("one Ctrl-C was enough");
		send(child, "SIGINT");
		if (await Promise.race([ended.then(() => true), sleep(2000, false)])) return;
	}
	throw new Error("does not end on a second Ctrl-C");
}

/** Runs lab to its end, or until it is stopped. */
export async function runLab(place: OwnPlace, args: string[], stop?: Stop): Promise<Run> {
	const known = new Set(readdirSync(place.results));
	const child = startInGroup(place, args);
	const ended = outcome(child);
	const hang = setTimeout(() => send(child, "SIGKILL"), RUN_DEADLINE_MS);
	let sentAt = performance.now();
	if (stop) {
		const reached = await reach(child, stop.moment, () => eventsOf(place, known));
		if (!reached) throw new Error(`the run ended before ${momentText(stop.moment)}:\n${(await ended).output}`);
		await sleep(stop.delay ?? 0);
		sentAt = performance.now();
		if (typeof stop.act === "string") send(child, stop.act);
		else await stop.act(child);
	}
	const end = await ended;
	clearTimeout(hang);
	return { ...end, events: eventsOf(place, known), endedAfter: performance.now() - sentAt };
}

/** Waits for the end. The exit code is as a shell shows it. */
async function outcome(child: ChildProcess): Promise<Pick<Run, "code" | "output" | "stdout">> {
	let output = "";
	let stdout = "";
	child.stdout?.on("data", (chunk: Buffer) => {
		output += chunk.toString("utf8");
		stdout += chunk.toString("utf8");
	});
	child.stderr?.on("data", (chunk: Buffer) => (output += chunk.toString("utf8")));
	return new Promise((settle, reject) => {
		const numbers: Partial<Record<NodeJS.Signals, number>> = { SIGHUP: 1, SIGINT: 2, SIGKILL: 9, SIGTERM: 15 };
		child.once("error", reject);
		child.once("close", (code, signal) =>
			settle({ code: code ?? 128 + (numbers[signal ?? "SIGKILL"] ?? 0), output, stdout }),
		);
	});
}

/** True when the moment's event has come, false when the run has ended without it. */
async function reach(child: ChildProcess, moment: Moment, events: () => LabEvent[]): Promise<boolean> {
	for (;;) {
		const running = child.exitCode === null && child.signalCode === null;
		if (indexOf(events(), moment) >= 0) return true;
		if (!running) return false;
		await sleep(2);
	}
}

/** The events of the one run that has begun since `known`. A line that is being written is left out. */
function eventsOf(place: OwnPlace, known: Set<string>): LabEvent[] {
	const [folder, ...others] = readdirSync(place.results).filter((name) => !known.has(name));
	if (others.length > 0) throw new Error(`several runs at once: ${folder}, ${others.join(", ")}`);
	const file = folder && join(place.results, folder, "events.jsonl");
	if (!file || !existsSync(file)) return [];
	const lines = readFileSync(file, "utf8").split("\n").slice(0, -1);
	return lines.map((line) => JSON.parse(line) as LabEvent);
}

/** Where in a run a moment's event is, or -1. */
function indexOf(events: LabEvent[], { event, nth = 1 }: Moment): number {
	let seen = 0;
	return events.findIndex((entry) => describeEvent(entry) === event && ++seen === nth);
}

/** How long after its event a moment is, told by an undisturbed run. Throws when that had no such event. */
export function delayOf(events: LabEvent[], moment: Moment): number {
	const index = indexOf(events, moment);
	const [event, next] = [events[index], events[index + 1]];
	if (!event) throw new Error(`no ${momentText(moment)} in: ${events.map(describeEvent).join(", ")}`);
	if (!next || moment.later === undefined) return 0;
	return (Date.parse(next.at) - Date.parse(event.at)) * moment.later;
}

/** A moment in words, for the name of a test. */
export function momentText({ event, nth, later }: Moment): string {
	return `${later === undefined ? "" : `${later * 100} % after `}${event}${nth === undefined ? "" : ` (${nth})`}`;
}

/** A lab of the project outside of it, with scenarios of the test's own. Returns its folder. */
export async function copyLab(lab: string, scenario: string, place: OwnPlace): Promise<string> {
	const folder = join(dirname(place.results), "lab", basename(lab));
	await cp(lab, folder, { recursive: true });
	const file = join(folder, "lab.yaml");
	// Not the speed of a busy host is asked for here.
	await writeFile(file, readFileSync(file, "utf8").replaceAll("records: nc }", "records: nc, timeout: 60 }"));
	await rm(join(folder, "scenarios"), { recursive: true, force: true });
	await mkdir(join(folder, "scenarios"), { recursive: true });
	await writeFile(join(folder, "scenarios", "short.yaml"), scenario);
	return folder;
}
