/** The steps tab: everything one node was made to do, as commands to type, each with its reason. Pure. */
import type { PlannedStep } from "../../model/plan.ts";
import type { NodeView } from "../../report/summarise.ts";
import { type LabEntry, memoryOf, type UiState } from "../state/state.ts";
import { BLANK_LINE, line, plural, type Span, say, type TextLine, windowOf, wrapText } from "../text.ts";
import { nodeSign } from "./node-sign.ts";
import type { Size } from "./size.ts";

export function stepsLines(state: UiState, entry: LabEntry, size: Size): TextLine[] {
	if (!entry.facts) return [];
	const memory = memoryOf(state, entry.name);
	const { nodes } = entry.facts.plan;
	const node = nodes[Math.min(memory.node, nodes.length - 1)];
	if (!node) return [];
	const run = state.job?.lab === entry.name ? state.job.run : memory.up;
	const view = run?.labs.flatMap((lab) => lab.nodes).find(({ name }) => name === node.name);
	const { word, tone } = nodeSign(state, entry, node.name);
	const heading = line(
		...nodes.flatMap(({ name }) => [name === node.name ? say("strong", `[${name}]`) : ` ${name} `, " "]),
	);
	const about = line(` ${node.name}, ${node.role}: ${plural(node.steps.length, "step")}  `, say(tone, word));
	const steps = node.steps.flatMap((step, index) => stepLines(step, index, view, entry, size.columns));
	const none = [line(" Nothing beyond its interfaces.")];
	const { shown } = windowOf(steps.length > 0 ? steps : none, size.rows - 3, memory.scroll.steps ?? 0);
	return [heading, about, BLANK_LINE, ...shown];
}

function stepLines(
	step: PlannedStep,
	index: number,
	view: NodeView | undefined,
	entry: LabEntry,
	columns: number,
): TextLine[] {
	const failed = view?.failedStep?.id === step.id;
	return [
		line(stepWord(step, index, view, entry), say("strong", ` ${step.id}`), say("quiet", `  ${step.kind}`)),
		...step.commands.flatMap((command) => command.split("\n")).map((command) => line(say("busy", `    # ${command}`))),
		...wrapText(step.why, columns - 5).map((text) => line(say("quiet", `    ${text}`))),
		...(failed
			? (view?.failedStep?.output ?? "")
					.trim()
					.split("\n")
					.map((text) => line(say("bad", `    | ${text}`)))
			: []),
		BLANK_LINE,
	];
}

function stepWord(step: PlannedStep, index: number, view: NodeView | undefined, entry: LabEntry): Span {
	if (view?.failedStep?.id === step.id) return say("bad", "FAILED");
	if (view?.step?.id === step.id) return say("busy", "now   ");
	const done = view ? index < view.stepsDone || view.state === "configured" : entry.live !== undefined;
	return done ? say("good", "done  ") : say("quiet", "to do ");
}
