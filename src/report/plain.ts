/** One line per thing that happens, with the elapsed time in front: for pipes, CI logs and `--plain`. */
import type { ChalkInstance } from "chalk";
import type { LabEvent } from "../model/event.ts";
import { formatDuration } from "./duration.ts";
import { failureLines, setupFailureLines, stepFailureLines } from "./failure-text.ts";
import { printableEvent } from "./printable.ts";
import type { Reporter, Write } from "./reporter.ts";
import { checkWord, runWord } from "./status-word.ts";
import { INITIAL_STATE, type RunState, reduce } from "./summarise.ts";
import { engineText, verdictText } from "./verdict-text.ts";

export interface PlainOptions {
	write: Write;
	colours: ChalkInstance;
	/** Print every output line of set-up work too. */
	verbose?: boolean;
}

/** Silence of set-up work after which its latest output line is shown, so that nobody takes it for dead. */
const HEARTBEAT_MS = 10_000;

/** Prints lines as events come and the verdict on close. */
export function plainReporter({ write, colours, verbose = false }: PlainOptions): Reporter {
	let state = INITIAL_STATE;
	let printedAt = 0;
	return {
		onEvent(raw) {
			const event = printableEvent(raw);
			const before = state;
			state = reduce(state, event);
			const quiet = !verbose && state.latestAt - printedAt < HEARTBEAT_MS;
			const lines = linesOf(event, before, state, colours, quiet);
			if (lines.length === 0) return;
			printedAt = state.latestAt;
			const prefix = colours.dim(`${((state.latestAt - state.startedAt) / 1000).toFixed(1).padStart(7)}s  `);
			write(lines.map((line) => `${prefix}${line}\n`).join(""));
		},
		close() {
			const verdict = verdictText(state, colours);
			if (verdict !== "") write(`\n${verdict}`);
		},
	};
}

function linesOf(event: LabEvent, before: RunState, after: RunState, colours: ChalkInstance, quiet: boolean): string[] {
	switch (event.type) {
		case "run-begin":
			return [event.command];
		case "setup":
			return setupLines(event, after, quiet);
		case "engine-chosen":
			return [`engine: ${engineText(after)}`];
		case "phase-end":
			return [
				`${prefixOf(event.lab)}${event.phase} ${event.ok ? "done" : "failed"} in ${formatDuration(event.durationMs)}`,
			];
		case "lab-planned":
			return [`${event.lab}: ${event.nodes.map((node) => `${node.name} (${node.role})`).join(", ")}`];
		case "node-state":
			return nodeLines(event);
		case "step-end":
			return stepLines(event, before, after);
		case "notice":
			return [event.level === "warning" ? `${colours.yellow("warning")}: ${event.text}` : event.text];
		case "failure":
			return failureLines(event, colours).map((line) => `${prefixOf(event.lab)}${line}`);
		case "interrupted":
			return [event.by === "timeout" ? "time is up, cleaning up" : `${event.by} received, cleaning up`];
		default:
			return scenarioLines(event, colours);
	}
}

function scenarioLines(event: LabEvent, colours: ChalkInstance): string[] {
	switch (event.type) {
		case "scenario-begin":
			return [`${event.lab}: scenario ${event.scenario}: ${event.intent}`];
		case "scenario-phase":
			return [
				`${event.lab}: ${event.scenario} / ${event.phase}${event.requests > 0 ? ` (${event.requests} requests)` : ""}`,
			];
		case "check": {
			const { phase, check, status, observed, expected } = event.result;
			return [
				`${checkWord(status, colours)} ${event.lab}: ${event.scenario} / ${phase}: ${check} - ${observed} (expected ${expected})`,
			];
		}
		case "scenario-end":
			return [endLine(`${event.lab}: scenario ${event.scenario}`, event, colours)];
		case "lab-end":
			return [endLine(`lab ${event.lab}`, event, colours)];
		default:
			return [];
	}
}

type End = Extract<LabEvent, { type: "scenario-end" | "lab-end" }>;

function endLine(what: string, event: End, colours: ChalkInstance): string {
	// The reason of an error has been told by the event before.
	const reason =
		event.reason === undefined || (event.type === "lab-end" && event.status === "error") ? "" : `: ${event.reason}`;
	return `${runWord(event.status, colours)} ${what} in ${formatDuration(event.durationMs)}${reason}`;
}

function setupLines({ message }: Extract<LabEvent, { type: "setup" }>, state: RunState, quiet: boolean): string[] {
	if (message.kind === "begin") return [`set-up ${message.phase}: ${message.text}`];
	if (message.kind === "line") return quiet ? [] : [`set-up ${message.phase}: ${message.text}`];
	if (message.ok) return [`set-up ${message.phase}: done in ${formatDuration(message.durationMs)}`];
	const phase = state.setup.findLast((candidate) => candidate.name === message.phase);
	return phase ? setupFailureLines(phase) : [];
}

/** The other states pass too quickly to be worth a line each, and `down` tells about the removed. */
function nodeLines(event: Extract<LabEvent, { type: "node-state" }>): string[] {
	if (event.state !== "running" && event.state !== "configured" && event.state !== "failed") return [];
	return [`${event.lab}: ${event.node} ${event.state}${event.detail === undefined ? "" : `: ${event.detail}`}`];
}

function stepLines(event: Extract<LabEvent, { type: "step-end" }>, before: RunState, after: RunState): string[] {
	const find = (state: RunState) =>
		state.labs.find((lab) => lab.name === event.lab)?.nodes.find((node) => node.name === event.node);
	if (!event.ok) {
		const node = find(after);
		return node ? stepFailureLines(node).map((line) => `${event.lab}: ${line}`) : [];
	}
	const [first = "", ...more] = find(before)?.step?.commands ?? [];
	const rest = more.length === 0 ? "" : ` (and ${more.length} more)`;
	const [line = "", ...lines] = first.split("\n");
	return [`${event.lab}: ${event.node}: ${event.step}: ${line}${lines.length > 0 ? " ..." : ""}${rest}`];
}

function prefixOf(lab: string | undefined): string {
	return lab === undefined ? "" : `${lab}: `;
}
