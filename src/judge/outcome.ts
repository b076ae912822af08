/** What one check found, before it gets its name and phase. */
import type { CheckResult, CheckStatus } from "../model/verdict.ts";

export type Outcome = Pick<CheckResult, "status" | "expected" | "observed">;

/** The four ways a check can end, given what it asks for. */
export type Ending = Record<CheckStatus, (observed: string) => Outcome>;

/** Makes the endings of a check whose demand reads `expected`. */
export function ending(expected: string): Ending {
	const end = (status: CheckStatus) => (observed: string) => ({ status, expected, observed });
	return { pass: end("pass"), fail: end("fail"), error: end("error"), inconsistent: end("inconsistent") };
}

/** Longest list that is written out in full in a verdict. */
const LISTED = 3;

/** `a; b; c and 4 more`. */
export function listed(items: readonly string[]): string {
	const rest = items.length - LISTED;
	const shown = items.slice(0, LISTED).join("; ");
	return rest > 0 ? `${shown} and ${rest} more` : shown;
}

/** `1 frame`, `2 frames`. */
export function counted(count: number, noun: string): string {
	return `${count} ${noun}${count === 1 ? "" : "s"}`;
}
