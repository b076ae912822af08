/** A check as lines: its verdict as a word, what was seen, and, unless it passed, what was expected. Pure. */
import type { CheckStatus, RunStatus } from "../../model/verdict.ts";
import type { CheckView } from "../../report/summarise.ts";
import type { Tone } from "../palette.tsx";
import { line, type Span, say, type TextLine, wrapText } from "../text.ts";

const CHECKS: Record<CheckStatus, Span> = {
	pass: say("good", "PASS"),
	fail: say("bad", "FAIL"),
	error: say("trouble", "ERROR"),
	inconsistent: say("warning", "INCONSISTENT"),
};

const RUNS: Record<RunStatus, { word: string; tone: Tone }> = {
	passed: { word: "PASSED", tone: "good" },
	failed: { word: "FAILED", tone: "bad" },
	error: { word: "ERROR", tone: "trouble" },
	inconsistent: { word: "INCONSISTENT", tone: "warning" },
	skipped: { word: "SKIPPED", tone: "quiet" },
};

export function runWord(status: RunStatus): Span {
	return say(RUNS[status].tone, RUNS[status].word);
}

/** One line when it passed; else everything, wrapped. */
export function checkLines(check: CheckView, columns: number, indent: number): TextLine[] {
	const space = " ".repeat(indent);
	if (check.status === "pass") return [line(space, CHECKS.pass, ` ${check.check}: ${oneLine(check.observed)}`)];
	const wide = columns - indent - 12;
	const part = (label: string, text: string) =>
		wrapText(text, wide).map((words, index) => line(`${space}  ${(index === 0 ? label : "").padEnd(9)} ${words}`));
	return [
		line(space, CHECKS[check.status], say("strong", ` ${check.check}`)),
		...part("expected", check.expected),
		...part("observed", check.observed),
	];
}

function oneLine(text: string): string {
	const [first = "", ...rest] = text.trim().split("\n");
	return rest.length === 0 ? first : `${first} ...`;
}
