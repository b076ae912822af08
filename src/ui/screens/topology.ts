/** The topology tab: the wiring diagram, and while the lab comes up what each node is doing and why. Pure. */
import { formatDuration, type NodeView, type RunState } from "../../report/summarise.ts";
import { type LabEntry, memoryOf, type UiState } from "../state/state.ts";
import { BLANK_LINE, line, lineWithRight, plural, say, type TextLine, windowOf, wrapText } from "../text.ts";
import { fitWires } from "./catalogue.ts";
import { nodeSign } from "./node-sign.ts";
import type { Size } from "./size.ts";
import { tellingRows, type WireRow, wireRows } from "./wires.ts";

/** Most lines for what is being done; the drawing gets the rest. */
const DOING_LINES = 7;

export function topologyLines(state: UiState, entry: LabEntry, size: Size, now: number): TextLine[] {
	if (!entry.facts) return [];
	const { lab, plan } = entry.facts;
	const memory = memoryOf(state, entry.name);
	const sign = (node: string) => nodeSign(state, entry, node);
	const drawing = wireRows({ lab, plan, sign, counters: memory.counters, columns: size.columns });
	const job = state.job?.lab === entry.name ? state.job : undefined;
	const told = job ? doingLines(job.run, entry, size.columns, now) : failureLines(memory.up, size.columns);
	const doing = told.slice(0, Math.max(DOING_LINES, size.rows - drawing.length - 1));
	const room = size.rows - (doing.length > 0 ? doing.length + 1 : 0);
	if (doing.length > 0) return [...fitWires(drawing, room), BLANK_LINE, ...doing];
	return restingLines(drawing, room, memory.scroll.topology ?? 0);
}

/** All rows, scrolled; at the top, what matters least makes room for the rest. */
function restingLines(drawing: readonly WireRow[], room: number, scroll: number): TextLine[] {
	const telling = tellingRows(drawing);
	if (telling <= room) return fitWires(drawing, room);
	if (scroll > 0) {
		const all = drawing.map((row) => row.line);
		return windowOf(all, room, scroll - 1).shown;
	}
	const shown = fitWires(drawing, room - 1);
	return [...shown, line(say("quiet", `... ${plural(telling - shown.length, "detail")} left out, ↓ shows all`))];
}

/** What is being done right now, with the command and its reason. */
function doingLines(run: RunState, entry: LabEntry, columns: number, now: number): TextLine[] {
	const setup = run.setup.filter((phase) => phase.progress === "running");
	const nodes = run.labs.flatMap((lab) => lab.nodes).filter((node) => node.step !== undefined);
	const phases = run.phases.filter((phase) => phase.progress === "running");
	if (nodes.length > 0) return nodes.flatMap((node) => stepLines(node, entry, columns));
	if (setup.length > 0) {
		return setup.flatMap((phase) => [
			lineWithRight(
				[say("busy", phase.name), `: ${phase.text}`],
				[say("quiet", formatDuration(now - phase.startedAt))],
			),
			...phase.lines.slice(-3).map((text) => line(say("quiet", `  | ${text}`))),
		]);
	}
	// Between two steps no node has one.
	const begun = run.labs.some((lab) => lab.nodes.some(({ stepsDone }) => stepsDone > 0));
	return phases.map(({ name }) =>
		line(say("busy", name === "up" && begun ? "Configuring the nodes." : (PHASE_WORDS[name] ?? name))),
	);
}

const PHASE_WORDS: Record<string, string> = {
	engine: "Choosing where it runs: your Docker daemon, or the embedded machine.",
	up: "Making networks and containers.",
	test: "Running scenarios.",
	down: "Taking it down.",
};

function stepLines(node: NodeView, entry: LabEntry, columns: number): TextLine[] {
	const { step } = node;
	if (!step) return [];
	const planned = entry.facts?.plan.nodes
		.find(({ name }) => name === node.name)
		?.steps.find(({ id }) => id === step.id);
	const [first = "", ...more] = step.commands;
	const rest = more.length > 0 ? say("quiet", ` (+${more.length})`) : undefined;
	return [
		line(say("strong", node.name), " ", say("busy", step.id), `  # ${first.split("\n")[0]}`, rest),
		...wrapText(planned?.why ?? "", columns - 4)
			.slice(0, 2)
			.map((text) => line(say("quiet", `  ${text}`))),
	];
}

/** Why the last attempt to bring it up has failed. */
function failureLines(up: RunState | undefined, columns: number): TextLine[] {
	const failure = up?.failures.at(-1);
	if (!failure) return [];
	const step = up?.labs.flatMap((lab) => lab.nodes).find((node) => node.failedStep);
	return [
		line(say("bad", "It could not be brought up:")),
		...wrapText(failure.message, columns - 2).map((text) => line(`  ${text}`)),
		...(failure.hint ? wrapText(failure.hint, columns - 2).map((text) => line(say("quiet", `  ${text}`))) : []),
		...(step?.failedStep?.output ?? "")
			.trim()
			.split("\n")
			.filter((text) => text !== "")
			.slice(-5)
			.map((text) => line(`  | ${text}`)),
	];
}
