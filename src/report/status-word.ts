/** Statuses as words of one width. The word is the sign; colour only repeats it. */
import type { ChalkInstance } from "chalk";
import { CHECK_WORDS, type CheckStatus, RUN_WORDS, type RunStatus } from "../model/verdict.ts";

/** The word of a check's status, e.g. PASS. */
export function checkWord(status: CheckStatus, colours: ChalkInstance): string {
	const paint = { pass: colours.green, fail: colours.red, error: colours.magenta, inconsistent: colours.yellow };
	return paint[status].bold(CHECK_WORDS[status]);
}

/** The word of a scenario's, lab's or run's status, e.g. PASSED. */
export function runWord(status: RunStatus, colours: ChalkInstance): string {
	const paint = {
		passed: colours.green,
		failed: colours.red,
		error: colours.magenta,
		inconsistent: colours.yellow,
		skipped: colours.cyan,
	};
	return paint[status].bold(RUN_WORDS[status]);
}
