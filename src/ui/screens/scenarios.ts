/** The scenarios tab: what each one claims, how it went, and why a check did not pass. Pure. */
import type { Scenario } from "../../model/scenario.ts";
import { formatDuration, type PhaseView, type ScenarioView } from "../../report/summarise.ts";
import { type LabEntry, memoryOf, type UiState } from "../state/state.ts";
import { runWord } from "../status-words.ts";
import {
	BLANK_LINE,
	line,
	lineWithRight,
	offsetFor,
	type Span,
	say,
	type TextLine,
	windowOf,
	wrapText,
} from "../text.ts";
import { checkLines } from "./checks.ts";
import type { Size } from "./size.ts";

/** Most scenarios listed where there is more to say below. */
const LISTED = 7;

export function scenariosLines(state: UiState, entry: LabEntry, size: Size, now: number): TextLine[] {
	if (!entry.facts) return [];
	const { scenarios } = entry.facts;
	const memory = memoryOf(state, entry.name);
	const at = Math.min(memory.scenario, scenarios.length - 1);
	const views = new Map(scenarios.map(({ name }) => [name, viewOf(state, entry, name)]));
	const width = Math.max(...scenarios.map(({ name }) => name.length));
	const rows = scenarios.map((scenario, index) =>
		scenarioRow(scenario, views.get(scenario.name), index === at, width, now),
	);
	const height = Math.min(rows.length, Math.max(3, size.rows >= 30 ? rows.length : LISTED));
	const list = windowOf(rows, height, offsetFor(at, rows.length, height)).shown;
	const chosen = scenarios[at];
	if (!chosen) return [line(" This lab has no scenarios.")];
	const detail = detailLines(chosen, views.get(chosen.name), size.columns);
	const { shown } = windowOf(detail, size.rows - list.length - 1, memory.scroll.scenarios ?? 0);
	return [...list, BLANK_LINE, ...shown];
}

/** How a scenario went, or goes: from the job under way, else from the last run. */
function viewOf(state: UiState, entry: LabEntry, scenario: string): ScenarioView | undefined {
	const find = (run: { labs: { scenarios: ScenarioView[] }[] } | undefined) =>
		run?.labs.flatMap((lab) => lab.scenarios).find(({ name }) => name === scenario);
	const running = state.job?.lab === entry.name && state.job.kind === "test" ? find(state.job.run) : undefined;
	return running ?? find(memoryOf(state, entry.name).tests[scenario]);
}

function scenarioRow(
	{ name, intent }: Scenario,
	view: ScenarioView | undefined,
	chosen: boolean,
	width: number,
	now: number,
): TextLine {
	const time = view ? [say("quiet", formatDuration(view.durationMs ?? Math.max(0, now - view.startedAt)))] : [];
	const [word, gap] = padded(view ? (view.status ? runWord(view.status) : say("busy", "runs")) : say("quiet", "-"));
	const label = name.padEnd(width);
	return lineWithRight(
		[
			chosen ? say("strong", " > ") : "   ",
			word,
			gap,
			chosen ? say("strong", label) : label,
			say("quiet", `  ${intent}`),
		],
		time,
	);
}

const WORD_WIDTH = 7;

function padded(word: Span): [Span, string] {
	return [word, " ".repeat(Math.max(1, WORD_WIDTH - word.text.length))];
}

function detailLines(scenario: Scenario, view: ScenarioView | undefined, columns: number): TextLine[] {
	return [
		...wrapText(scenario.intent, columns - 2).map((text) => line(` ${text}`)),
		...(view?.reason ? wrapText(view.reason, columns - 2).map((text) => line(say("bad", ` ${text}`))) : []),
		...scenario.phases.flatMap((phase) =>
			phaseLines(
				phase.name,
				phase.expect.length,
				view?.phases.find(({ name }) => name === phase.name),
				columns,
			),
		),
	];
}

function phaseLines(name: string, expectations: number, view: PhaseView | undefined, columns: number): TextLine[] {
	const traffic = view && view.total > 0 ? [say("quiet", `${view.answered} of ${view.sent} answered`)] : [];
	const count = view ? undefined : say("quiet", `  (${expectations} to check)`);
	return [
		lineWithRight([say("strong", ` ${name}`), count], traffic),
		...(view?.checks ?? []).flatMap((check) => checkLines(check, columns, 3)),
	];
}
