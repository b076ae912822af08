/** Grading: which option fits what was measured, and which hint fits the state of the lab. Pure. */
import type { Hint, Predict, Probe } from "../model/lesson.ts";

type Option = Predict["options"][number];

/** An option as the student reads it. */
export function optionText(option: Option): string {
	return typeof option === "string" ? option : option.say;
}

/** True when the option stands for the measured value. */
export function fits(option: Option, value: string): boolean {
	if (typeof option === "string") return same(option, value);
	const { say, is, from, to } = option;
	if (from === undefined && to === undefined) return same(is ?? say, value);
	const number = Number(value);
	return number >= (from ?? -Infinity) && number <= (to ?? Infinity);
}

function same(left: string, right: string): boolean {
	return left.trim().toLowerCase() === right.trim().toLowerCase();
}

/** What to say to somebody who chose the option and is wrong. */
export function wrongText(option: Option | undefined): string | undefined {
	return typeof option === "object" ? option.wrong : undefined;
}

/** Positions of the options that fit; a question is sound when there is exactly one. */
export function fitting({ options }: Pick<Predict, "options">, value: string): number[] {
	return options.flatMap((option, index) => (fits(option, value) ? [index] : []));
}

/** The option that somebody who reads and types means: its number, or its words. Undefined for anything else. */
export function optionMeant({ options }: Pick<Predict, "options">, typed: string): number | undefined {
	const words = typed.trim().toLowerCase();
	const number = /^\d+$/.test(words) ? Number(words) : undefined;
	// An option may itself be a number: then its words count, not its place.
	const said = options.findIndex((option) => optionText(option).toLowerCase() === words);
	if (said >= 0) return said;
	return number !== undefined && number >= 1 && number <= options.length ? number - 1 : undefined;
}

/** True when the output of a probe's command is what the probe is about. */
export function probeFits(probe: Probe, output: string): boolean {
	const text = output.trim();
	if (probe.equals !== undefined) return text === probe.equals.trim();
	if (probe.matches !== undefined) return new RegExp(probe.matches, "m").test(text);
	return !new RegExp(probe.lacks ?? "", "m").test(text);
}

/** The first hint whose state is there. Later ones are not looked at: each look is a command in the lab. */
export async function firstHint(
	hints: readonly Hint[],
	look: (probe: Probe) => Promise<string>,
): Promise<{ hint: Hint; index: number } | undefined> {
	for (const [index, hint] of hints.entries()) {
		if (probeFits(hint.when, await look(hint.when))) return { hint, index };
	}
	return undefined;
}
