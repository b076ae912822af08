/** Failures as lines a person can act on: what happened, the output in full, what to do. */
import type { ChalkInstance } from "chalk";
import { formatWhere } from "../model/error.ts";
import type { FailureView, NodeView, TimedPhase } from "./summarise.ts";

/** An error with its place and the way out. */
export function failureLines(failure: FailureView, colours: ChalkInstance): string[] {
	const [first = "", ...rest] = failureText(failure);
	return [first.replace(/^error/, colours.red.bold("error")), ...rest];
}

/** The same without colour. */
export function failureText(failure: FailureView): string[] {
	const where = failure.where === undefined ? "" : `${formatWhere(failure.where)}: `;
	const [message = "", ...more] = failure.message.split("\n");
	const hint = failure.hint === undefined ? [] : failure.hint.split("\n");
	return [
		`error [${failure.code}] ${where}${message}`,
		...more.map((line) => `  ${line}`),
		...hint.map((line, index) => `${index === 0 ? "hint: " : "      "}${line}`),
	];
}

/** The failed step of a node with its commands and all they said; nothing when none failed. */
export function stepFailureLines(node: NodeView): string[] {
	const step = node.failedStep;
	if (!step) return [];
	const commands = step.commands.flatMap((command) => command.split("\n"));
	return [
		`step ${step.id} failed on ${node.name}`,
		...commands.map((command) => `  ${node.name}# ${command}`),
		...outputLines(step.output ?? "").map((line) => `  | ${line}`),
	];
}

/** A failed set-up phase with its last output lines. */
export function setupFailureLines(phase: TimedPhase): string[] {
	const why = phase.failure === undefined ? "" : `: ${phase.failure}`;
	return [`set-up ${phase.name} failed${why}`, ...phase.lines.map((line) => `  | ${line}`)];
}

function outputLines(output: string): string[] {
	return output.trimEnd() === "" ? [] : output.trimEnd().split("\n");
}
