/** The path tab: one request and its reply as a ladder, with the headers of the chosen hop, and what there is to learn. Pure. */
import type { Trace, TraceHop } from "../../model/trace.ts";
import { chosenTraffic, type LabEntry, memoryOf, type UiState } from "../state/state.ts";
import { BLANK_LINE, line, say, type TextLine, windowOf, wrapText } from "../text.ts";
import { ladderLines } from "./ladder.ts";
import type { Size } from "./size.ts";

export function pathLines(state: UiState, entry: LabEntry, size: Size): TextLine[] {
	if (!entry.facts) return [];
	const memory = memoryOf(state, entry.name);
	const choice = chosenTraffic(entry.facts, memory);
	const chosen = choice
		? line(" one request from ", say("strong", `‹ ${choice.from}: ${choice.target} ›`))
		: BLANK_LINE;
	const tracing = state.job?.lab === entry.name && state.job.kind === "trace";
	const { trace } = memory;
	if (tracing) return [chosen, BLANK_LINE, line(say("busy", " Capturing on every interface, sending one request."))];
	if (!trace) {
		return [chosen, BLANK_LINE, ...wrapText(EXPLAINED, size.columns - 2).map((text) => line(say("quiet", ` ${text}`)))];
	}
	const hop = Math.min(memory.hop, Math.max(0, trace.hops.length - 1));
	const same = trace.sent === choice?.target && trace.from === choice.from;
	const heading = same ? [] : [line(say("quiet", ` shown: ${trace.from}: ${trace.sent}`))];
	const ladder = trace.hops.length > 0 ? ladderLines(trace, hop, size.columns) : [];
	const above = [chosen, ...heading, ...ladder, BLANK_LINE];
	const remarks = remarkLines(trace, size.columns);
	const below = detailLines(trace, hop, size.rows - above.length - remarks.length);
	const room = size.rows - above.length - below.length;
	return room >= 3 ? [...above, ...below, ...windowOf(remarks, room, 0).shown] : [...above, ...below];
}

/** The chosen hop, and those behind it as far as there is room. */
function detailLines(trace: Trace, chosen: number, room: number): TextLine[] {
	const lines: TextLine[] = [];
	for (const [index, hop] of trace.hops.entries()) {
		if (index < chosen) continue;
		const more = [...(index > chosen ? [BLANK_LINE] : []), ...hopLines(hop, index, trace)];
		if (index > chosen && lines.length + more.length > room) break;
		lines.push(...more);
	}
	return lines;
}

const EXPLAINED =
	"Enter sends one request while every interface of the lab is captured, and shows each wire that it and its reply have crossed, with the headers as they were there.";

function hopLines(hop: TraceHop, index: number, trace: Trace): TextLine[] {
	const layers = Math.max(...hop.headers.map(({ layer }) => layer.length));
	return [
		line(
			say("strong", ` Hop ${index + 1} of ${trace.hops.length}: ${hop.from} > ${hop.to}`),
			say("quiet", `  after ${hop.at.toFixed(2)} ms, seen at ${hop.seenAt.join(" and ")}`),
		),
		...hop.changes.map((text) => line(`   ${text}`)),
		...hop.headers.map(({ layer, text, change }, position) => {
			const corner = position === 0 ? "┌" : position === hop.headers.length - 1 ? "└" : "├";
			const mark = change === undefined ? undefined : say("warning", `  ! ${change}`);
			return line(`   ${corner} `, say("busy", layer.padEnd(layers)), ` ${text}`, mark);
		}),
	];
}

function remarkLines(trace: Trace, columns: number): TextLine[] {
	const bullets = (texts: readonly string[], tone: "plain" | "bad") =>
		texts.flatMap((text) =>
			wrapText(text, columns - 4).map((words, index) => line(say(tone, `${index === 0 ? " * " : "   "}${words}`))),
		);
	return [BLANK_LINE, ...bullets(trace.remarks, "plain"), ...bullets(trace.faults, "bad")];
}
