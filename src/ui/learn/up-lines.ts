/** A lab that is coming up, in a few lines: what is set up, and how far each node is. Pure. */
import type { NodeView, RunState, TimedPhase } from "../../report/summarise.ts";
import { line, say, type TextLine } from "../text.ts";

/** At most `height` lines; what has been done already goes first. */
export function upLines({ setup, labs }: RunState, height: number): TextLine[] {
	const nodes = labs.flatMap((lab) => lab.nodes);
	const width = Math.max(0, ...nodes.map(({ name }) => name.length));
	const lines = [...setup.flatMap(setupLines), ...nodes.map((node) => nodeLine(node, width))];
	return lines.slice(Math.max(0, lines.length - height));
}

function setupLines({ text, progress, lines }: TimedPhase): TextLine[] {
	if (progress === "done") return [line(say("good", "done"), `  ${text}`)];
	const latest = lines.at(-1);
	const word = progress === "failed" ? say("bad", "FAILED") : say("busy", "now ");
	return [line(word, `  ${text}`), ...(latest ? [line(say("quiet", `      ${latest}`))] : [])];
}

function nodeLine({ name, state, steps, stepsDone, step }: NodeView, width: number): TextLine {
	const done = state === "configured";
	const command = step?.commands[0]?.split("\n")[0];
	return line(
		say("strong", name.padEnd(width)),
		say(done ? "good" : "busy", `  ${done ? "up" : state}`),
		done || steps === undefined ? undefined : `  step ${Math.min(stepsDone + 1, steps)} of ${steps}`,
		command === undefined ? undefined : say("quiet", `  ${command}`),
	);
}
