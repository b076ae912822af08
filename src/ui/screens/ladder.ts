/** The way of a request as a ladder: a column per node, an arrow per hop, double where the packet is inside another one. Pure. */
import type { Trace, TraceHop } from "../../model/trace.ts";
import { line, say, type TextLine } from "../text.ts";

/** Cells in front of the ladder: cursor, number and direction. */
const LEFT = 12;

/** The ladder; `chosen` is the position of the hop that is pointed at. */
export function ladderLines(trace: Trace, chosen: number, columns: number): TextLine[] {
	const longest = Math.max(...trace.nodes.map((name) => name.length));
	const pitch = Math.max(longest + 2, Math.min(20, Math.floor((columns - LEFT - 8) / Math.max(1, trace.nodes.length))));
	const names = trace.nodes.map((name) => centre(name, pitch)).join("");
	return [
		line(" ".repeat(LEFT), say("strong", names)),
		...trace.hops.map((hop, index) => {
			const marker = index === chosen ? say("strong", " > ") : "   ";
			const word = hop.direction.padEnd(7);
			const label = `${String(index + 1)} ${word}`;
			const arrow = rung(trace.nodes, hop, pitch);
			const wrapping = hop.encapsulation ? say("warning", hop.encapsulation.toUpperCase()) : undefined;
			return line(marker, label, say(hop.direction === "request" ? "busy" : "good", arrow), wrapping);
		}),
	];
}

function centre(text: string, width: number): string {
	const left = Math.max(0, Math.floor((width - text.length) / 2));
	return `${" ".repeat(left)}${text}`.padEnd(width).slice(0, width);
}

/** One hop: the nodes' lines, and an arrow between two of them that crosses those between. */
function rung(nodes: readonly string[], hop: TraceHop, pitch: number): string {
	const column = (node: string) => nodes.indexOf(node) * pitch + Math.floor((pitch - 1) / 2);
	const [from, to] = [column(hop.from), column(hop.to)];
	const cells = Array.from({ length: nodes.length * pitch }, () => " ");
	for (const node of nodes) cells[column(node)] = "│";
	const [left, right] = [Math.min(from, to), Math.max(from, to)];
	for (let cell = left + 1; cell < right; cell++) cells[cell] = cells[cell] === "│" ? "┊" : hop.wrapped ? "═" : "─";
	cells[from] = from < to ? (hop.wrapped ? "╞" : "├") : hop.wrapped ? "╡" : "┤";
	cells[from < to ? right - 1 : left + 1] = from < to ? "▶" : "◀";
	return cells.join("");
}
