/** Lines of a screen as data: text with a meaning per piece. Screens make them, one component draws them, `--plain` prints them. */
import stringWidth from "string-width";
import type { Tone } from "./palette.tsx";

export interface Span {
	text: string;
	tone?: Tone;
}

export interface TextLine {
	spans: Span[];
	/** Shown at the right edge; never cut. */
	right?: Span[];
}

type Part = string | Span | undefined;

/** A line of pieces; what is undefined is left out. */
export function line(...parts: Part[]): TextLine {
	return { spans: spansOf(parts) };
}

/** The same with something at the right edge. */
export function lineWithRight(parts: Part[], right: Part[]): TextLine {
	const spans = spansOf(right);
	return { spans: spansOf(parts), ...(spans.length > 0 ? { right: spans } : {}) };
}

function spansOf(parts: Part[]): Span[] {
	return parts.flatMap((part) => (part === undefined ? [] : typeof part === "string" ? [{ text: part }] : [part]));
}

export function say(tone: Tone, text: string): Span {
	return { text, tone };
}

export const BLANK_LINE: TextLine = { spans: [] };

/** A line as mere text. */
export function plainText({ spans, right = [] }: TextLine): string {
	const text = (list: Span[]) => list.map((span) => span.text).join("");
	return right.length === 0 ? text(spans).trimEnd() : `${text(spans)}  ${text(right)}`.trimEnd();
}

/** Text in lines of at most `width` cells, broken at spaces; a longer word is broken where it must, and indentation is kept. */
export function wrapText(text: string, width: number): string[] {
	return text.split("\n").flatMap((paragraph) => {
		const indent = /^ */.exec(paragraph)?.[0] ?? "";
		const room = Math.max(1, width - indent.length);
		return wrapWords(paragraph.trim().split(/ +/), room).map((words) => `${indent}${words}`.trimEnd());
	});
}

function wrapWords(words: string[], width: number): string[] {
	const lines: string[] = [];
	let current = "";
	for (const word of words.flatMap((entry) => pieces(entry, width))) {
		const joined = current === "" ? word : `${current} ${word}`;
		if (stringWidth(joined) > width) {
			lines.push(current);
			current = word;
		} else {
			current = joined;
		}
	}
	return [...lines, current];
}

function pieces(word: string, width: number): string[] {
	if (stringWidth(word) <= width) return [word];
	return Array.from({ length: Math.ceil(word.length / width) }, (_, index) =>
		word.slice(index * width, (index + 1) * width),
	);
}

/** The part of a list that fits into `height` lines from `offset` on, and where that offset really is. */
export function windowOf(
	lines: readonly TextLine[],
	height: number,
	offset: number,
): { shown: TextLine[]; at: number } {
	if (lines.length <= height) return { shown: [...lines], at: 0 };
	const room = Math.max(1, height - 1);
	const at = Math.max(0, Math.min(offset, lines.length - room));
	const above = at > 0 ? `${at} above` : "";
	const below = lines.length - at - room;
	const words = [above, below > 0 ? `${below} below` : ""].filter((word) => word !== "").join(", ");
	return { shown: [...lines.slice(at, at + room), line(say("quiet", `... ${words}`))], at };
}

/** The offset that keeps line `focus` of `count` in view. */
export function offsetFor(focus: number, count: number, height: number): number {
	return count <= height ? 0 : Math.max(0, focus - Math.floor((height - 1) / 2));
}

/** `3 nodes`, `1 node`. */
export function plural(count: number, noun: string): string {
	return `${count} ${noun}${count === 1 ? "" : "s"}`;
}
