/** A scenario from its first change to its last undo: observe each phase, then judge it. */
import { decodeCapture } from "../judge/decode-capture.ts";
import { judgePhase } from "../judge/judge-phase.ts";
import { shareBands } from "../judge/share-band.ts";
import { wordsOf } from "../model/error.ts";
import type { ShareBand } from "../model/event.ts";
import { backendLogs } from "../model/lab.ts";
import type { Frame, PhaseObservation } from "../model/observation.ts";
import type { Change, Phase, Scenario } from "../model/scenario.ts";
import { changesOf } from "../model/scenario.ts";
import { type CheckResult, type ScenarioResult, statusOfChecks } from "../model/verdict.ts";
import { type RunContext, throwIfAborted } from "./context.ts";
import type { LiveLab } from "./live-lab.ts";
import { type Observed, observePhase } from "./observe-phase.ts";
import type { ResultsFolder } from "./results-folder.ts";
import { runCommands } from "./run-commands.ts";

/** Told what each phase has shown, for those who want to know more than its verdicts. */
export type PhaseWatcher = (phase: Phase, observation: PhaseObservation, frames: readonly Frame[]) => void;

/** Runs one scenario on a lab that is up. Changes are undone whatever happens. */
export async function runScenario(
	context: RunContext,
	live: LiveLab,
	scenario: Scenario,
	results: ResultsFolder,
	watch: PhaseWatcher = () => {},
): Promise<ScenarioResult> {
	const started = performance.now();
	const place = { lab: live.lab.name, scenario: scenario.name };
	context.emit({ type: "scenario-begin", ...place, intent: scenario.intent });
	const checks: CheckResult[] = [];
	const undo: Change[] = [];
	let reason: string | undefined;
	try {
		for (const [index, phase] of scenario.phases.entries()) {
			throwIfAborted(context.signal);
			checks.push(...(await runPhase(context, live, scenario, phase, index, undo, results, watch)));
		}
	} catch (error) {
		reason = wordsOf(error);
	}
	// Also after an abort: a lab that was up before stays up, and must be as it was.
	const problem = await undoAll(context, live, undo);
	throwIfAborted(context.signal);
	reason ??= problem;
	const status = reason !== undefined ? "error" : statusOfChecks(checks);
	const result: ScenarioResult = { name: scenario.name, status, durationMs: performance.now() - started, checks };
	if (reason !== undefined) result.reason = reason;
	context.emit({
		type: "scenario-end",
		...place,
		status,
		durationMs: result.durationMs,
		...(reason ? { reason } : {}),
	});
	return result;
}

async function runPhase(
	context: RunContext,
	live: LiveLab,
	scenario: Scenario,
	phase: Phase,
	index: number,
	undo: Change[],
	results: ResultsFolder,
	watch: PhaseWatcher,
): Promise<CheckResult[]> {
	const place = { lab: live.lab.name, scenario: scenario.name, phase: phase.name };
	context.emit({ type: "scenario-phase", ...place, requests: phase.traffic?.count ?? 0 });
	for (const change of changesOf(phase)) {
		// Registered first: a change that fails half way has to be taken back as well.
		undo.unshift(change);
		await runCommands(context, live, change.on, change.run, `change in phase "${phase.name}"`, context.signal);
	}
	emitBands(context, live, phase, place);
	const observed = await observePhase(context, live, phase, {
		...place,
		tokenPrefix: results.nextTokenPrefix(),
		saveCapture: (name, bytes) => results.saveCapture({ ...place, index }, name, bytes),
		makeChange: async (change) => {
			undo.unshift(change);
			const timed = ["cut -d ' ' -f 1 /proc/uptime", change.run].flat();
			const what = `change during phase "${phase.name}"`;
			return Number.parseFloat(await runCommands(context, live, change.on, timed, what, context.signal));
		},
	});
	const saved = results.saveObservation({ ...place, index }, observed.observation, phase);
	emitShares(context, phase, place, observed);
	const frames = observed.captures.flatMap(({ record, bytes }) => decodeCapture(bytes, record).frames);
	watch(phase, observed.observation, frames);
	const checks = judgePhase(phase, observed.observation, frames);
	const evidence = [saved, ...observed.captures.map(({ record }) => record.file)];
	for (const result of checks) {
		context.emit({ type: "check", lab: place.lab, scenario: place.scenario, result, evidence });
	}
	return checks;
}

/** Where shares are judged, what each backend may get is known before the first request. */
function emitBands(context: RunContext, live: LiveLab, phase: Phase, place: PhasePlaceNames): void {
	const backends = [...new Set(backendLogs(live.lab).map(({ node }) => node))];
	const bands = bandsOf(phase, backends, phase.traffic?.count ?? 0);
	if (!bands) return;
	context.emit({ type: "shares", ...place, shares: Object.fromEntries(backends.map((name) => [name, 0])), bands });
}

function emitShares(context: RunContext, phase: Phase, place: PhasePlaceNames, observed: Observed): void {
	const { requests, accepts, backends } = observed.observation;
	if (requests.length === 0 || backends.length === 0) return;
	const answered = new Set(requests.filter((request) => request.answered).map((request) => request.token));
	const shares = Object.fromEntries(backends.map((name) => [name, 0]));
	for (const accept of accepts) {
		if (accept.tokens.some((token) => answered.has(token))) shares[accept.node] = (shares[accept.node] ?? 0) + 1;
	}
	const bands = bandsOf(phase, backends, answered.size);
	context.emit({ type: "shares", ...place, shares, ...(bands ? { bands } : {}) });
}

interface PhasePlaceNames {
	lab: string;
	scenario: string;
	phase: string;
}

function bandsOf(phase: Phase, backends: readonly string[], total: number): Record<string, ShareBand> | undefined {
	const share = phase.expect.find((entry) => entry.share !== undefined)?.share;
	return share && shareBands(share, backends, total);
}

/** Milliseconds for one undo; it does not look at the run's own signal. */
const UNDO_DEADLINE = 60_000;

/** Takes all changes back, last first, and goes on when one fails. Returns the first problem. */
async function undoAll(context: RunContext, live: LiveLab, undo: Change[]): Promise<string | undefined> {
	let problem: string | undefined;
	for (const change of undo) {
		try {
			const deadline = AbortSignal.timeout(UNDO_DEADLINE);
			await runCommands(context, live, change.on, change.undo, "undoing a change", deadline);
		} catch (error) {
			problem ??= wordsOf(error);
		}
	}
	return problem;
}
