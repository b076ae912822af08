/** Statuses as words with their meaning; the colour only repeats what the word says. */
import { CHECK_WORDS, type CheckStatus, RUN_WORDS, type RunStatus } from "../model/verdict.ts";
import type { Tone } from "./palette.tsx";
import { type Span, say } from "./text.ts";

const CHECK_TONES: Record<CheckStatus, Tone> = {
	pass: "good",
	fail: "bad",
	error: "trouble",
	inconsistent: "warning",
};

const RUN_TONES: Record<RunStatus, Tone> = {
	passed: "good",
	failed: "bad",
	error: "trouble",
	inconsistent: "warning",
	skipped: "busy",
};

/** The word of a check's status, e.g. PASS. */
export function checkWord(status: CheckStatus): Span {
	return say(CHECK_TONES[status], CHECK_WORDS[status]);
}

/** The word of a scenario's, lab's or run's status, e.g. PASSED. */
export function runWord(status: RunStatus): Span {
	return say(RUN_TONES[status], RUN_WORDS[status]);
}
