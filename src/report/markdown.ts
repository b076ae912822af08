/** summary.md of a run; the same text serves as GitHub's step summary. */
import type { CheckStatus, RunStatus } from "../model/verdict.ts";
import { formatDuration } from "./duration.ts";
import { failureText, stepFailureLines } from "./failure-text.ts";
import { reportOf } from "./report-json.ts";
import type { CheckView, LabView, RunState, ScenarioView } from "./summarise.ts";
import { engineText } from "./verdict-text.ts";

/** The whole run as Markdown. */
export function markdownSummary(state: RunState): string {
	const status: RunStatus = reportOf(state).status;
	const labs = state.labs.filter((lab) => lab.status !== undefined || lab.scenarios.length > 0);
	const lines = [
		`# ${status.toUpperCase()}: ${labs.map((lab) => lab.name).join(", ") || (state.command ?? "lab")}`,
		"",
		...(state.interruptedBy === undefined ? [] : [`Interrupted (${state.interruptedBy}).`, ""]),
		`- Engine: ${escapeMarkdown(engineText(state))}`,
		...(state.run === undefined ? [] : [`- Run: \`${state.run}\``]),
		...(state.results === undefined ? [] : [`- Results: \`${state.results}\``]),
		"",
		...state.failures.flatMap((failure) => fenced(failureText(failure))),
		...labs.flatMap(labLines),
		...timeLines(state),
	];
	return `${lines.join("\n").trimEnd()}\n`;
}

function labLines(lab: LabView): string[] {
	const reason = lab.reason === undefined ? [] : [escapeMarkdown(lab.reason), ""];
	const steps = lab.nodes.flatMap((node) => (node.failedStep ? fenced(stepFailureLines(node)) : []));
	return [
		`## ${lab.name}: ${lab.status ?? "unfinished"} (${formatDuration(lab.durationMs ?? 0)})`,
		"",
		...reason,
		...steps,
		...lab.scenarios.flatMap(scenarioLines),
	];
}

function scenarioLines(scenario: ScenarioView): string[] {
	const checks = scenario.phases.flatMap((phase) => phase.checks);
	const time = scenario.durationMs === undefined ? "" : ` (${formatDuration(scenario.durationMs)})`;
	return [
		`### ${scenario.name}: ${scenario.status ?? "unfinished"}${time}`,
		"",
		...paragraph(scenario.intent),
		...paragraph(scenario.reason),
		...(checks.length === 0 ? ["No check ran.", ""] : checkTable(checks)),
		...scenario.phases.flatMap(({ name, shares }) => shareLines(name, shares)),
	];
}

function checkTable(checks: readonly CheckView[]): string[] {
	return [
		"| status | phase | check | expected | observed | evidence |",
		"|---|---|---|---|---|---|",
		...checks.map((check) => {
			const evidence = check.evidence.map((file) => `\`${file}\``).join(" ");
			const cells = [check.phase, check.check, check.expected, check.observed].map(escapeMarkdown);
			return `| ${statusCell(check.status)} | ${[...cells, evidence].join(" | ")} |`;
		}),
		"",
	];
}

function statusCell(status: CheckStatus): string {
	return status === "pass" ? "pass" : `**${status.toUpperCase()}**`;
}

function shareLines(phase: string, shares: Record<string, number>): string[] {
	const entries = Object.entries(shares);
	if (entries.length === 0) return [];
	const counts = entries.map(([backend, count]) => `${backend} ${count}`).join(", ");
	return [`Requests in "${escapeMarkdown(phase)}": ${escapeMarkdown(counts)}.`, ""];
}

function timeLines(state: RunState): string[] {
	const phases = [...state.setup, ...state.phases].filter((phase) => phase.durationMs !== undefined);
	if (phases.length === 0) return [];
	return [
		"## Time",
		"",
		"| phase | time |",
		"|---|---|",
		...phases.map(
			(phase) => `| ${phase.lab ? `${phase.lab}: ` : ""}${phase.name} | ${formatDuration(phase.durationMs ?? 0)} |`,
		),
	];
}

function paragraph(text: string | undefined): string[] {
	return text === undefined || text === "" ? [] : [escapeMarkdown(text), ""];
}

/** A code block whose fence is longer than any in its text. */
function fenced(lines: readonly string[]): string[] {
	const longest = Math.max(2, ...lines.flatMap((line) => [...line.matchAll(/`+/g)].map(([run]) => run.length)));
	const fence = "`".repeat(longest + 1);
	return [`${fence}text`, ...lines, fence, ""];
}

/** Table cells end at `|` and at line breaks; the rest is what Markdown or HTML would take for markup. */
function escapeMarkdown(text: string): string {
	return text.replaceAll(/[\\`*_|<>[\]#&]/g, (character) => `\\${character}`).replaceAll(/\s*\n\s*/g, " ");
}
