/** The catalogue: all labs with their state, and what the chosen one is about. Pure. */
import type { LabEntry, UiState } from "../state/state.ts";
import { BLANK_LINE, line, offsetFor, plural, type Span, say, type TextLine, windowOf, wrapText } from "../text.ts";
import { nodeSign } from "./node-sign.ts";
import type { Size } from "./size.ts";
import { tellingRows, type WireRow, wireRows } from "./wires.ts";

/** Lines of the catalogue in at most `size.rows`. */
export function catalogueLines(state: UiState, size: Size): TextLine[] {
	const nameWidth = Math.max(...state.labs.map(({ name }) => name.length), 4);
	const rows = state.labs.map((entry, index) => labRow(state, entry, index === state.cursor, nameWidth));
	const listHeight = Math.min(rows.length, Math.max(3, size.rows - 8));
	const list = windowOf(rows, listHeight, offsetFor(state.cursor, rows.length, listHeight)).shown;
	const chosen = state.labs[state.cursor];
	const room = size.rows - list.length - 2;
	const about = chosen ? aboutLines(state, chosen, { ...size, rows: room }) : [];
	const heading = line(say("quiet", `   ${"lab".padEnd(nameWidth)}  ${"state".padEnd(STATE_WIDTH)}  what it is`));
	return [heading, ...list, BLANK_LINE, ...about];
}

const STATE_WIDTH = 12;

function labRow(state: UiState, entry: LabEntry, chosen: boolean, nameWidth: number): TextLine {
	const title = entry.facts?.lab.title ?? entry.problem ?? "";
	return line(
		chosen ? say("strong", " > ") : "   ",
		chosen ? say("strong", entry.name.padEnd(nameWidth)) : entry.name.padEnd(nameWidth),
		"  ",
		stateWord(state, entry),
		"  ",
		title,
	);
}

function stateWord(state: UiState, entry: LabEntry): Span {
	const pad = (text: string) => text.padEnd(STATE_WIDTH);
	if (!entry.facts) return say("bad", pad("has mistakes"));
	if (state.job?.lab === entry.name) {
		return say(
			"busy",
			pad(
				{ up: "coming up", down: "going down", test: "tested", send: "up, sends", trace: "up, sends" }[state.job.kind],
			),
		);
	}
	if (!state.looked) return say("quiet", pad("looking ..."));
	if (!entry.live) return say("quiet", pad("down"));
	const broken = Object.values(entry.live.nodes).some((container) => container !== "running");
	return broken ? say("bad", pad("up, broken")) : say("good", pad(`up (${engineWord(entry)})`));
}

/** `VM` or `Docker`. */
export function engineWord(entry: LabEntry): string {
	return entry.live?.engine === "vm" ? "VM" : "Docker";
}

function aboutLines(state: UiState, entry: LabEntry, size: Size): TextLine[] {
	if (!entry.facts) return [line(say("bad", `lab validate ${entry.name} names the mistakes of its files.`))];
	const { lab, plan, scenarios } = entry.facts;
	const source = lab.source.repo ? `${lab.source.title}, ${lab.source.repo}` : lab.source.title;
	const words = [
		line(say("strong", ` ${entry.name}`), `  after: ${source}`),
		line(
			` ${plural(plan.nodes.length, "node")}, ${plural(scenarios.length, "scenario")}: ${scenarios.map(({ name }) => name).join(", ")}`,
		),
	];
	const sign = (node: string) => nodeSign(state, entry, node);
	const drawing = wireRows({ lab, plan, sign, counters: {}, columns: size.columns });
	const room = size.rows - words.length - 1;
	const fitting = fitWires(drawing, room);
	if (fitting.length < tellingRows(drawing) / 2) {
		return [...words, ...wrapText(lab.title, size.columns - 2).map((text) => line(` ${text}`))].slice(0, size.rows);
	}
	return [...words, BLANK_LINE, ...fitting];
}

/** The rows that fit, the least important left out first and the lower before the upper. */
export function fitWires(rows: readonly WireRow[], height: number): TextLine[] {
	const surplus = rows.length - Math.max(0, height);
	if (surplus <= 0) return rows.map((row) => row.line);
	const order = rows.map((row, index) => ({ ...row, index }));
	order.sort((a, b) => a.importance - b.importance || b.index - a.index);
	const dropped = new Set(order.slice(0, surplus).map(({ index }) => index));
	return rows.filter((_, index) => !dropped.has(index)).map((row) => row.line);
}
