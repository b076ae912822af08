/** One phase: make its changes, watch, send its traffic, and collect what was seen. Judges nothing. */
import { setTimeout as sleep } from "node:timers/promises";
import { wordsOf } from "../model/error.ts";
import {
	type AcceptRecord,
	type CaptureRecord,
	type CounterRecord,
	faultText,
	type PhaseObservation,
} from "../model/observation.ts";
import type { Change, Phase, Traffic } from "../model/scenario.ts";
import type { RunContext } from "./context.ts";
import { containerOf, type LiveLab } from "./live-lab.ts";
import { type NodeProbe, probesFor } from "./node-probe.ts";
import { beginScript, finishScript, logScript, parseSections } from "./probe-script.ts";
import { parseBackendLog, parseCaptureLog, parseCounters, parseDigests } from "./read-evidence.ts";
import { sendTraffic } from "./send-traffic.ts";

export interface PhasePlace {
	lab: string;
	scenario: string;
	/** Unique in the run; requests carry it. */
	tokenPrefix: string;
	/** Stores a capture and returns the name it is recorded under. */
	saveCapture: (name: string, bytes: Buffer) => string;
	/** Makes a change while the traffic is under way; resolves to when it was begun, in seconds of /proc/uptime. */
	makeChange: (change: Change) => Promise<number>;
}

/** A capture with its bytes, for the judge. */
export interface TakenCapture {
	record: CaptureRecord;
	bytes: Buffer;
}

export interface Observed {
	observation: PhaseObservation;
	captures: TakenCapture[];
}

/** Milliseconds to wait for a backend to log a request that its client saw answered. */
const LOG_DEADLINE = 3000;
/** Milliseconds between two looks at the logs. */
const LOG_PAUSE = 50;

/** Runs the probes (those the phase's expectations need, unless others are given) and the traffic of a phase whose changes are made. */
export async function observePhase(
	context: RunContext,
	live: LiveLab,
	phase: Phase,
	place: PhasePlace,
	probes: NodeProbe[] = probesFor(live.lab, phase),
): Promise<Observed> {
	const observation: PhaseObservation = {
		lab: place.lab,
		scenario: place.scenario,
		phase: phase.name,
		requests: [],
		accepts: [],
		captures: [],
		counters: [],
		states: [],
		ports: live.ports,
		backends: Object.keys(live.lab.nodes).filter((name) => isBackend(live, name)),
		faults: [],
	};
	const begun = await Promise.all(probes.map((probe) => begin(context, live, probe, observation)));
	if (phase.traffic) await watchTraffic(context, live, phase, phase.traffic, place, observation);
	const captures = await Promise.all(
		probes.map((probe, index) => finish(context, live, probe, begun[index] ?? [], observation, place)),
	);
	await awaitLogs(context, live, probes, begun, observation);
	return { observation, captures: captures.flat() };
}

/** Sends the traffic, and makes the `during` change once enough requests have ended. */
async function watchTraffic(
	context: RunContext,
	live: LiveLab,
	{ name, during }: Phase,
	traffic: Traffic,
	place: PhasePlace,
	into: PhaseObservation,
): Promise<void> {
	let change: Promise<number> | undefined;
	const onProgress = (ended: number) => {
		if (change || !during || ended < during.after) return;
		change = place.makeChange(during);
		// Its failure is told once the traffic has ended.
		change.catch(() => {});
	};
	const sending = sendTraffic(context, live, { ...place, phase: name, onProgress }, traffic);
	onProgress(0);
	into.requests = await sending;
	const changedAt = await change;
	if (changedAt !== undefined) into.changedAt = changedAt;
}

function isBackend(live: LiveLab, name: string): boolean {
	return (live.lab.nodes[name]?.steps ?? []).some((step) => step.service?.records !== undefined);
}

async function execSections(
	context: RunContext,
	live: LiveLab,
	node: string,
	script: string,
): Promise<Map<string, string>> {
	const result = await context.engine.exec(containerOf(live, node), {
		command: ["sh", "-c", script],
		signal: context.signal,
	});
	return parseSections(`\n${result.stdout.toString("utf8")}`);
}

/** Starts a probe; returns where each log ends now. */
async function begin(context: RunContext, live: LiveLab, probe: NodeProbe, into: PhaseObservation): Promise<number[]> {
	const needed = probe.interfaces.length + probe.logs.length + probe.counters.length;
	if (needed === 0) return [];
	const sections = await execSections(context, live, probe.node, beginScript(probe));
	readCounters(probe, "before", sections, into);
	for (const name of probe.interfaces) {
		const fault = sections.get(`fault ${name}`);
		if (fault !== undefined)
			into.faults.push(faultText("capture", { node: probe.node, part: name }, `did not start: ${fault.trim()}`));
	}
	return probe.logs.map((_, index) => Number(sections.get(`log ${index}`)?.trim() ?? 0));
}

function readCounters(
	probe: NodeProbe,
	when: "before" | "after",
	sections: Map<string, string>,
	into: PhaseObservation,
): void {
	for (const [index, source] of probe.counters.entries()) {
		try {
			into.counters.push(
				parseCounters(probe.node, source, when, sections.get(`counter ${index}`) ?? "") satisfies CounterRecord,
			);
		} catch (error) {
			into.faults.push(faultText("counters", { node: probe.node, part: source.service }, wordsOf(error)));
		}
	}
}

async function finish(
	context: RunContext,
	live: LiveLab,
	probe: NodeProbe,
	offsets: number[],
	into: PhaseObservation,
	place: PhasePlace,
): Promise<TakenCapture[]> {
	const sections = await execSections(context, live, probe.node, finishScript(probe, offsets));
	readCounters(probe, "after", sections, into);
	into.accepts.push(...readAccepts(probe, sections));
	if (probe.uploads && probe.logs.length > 0 && !sections.has("uploads")) {
		into.faults.push(faultText("log", { node: probe.node }, "what was uploaded could not be read"));
	}
	for (const [index, command] of probe.states.entries()) {
		const output = (sections.get(`state ${index}`) ?? "").trim();
		into.states.push({ node: probe.node, command, output, exitCode: Number(sections.get(`exit ${index}`) ?? -1) });
	}
	return probe.interfaces.flatMap((name) => readCapture(probe.node, name, sections, into, place));
}

function readAccepts(probe: NodeProbe, sections: Map<string, string>): AcceptRecord[] {
	const digests = parseDigests(sections.get("uploads") ?? "");
	return probe.logs.flatMap((log, index) => parseBackendLog(log, sections.get(`log ${index}`) ?? "", digests));
}

function readCapture(
	node: string,
	name: string,
	sections: Map<string, string>,
	into: PhaseObservation,
	place: PhasePlace,
): TakenCapture[] {
	const bytes = Buffer.from(sections.get(`capture ${name}`) ?? "", "base64");
	const summary = parseCaptureLog(sections.get(`capture-log ${name}`) ?? "");
	if (bytes.length === 0 || !summary) {
		const words = (sections.get(`capture-log ${name}`) ?? "no output").trim();
		into.faults.push(faultText("capture", { node, part: name }, `was lost: ${words}`));
		return [];
	}
	const file = place.saveCapture(`${node}-${name}`, bytes);
	const record: CaptureRecord = { node, interface: name, file, frames: summary.captured, dropped: summary.dropped };
	into.captures.push(record);
	return [{ record, bytes }];
}

/**
 * A backend may write its log a moment after the client has its answer. Reads the logs again until every answered request
 * is in one, or the deadline is over: then the missing token is evidence, and the judge's business.
 */
async function awaitLogs(
	context: RunContext,
	live: LiveLab,
	probes: NodeProbe[],
	offsets: number[][],
	into: PhaseObservation,
): Promise<void> {
	const limit = performance.now() + LOG_DEADLINE;
	const missing = () => {
		const logged = new Set(into.accepts.flatMap((accept) => accept.tokens));
		return into.requests.some((request) => request.answered && !logged.has(request.token));
	};
	const withLogs = probes
		.map((probe, index) => ({ probe, at: offsets[index] ?? [] }))
		.filter(({ probe }) => probe.logs.length > 0);
	if (withLogs.length === 0) return;
	while (missing() && performance.now() < limit) {
		await sleep(LOG_PAUSE, undefined, { signal: context.signal });
		const read = await Promise.all(
			withLogs.map(async ({ probe, at }) =>
				readAccepts(probe, await execSections(context, live, probe.node, logScript(probe, at))),
			),
		);
		into.accepts = read.flat();
	}
}
