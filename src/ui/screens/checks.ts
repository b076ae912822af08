/** A check as lines: its verdict as a word, what was seen, and, unless it passed, what was expected. Pure. */
import type { CheckView } from "../../report/summarise.ts";
import { checkWord } from "../status-words.ts";
import { line, say, type TextLine, wrapText } from "../text.ts";

/** One line when it passed; else everything, wrapped. */
export function checkLines(check: CheckView, columns: number, indent: number): TextLine[] {
	const space = " ".repeat(indent);
	if (check.status === "pass")
		return [line(space, checkWord(check.status), ` ${check.check}: ${oneLine(check.observed)}`)];
	const wide = columns - indent - 12;
	const part = (label: string, text: string) =>
		wrapText(text, wide).map((words, index) => line(`${space}  ${(index === 0 ? label : "").padEnd(9)} ${words}`));
	return [
		line(space, checkWord(check.status), say("strong", ` ${check.check}`)),
		...part("expected", check.expected),
		...part("observed", check.observed),
	];
}

function oneLine(text: string): string {
	const [first = "", ...rest] = text.trim().split("\n");
	return rest.length === 0 ? first : `${first} ...`;
}
