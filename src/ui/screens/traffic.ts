/** The traffic tab: what to send, who answered against what was expected, and what balancer and backends counted. Pure. */
import type { RunState } from "../../report/summarise.ts";
import { barCells, barScale } from "../share-bar.tsx";
import {
	chosenCount,
	chosenTraffic,
	type LabEntry,
	type LabMemory,
	memoryOf,
	TRAFFIC_FIELDS,
	type UiState,
} from "../state/state.ts";
import { BLANK_LINE, line, say, type TextLine, windowOf, wrapText } from "../text.ts";
import { checkLines } from "./checks.ts";
import type { Size } from "./size.ts";
import { balancerNames, sentPhase, trafficFigures } from "./traffic-figures.ts";

export function trafficLines(state: UiState, entry: LabEntry, size: Size): TextLine[] {
	if (!entry.facts) return [];
	const memory = memoryOf(state, entry.name);
	const choice = chosenTraffic(entry.facts, memory);
	if (!choice) return [line(" No scenario of this lab sends traffic before it changes the lab.")];
	const sending = state.job?.lab === entry.name && state.job.kind === "send";
	const run = sending ? state.job?.run : memory.sent;
	const form = formLines(memory, choice.from, choice.target);
	if (!run) {
		const words = `Enter sends them. What is expected is taken from the scenario ${choice.scenario}.`;
		return [...form, BLANK_LINE, ...wrapText(words, size.columns - 2).map((text) => line(say("quiet", ` ${text}`)))];
	}
	const above = [...form, BLANK_LINE, progressLine(run, sending), ...barLines(memory, run, size.columns), BLANK_LINE];
	const failure = sending ? undefined : run.failures.at(-1);
	const words = failure
		? wrapText(failure.message, size.columns - 2).map((text) => line(say("bad", ` ${text}`)))
		: (sentPhase(run)?.checks ?? []).flatMap((check) => checkLines(check, size.columns, 1));
	return [...above, ...windowOf(words, size.rows - above.length, 0).shown];
}

const FIELD_WORDS = { client: "from", target: "to", count: "requests" } as const;

function formLines(memory: LabMemory, from: string, target: string): TextLine[] {
	const values = { client: from, target, count: String(chosenCount(memory)) };
	return TRAFFIC_FIELDS.map((field, index) => {
		const chosen = index === memory.field;
		const value = chosen ? say("strong", `‹ ${values[field]} ›`) : `  ${values[field]}`;
		return line(chosen ? say("strong", " > ") : "   ", FIELD_WORDS[field].padEnd(10), value);
	});
}

function progressLine(run: RunState, sending: boolean): TextLine {
	const phase = sentPhase(run);
	if (!phase) return sending ? line(say("busy", " Getting ready.")) : BLANK_LINE;
	const { sent, answered, total } = phase;
	const missing = sent - answered;
	const lost = missing > 0 ? say("bad", `, ${missing} unanswered`) : undefined;
	const judging = sending && sent === total ? say("busy", "  reading logs and counters") : undefined;
	return line(` ${sent} of ${total} sent, ${answered} answered`, lost, judging);
}

/** Cells of a bar line that are not the bar. */
const AROUND_BAR = 46;
const LONGEST_BAR = 60;

/** Per backend: the bar against its band, the clients' count, and beside it what logs and balancer counted meanwhile. */
function barLines(memory: LabMemory, run: RunState, columns: number): TextLine[] {
	const phase = sentPhase(run);
	const figures = trafficFigures(memory, run);
	if (!phase || figures.length === 0) return [];
	const nameWidth = Math.max(...figures.map(({ backend }) => backend.length), 7);
	const width = Math.max(8, Math.min(LONGEST_BAR, columns - nameWidth - AROUND_BAR));
	const scale = barScale(phase.shares, phase.bands, phase.total);
	const complete = phase.sent >= phase.total;
	const heading = ` ${"backend".padEnd(nameWidth)}  ${"".padEnd(width)} ${"got".padStart(4)}  ${"expected".padEnd(10)} ${"logged".padStart(6)}  balancer`;
	const rows = figures.map(({ backend, got, band, expected, logged, counted, verdict }) =>
		line(
			` ${backend.padEnd(nameWidth)}  `,
			say(verdict ? "bad" : complete ? "good" : "busy", barCells(got, band, scale, width)),
			` ${String(got).padStart(4)}  ${expected.padEnd(10)} ${logged.padStart(6)}  ${counted.padStart(8)}`,
			verdict ? say("bad", ` ${verdict}`) : undefined,
		),
	);
	const signs = Object.keys(phase.bands).length > 0 ? " █ answered  ░ may still come  · must come" : "";
	const names = balancerNames(memory.counters);
	const legend = `${signs}${names ? `   balancer: ${names}` : ""}`;
	return [line(say("quiet", heading)), ...rows, line(say("quiet", legend))];
}
