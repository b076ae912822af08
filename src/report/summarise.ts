/** Folds the event stream into the state of the run: the one reducer behind the screen, the plain lines and every report. */
import type { LabEvent } from "../model/event.ts";
import type { SetupMessage } from "../model/progress.ts";
import { printableEvent } from "./printable.ts";
import type { FailureView, LabView, NodeView, PhaseView, RunState, ScenarioView, TimedPhase } from "./state.ts";

export { formatDuration } from "./duration.ts";
export type * from "./state.ts";

/** Output lines kept per set-up phase: enough to read why apt or mmdebstrap failed. */
export const KEPT_LINES = 40;

export const INITIAL_STATE: RunState = {
	startedAt: 0,
	latestAt: 0,
	setup: [],
	phases: [],
	labs: [],
	notices: [],
	failures: [],
};

/** The state after one more event. Never changes its argument; an event about something unknown makes it known. */
export function reduce(state: RunState, raw: LabEvent): RunState {
	const event = printableEvent(raw);
	const at = Date.parse(event.at) || state.latestAt;
	const next = { ...state, startedAt: state.startedAt || at, latestAt: Math.max(at, state.latestAt) };
	return { ...next, ...changeOf(next, event, at) };
}

function changeOf(state: RunState, event: LabEvent, at: number): Partial<RunState> {
	switch (event.type) {
		case "run-begin":
			return { run: event.run, results: event.results, command: event.command };
		case "setup":
			return { setup: withSetup(state.setup, event.message, at) };
		case "engine-chosen":
			return { engine: event.engine };
		case "phase-begin":
			return { phases: [...state.phases, beginPhase(event.phase, event.phase, at, event.lab)] };
		case "phase-end":
			return { phases: endPhase(state.phases, { ...event, name: event.phase }, at) };
		case "notice":
			return { notices: [...state.notices, { level: event.level, text: event.text }] };
		case "failure":
			return { failures: [...state.failures, failureOf(event)] };
		case "interrupted":
			return { interruptedBy: event.by };
		case "run-end":
			return { report: event.report, run: event.report.run, results: event.report.results };
		default:
			return { labs: withLab(state.labs, event, at) };
	}
}

type LabEventOf = Extract<LabEvent, { lab: string }>;

function withLab(labs: LabView[], event: LabEventOf, at: number): LabView[] {
	const unknown: LabView = { name: event.lab, instance: event.lab, startedAt: at, nodes: [], scenarios: [] };
	return upsert(labs, event.lab, unknown, (lab) => changeLab(lab, event, at));
}

function changeLab(lab: LabView, event: LabEventOf, at: number): LabView {
	switch (event.type) {
		case "lab-planned": {
			const nodes = event.nodes.map((node): NodeView => ({ ...node, state: "planned", stepsDone: 0 }));
			return { ...lab, instance: event.instance, nodes };
		}
		case "node-state":
		case "step-begin":
		case "step-end": {
			const unknown: NodeView = { name: event.node, role: "", state: "planned", stepsDone: 0 };
			return { ...lab, nodes: upsert(lab.nodes, event.node, unknown, (node) => changeNode(node, event, at)) };
		}
		case "scenario-begin":
		case "scenario-phase":
		case "traffic":
		case "shares":
		case "check":
		case "scenario-end": {
			const unknown: ScenarioView = { name: event.scenario, intent: "", startedAt: at, phases: [] };
			const change = (scenario: ScenarioView) => changeScenario(scenario, event);
			return { ...lab, scenarios: upsert(lab.scenarios, event.scenario, unknown, change) };
		}
		case "lab-end":
			return { ...lab, status: event.status, durationMs: event.durationMs, ...reasonOf(event) };
		default:
			return lab;
	}
}

type NodeEvent = Extract<LabEvent, { lab: string; node: string }>;

function changeNode(node: NodeView, event: NodeEvent, at: number): NodeView {
	const { step, detail: _old, ...rest } = node;
	switch (event.type) {
		case "node-state": {
			const detail = event.detail === undefined ? {} : { detail: event.detail };
			const running = step && event.state !== "configured" && event.state !== "removed" ? { step } : {};
			return { ...rest, ...running, ...detail, state: event.state };
		}
		case "step-begin":
			return { ...node, step: { id: event.step, commands: event.commands, startedAt: at } };
		case "step-end": {
			const known = step?.id === event.step ? step : { id: event.step, commands: [], startedAt: at };
			const ended = event.output === undefined ? known : { ...known, output: event.output };
			if (event.ok) return { ...rest, stepsDone: node.stepsDone + 1 };
			return { ...rest, state: "failed", failedStep: ended };
		}
	}
}

type ScenarioEvent = Extract<LabEvent, { lab: string; scenario: string }>;

function changeScenario(scenario: ScenarioView, event: ScenarioEvent): ScenarioView {
	switch (event.type) {
		case "scenario-begin":
			return { ...scenario, intent: event.intent };
		case "scenario-end":
			return { ...scenario, status: event.status, durationMs: event.durationMs, ...reasonOf(event) };
		case "scenario-phase":
			return withPhase(scenario, event.phase, (phase) => ({ ...phase, total: event.requests }));
		case "traffic":
			return withPhase(scenario, event.phase, (phase) => ({
				...phase,
				sent: event.sent,
				answered: event.answered,
				total: event.total,
			}));
		case "shares":
			return withPhase(scenario, event.phase, (phase) => ({
				...phase,
				shares: event.shares,
				bands: event.bands ?? phase.bands,
			}));
		case "check": {
			const check = { ...event.result, evidence: event.evidence ?? [] };
			return withPhase(scenario, check.phase, (phase) => ({ ...phase, checks: [...phase.checks, check] }));
		}
	}
}

function withPhase(scenario: ScenarioView, name: string, change: (phase: PhaseView) => PhaseView): ScenarioView {
	const unknown: PhaseView = { name, total: 0, sent: 0, answered: 0, shares: {}, bands: {}, checks: [] };
	return { ...scenario, phases: upsert(scenario.phases, name, unknown, change) };
}

function withSetup(setup: TimedPhase[], message: SetupMessage, at: number): TimedPhase[] {
	if (message.kind === "begin") return [...setup, beginPhase(message.phase, message.text, at)];
	if (message.kind === "end") {
		const failure = message.text === undefined ? {} : { failure: message.text };
		return endPhase(setup, { ...message, name: message.phase, ...failure }, at);
	}
	return changeLast(setup, message.phase, undefined, (phase) => ({
		...phase,
		lines: [...phase.lines, message.text].slice(-KEPT_LINES),
	}));
}

function beginPhase(name: string, text: string, startedAt: number, lab?: string): TimedPhase {
	return { name, text, progress: "running", startedAt, lines: [], ...(lab === undefined ? {} : { lab }) };
}

interface PhaseEnd {
	name: string;
	lab?: string;
	ok: boolean;
	durationMs: number;
	failure?: string;
}

function endPhase(phases: TimedPhase[], end: PhaseEnd, at: number): TimedPhase[] {
	const known = phases.some((phase) => phase.name === end.name && phase.lab === end.lab);
	const all = known ? phases : [...phases, beginPhase(end.name, end.name, at - end.durationMs, end.lab)];
	return changeLast(all, end.name, end.lab, (phase) => ({
		...phase,
		progress: end.ok ? "done" : "failed",
		durationMs: end.durationMs,
		...(end.ok || end.failure === undefined ? {} : { failure: end.failure }),
	}));
}

/** Changes the latest phase of that name: a phase may be run again, e.g. a VM that is rebuilt. */
function changeLast(
	phases: TimedPhase[],
	name: string,
	lab: string | undefined,
	change: (phase: TimedPhase) => TimedPhase,
): TimedPhase[] {
	const index = phases.findLastIndex((phase) => phase.name === name && phase.lab === lab);
	return phases.map((phase, position) => (position === index ? change(phase) : phase));
}

function upsert<T extends { name: string }>(items: T[], name: string, unknown: T, change: (item: T) => T): T[] {
	const known = items.some((item) => item.name === name);
	return (known ? items : [...items, unknown]).map((item) => (item.name === name ? change(item) : item));
}

function reasonOf(event: { reason?: string }): { reason?: string } {
	return event.reason === undefined ? {} : { reason: event.reason };
}

function failureOf(event: Extract<LabEvent, { type: "failure" }>): FailureView {
	const { type: _type, seq: _seq, at: _at, ...failure } = event;
	return failure;
}
