/** The last words of a run, for the plain lines and the live view alike: per lab, per scenario, totals, where to look. */
import type { ChalkInstance } from "chalk";
import type { EngineChoice, RunStatus } from "../model/verdict.ts";
import { formatDuration } from "./duration.ts";
import { failureLines, setupFailureLines, stepFailureLines } from "./failure-text.ts";
import { reasonText } from "./kernel-text.ts";
import { checkWord, runWord } from "./status-word.ts";
import type { CheckView, FailureView, LabView, NodeView, RunState, ScenarioView } from "./summarise.ts";
import { alignRows } from "./table.ts";

/** The verdict as text that ends with a line break; empty when there is nothing to say. */
export function verdictText(state: RunState, colours: ChalkInstance): string {
	const blocks = [
		state.setup.filter((phase) => phase.progress === "failed").flatMap((phase) => setupFailureLines(phase)),
		...state.labs.map((lab) => labBlock(lab, state, colours)),
		state.failures.filter((failure) => failure.lab === undefined).flatMap((failure) => failureLines(failure, colours)),
		endBlock(state, colours),
	];
	const filled = blocks.filter((lines) => lines.length > 0);
	return filled.map((lines) => `${lines.join("\n")}\n`).join("\n");
}

function labBlock(lab: LabView, state: RunState, colours: ChalkInstance): string[] {
	const failures = state.failures.filter((failure) => failure.lab === lab.name);
	return [
		labHeading(lab, state, colours),
		...lab.scenarios.flatMap((scenario) => scenarioLines(scenario, colours)),
		...lab.nodes.filter((node) => !isTold(node, failures)).flatMap((node) => stepFailureLines(node).map(indent)),
		...failures.flatMap((failure) => failureLines(failure, colours).map(indent)),
	];
}

/** An error that quotes what the failed step has said makes the step's own lines a repetition. */
function isTold(node: NodeView, failures: readonly FailureView[]): boolean {
	const output = node.failedStep?.output?.trim() ?? "";
	return output !== "" && failures.some((failure) => failure.message.includes(output));
}

function indent(line: string): string {
	return `  ${line}`;
}

function labHeading(lab: LabView, state: RunState, colours: ChalkInstance): string {
	const name = colours.bold(lab.name);
	if (lab.status !== undefined) {
		const told = state.failures.some((failure) => failure.lab === lab.name && failure.message === lab.reason);
		const reason = lab.reason === undefined || told ? "" : `: ${lab.reason}`;
		return `${runWord(lab.status, colours)}  ${name}  (${formatDuration(lab.durationMs ?? 0)})${reason}`;
	}
	if (state.interruptedBy !== undefined) return `${name}  was interrupted`;
	const broken =
		lab.nodes.some((node) => node.failedStep) || state.failures.some((failure) => failure.lab === lab.name);
	if (broken) return `${runWord("error", colours)}  ${name}  could not be brought up`;
	const up = lab.nodes.length > 0 && lab.nodes.every((node) => node.state === "configured" || node.state === "running");
	if (up && lab.scenarios.length === 0) return upHeading(lab, state, name);
	if (lab.nodes.length > 0 && lab.nodes.every((node) => node.state === "removed")) return `${name}  is down`;
	return `${name}  did not come to an end`;
}

function upHeading(lab: LabView, state: RunState, name: string): string {
	const phase = state.phases.findLast((candidate) => candidate.name === "up" && candidate.lab === lab.name);
	const time = phase?.durationMs === undefined ? "" : ` in ${formatDuration(phase.durationMs)}`;
	return `${name}  is up: ${lab.nodes.length} nodes${time}`;
}

function scenarioLines(scenario: ScenarioView, colours: ChalkInstance): string[] {
	const checks = scenario.phases.flatMap((phase) => phase.checks);
	const bad = checks.filter((check) => check.status !== "pass");
	const word = scenario.status === undefined ? "UNFINISHED" : runWord(scenario.status, colours);
	const count =
		bad.length === 0 ? plural(checks.length, "check") : `${bad.length} of ${plural(checks.length, "check")} not passed`;
	const time = scenario.durationMs === undefined ? "" : `, ${formatDuration(scenario.durationMs)}`;
	const reason = scenario.reason === undefined ? [] : [`    ${scenario.reason}`];
	return [
		`  ${word}  ${scenario.name}  (${count}${time})`,
		...reason,
		...bad.flatMap((check) => checkLines(check, colours)).map((line) => `    ${line}`),
	];
}

function checkLines(check: CheckView, colours: ChalkInstance): string[] {
	return [
		`${checkWord(check.status, colours)}  ${check.phase}: ${check.check}`,
		`  expected: ${check.expected}`,
		`  observed: ${check.observed}`,
		...(check.evidence.length === 0 ? [] : [`  evidence: ${check.evidence.join(", ")}`]),
	];
}

function endBlock(state: RunState, colours: ChalkInstance): string[] {
	const tested = state.labs.filter((lab) => lab.status !== undefined || lab.scenarios.length > 0);
	const totals = tested.length === 0 ? [] : [totalsLine(tested)];
	const interrupted = state.interruptedBy === undefined ? [] : [interruptionLine(state.interruptedBy, colours)];
	const results = state.results === undefined || tested.length === 0 ? [] : [`Results: ${state.results}`];
	const engine = state.engine === undefined ? [] : engineLines(state.engine);
	return [...interrupted, ...totals, ...engine, ...results, ...whereToLook(state, tested)];
}

function interruptionLine(by: NonNullable<RunState["interruptedBy"]>, colours: ChalkInstance): string {
	return by === "timeout" ? colours.bold("Stopped: the time was up.") : colours.bold(`Interrupted by ${by}.`);
}

/** What was chosen and why, in one line. */
export function engineText({ engine }: RunState): string {
	return engine ? `${engineName(engine)} (${reasonText(engine)})` : "not chosen";
}

function engineLines(engine: EngineChoice): string[] {
	return [`Engine:  ${engineName(engine)}`, `         (${reasonText(engine)})`];
}

function engineName({ kind, kernel, daemon }: EngineChoice): string {
	return `${kind === "vm" ? "embedded VM" : "Docker daemon"}, kernel ${kernel}, Docker ${daemon}`;
}

function totalsLine(labs: readonly LabView[]): string {
	const scenarios = labs.flatMap((lab) => lab.scenarios);
	if (scenarios.length === 0) return "Total:   no scenario ran";
	const checks = scenarios.flatMap((scenario) => scenario.phases.flatMap((phase) => phase.checks));
	const words = { pass: "passed", fail: "failed", error: "in error", inconsistent: "inconsistent" };
	const checkCounts = counts(checks.map((check) => words[check.status]));
	const statuses = scenarios.map((scenario): RunStatus | "unfinished" => scenario.status ?? "unfinished");
	const lab =
		labs.length === 1
			? ""
			: `${plural(labs.length, "lab")}: ${counts(labs.map((one) => one.status ?? "unfinished"))}; `;
	return `Total:   ${lab}${plural(scenarios.length, "scenario")}: ${counts(statuses)}; ${plural(checks.length, "check")}: ${checkCounts}`;
}

function counts(words: readonly string[]): string {
	const tally = new Map<string, number>();
	for (const word of words) tally.set(word, (tally.get(word) ?? 0) + 1);
	return tally.size === 0 ? "none ran" : [...tally].map(([word, count]) => `${count} ${word}`).join(", ");
}

/** Advice only where something is to be looked into. */
function whereToLook(state: RunState, labs: readonly LabView[]): string[] {
	const bad = labs.find((lab) => lab.status !== undefined && lab.status !== "passed" && lab.status !== "skipped");
	if (!bad || state.results === undefined) return [];
	const rows = [[`  ${state.results}/summary.md`, "every check, expected and observed"]];
	if (bad.scenarios.length > 0) {
		rows.push([`  ${state.results}/observations`, "what was measured"]);
		rows.push([`  ${state.results}/captures`, "packets; tcpdump -n -r FILE"]);
		rows.push([`  lab test ${bad.name} --keep`, "leaves it up for lab shell NODE"]);
	}
	return ["Look at:", ...alignRows(rows).trimEnd().split("\n")];
}

function plural(count: number, noun: string): string {
	return `${count} ${noun}${count === 1 ? "" : "s"}`;
}
