/** What a student reads at a moment of a lesson, as lines of a width: the same words on the screen and in plain text. Pure. */
import stringWidth from "string-width";
import { optionText } from "./grade.ts";
import { type LessonState, type Note, standingOf, stepAt } from "./lesson-state.ts";
import { type Standing, tally } from "./progress.ts";

/** What a line is; it decides its colour, where there are colours. */
export type LineKind = "text" | "title" | "command" | "label" | Note["kind"];

export interface PageLine {
	text: string;
	kind: LineKind;
}

/** How a step ended, in a word and a sign. */
export const STANDING_WORDS: Record<Standing, { word: string; sign: string }> = {
	solved: { word: "done", sign: "+" },
	missed: { word: "missed", sign: "x" },
	shown: { word: "shown", sign: "o" },
};

const blank: PageLine = { text: "", kind: "text" };

/** The page of the step the student is at. `chosen` marks an option, by position. */
export function pageOf(state: LessonState, width: number, chosen?: number): PageLine[] {
	const step = stepAt(state);
	if (!step) return lastPage(state, width);
	const standing = standingOf(state);
	const ask = step.predict?.question ?? step.task?.ask ?? "";
	const blocks: PageLine[][] = [
		[{ text: `${state.at + 1}. ${step.title}`, kind: "title" }],
		fill(step.text, width, "text"),
		[
			{ text: step.predict ? "Question: predict" : "Task", kind: "label" },
			...(state.before
				? fill(`Before you answer, some requests were sent. ${state.before.join(" ")}`, width, "text")
				: []),
			...fill(ask, width, "text"),
			...(step.predict && standing === undefined ? options(step.predict.options.map(optionText), width, chosen) : []),
		],
		...(state.note ? [noteLines(state.note, width)] : []),
		...(standing === undefined
			? []
			: [
					[
						{ text: `This step is ${STANDING_WORDS[standing].word}.`, kind: "label" as const },
						...fill(step.learned, width, "text"),
					],
				]),
	];
	return joined(blocks);
}

/** What a command has brought, alone. */
export function noteLines(note: Note, width: number): PageLine[] {
	const lines = note.lines.flatMap((line) => {
		if (line === "") return [blank];
		const kind = kindOf(line);
		// Prose is filled; a verdict's second line stands behind its word.
		const indent = /^(ok|[A-Z]{4,}) +/.exec(line)?.[0].length ?? (kind === "command" ? 2 : 0);
		return wrap(line, width, " ".repeat(indent)).map((text): PageLine => ({ text, kind }));
	});
	return [...wrap(note.title, width).map((text) => ({ text, kind: note.kind })), ...lines];
}

/** Lines that quote a command or a verdict keep their own look. */
function kindOf(line: string): LineKind {
	if (/^[a-z0-9-]+\$ /.test(line)) return "command";
	if (/^(FAIL|ERROR|INCONSISTENT) /.test(line)) return "bad";
	return "text";
}

function options(words: readonly string[], width: number, chosen: number | undefined): PageLine[] {
	return words.flatMap((text, index) =>
		wrap(`${index === chosen ? ">" : " "} ${index + 1}) ${text}`, width, "     ").map(
			(line): PageLine => ({ text: line, kind: index === chosen ? "label" : "text" }),
		),
	);
}

/** The first page: what the lesson is about, while the lab is coming up. */
export function firstPage({ lesson, at }: LessonState, width: number): PageLine[] {
	const total = lesson.steps.length;
	const here = at === 0 ? "" : at >= total ? " You have been through all of them." : ` You go on at step ${at + 1}.`;
	return joined([
		[{ text: lesson.title, kind: "title" }],
		fill(lesson.goal, width, "text"),
		fill(`The lesson has ${total} steps.${here}`, width, "text"),
	]);
}

function lastPage(state: LessonState, width: number): PageLine[] {
	const { solved, missed, shown, hints } = tally(state.progress);
	const total = state.lesson.steps.length;
	const open = total - solved - missed - shown;
	const counts = [
		`${solved} of ${total} steps done by you`,
		...(missed > 0 ? [`${missed} predicted wrongly`] : []),
		...(shown > 0 ? [`${shown} shown`] : []),
		...(open > 0 ? [`${open} left out`] : []),
		`${hints} hint${hints === 1 ? "" : "s"} taken`,
	];
	const steps = state.lesson.steps.map((step, index): PageLine => {
		const standing = state.progress.steps[step.id]?.standing;
		const { word, sign } = standing ? STANDING_WORDS[standing] : { word: "left out", sign: " " };
		return { text: `  ${sign} ${index + 1}. ${step.title} (${word})`, kind: "text" };
	});
	return joined([
		[{ text: `The end of "${state.lesson.title}"`, kind: "title" }],
		fill(`${counts.join(", ")}.`, width, "text"),
		steps,
		fill("Go back to any step, or leave. To begin again from nothing: --reset.", width, "text"),
	]);
}

function joined(blocks: readonly PageLine[][]): PageLine[] {
	return blocks.flatMap((block, index) => (index === 0 ? block : [blank, ...block]));
}

/** Paragraphs filled to the width; lines that begin with four spaces are kept as they are. */
export function fill(text: string, width: number, kind: LineKind): PageLine[] {
	const paragraphs = text.trimEnd().split(/\n\s*\n/);
	return joined(
		paragraphs.map((paragraph) => {
			const lines: PageLine[] = [];
			let words: string[] = [];
			const flush = () => {
				lines.push(...wrap(words.join(" "), width).map((line) => ({ text: line, kind })));
				words = [];
			};
			for (const line of paragraph.split("\n")) {
				if (!line.startsWith("    ")) words.push(line.trim());
				else {
					if (words.length > 0) flush();
					lines.push({ text: line.slice(2).trimEnd(), kind: "command" });
				}
			}
			if (words.length > 0) flush();
			return lines;
		}),
	);
}

/** One paragraph in lines of at most `width` columns; a longer word gets lines of its own. `indent` is for the second line on. */
export function wrap(text: string, width: number, indent = ""): string[] {
	const lines: string[] = [];
	let line = "";
	// Leading and doubled spaces align columns, so words keep what stands before them.
	for (const piece of text.match(/\s*\S+/g) ?? []) {
		if (line === "" || stringWidth(line + piece) <= width)
			line = line === "" && lines.length > 0 ? indent + piece.trimStart() : line + piece;
		else {
			lines.push(line);
			line = indent + piece.trimStart();
		}
		while (stringWidth(line) > width && width > indent.length + 1) {
			lines.push(line.slice(0, width));
			line = indent + line.slice(width);
		}
	}
	return line === "" ? lines : [...lines, line];
}
