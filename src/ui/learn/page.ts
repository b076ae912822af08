/** What a student reads at a moment of a lesson: the same lines on the screen and in plain text. Pure. */
import stringWidth from "string-width";
import { optionText } from "../../learn/grade.ts";
import { type LessonState, type Note, standingOf, stepAt } from "../../learn/lesson-state.ts";
import { type Standing, tally } from "../../learn/progress.ts";
import type { LessonStep } from "../../model/lesson.ts";
import type { Tone } from "../palette.tsx";
import { BLANK_LINE, line, plural, say, type TextLine, wrapText } from "../text.ts";

/** How a step ended, in a word and a sign. */
export const STANDING_WORDS: Record<Standing, { word: string; sign: string }> = {
	solved: { word: "done", sign: "+" },
	missed: { word: "missed", sign: "x" },
	shown: { word: "shown", sign: "o" },
};

const TONES: Record<Note["kind"], Tone> = {
	good: "good",
	bad: "bad",
	hint: "warning",
	info: "busy",
	trouble: "trouble",
};

/** The page of the step the student is at. `chosen` marks an option, by position. */
export function pageOf(state: LessonState, width: number, chosen?: number): TextLine[] {
	const step = stepAt(state);
	if (!step) return lastPage(state, width);
	const standing = standingOf(state);
	const ended = standing && [line(say("strong", `This step is ${STANDING_WORDS[standing].word}.`))];
	return joined([
		[title(`${state.at + 1}. ${step.title}`)],
		fill(step.text, width),
		askLines(state, step, width, standing === undefined ? (chosen ?? -1) : undefined),
		...(state.note ? [noteLines(state.note, width)] : []),
		...(ended ? [[...ended, ...fill(step.learned, width)]] : []),
	]);
}

/** The question or the task; `chosen` is undefined where there is nothing to choose any more. */
function askLines(state: LessonState, step: LessonStep, width: number, chosen: number | undefined): TextLine[] {
	const before = state.before ? `Before you answer, some requests were sent. ${state.before.join(" ")}` : "";
	const options = step.predict?.options ?? [];
	return [
		line(say("strong", step.predict ? "Question: predict" : "Task")),
		...(before === "" ? [] : fill(before, width)),
		...fill(step.predict?.question ?? step.task?.ask ?? "", width),
		...(chosen === undefined
			? []
			: options.flatMap((option, index) =>
					hanging(`${index === chosen ? ">" : " "} ${index + 1}) `, optionText(option), width, {
						tone: index === chosen ? "strong" : "plain",
					}),
				)),
	];
}

/** What a command has brought, alone. */
export function noteLines(note: Note, width: number): TextLine[] {
	const heading = wrapText(note.title, width).map((text) => line(say(TONES[note.kind], text)));
	return [...heading, ...note.lines.flatMap((text) => noteLine(text, width))];
}

/** Verdicts and commands stand behind their word; all else is filled. */
function noteLine(text: string, width: number): TextLine[] {
	const [verdict, word = ""] = /^(ok|FAIL|ERROR|INCONSISTENT) +/.exec(text) ?? [];
	if (verdict !== undefined) {
		return hanging(verdict, text.slice(verdict.length), width, { tone: word === "ok" ? "good" : "bad" });
	}
	const [node] = /^[a-z0-9-]+\$ /.exec(text) ?? [];
	if (node !== undefined) return hanging(node, text.slice(node.length), width, { tone: "quiet", rest: "busy" });
	if (text === "") return [BLANK_LINE];
	// What fits keeps its columns: it may be the output of a command.
	return stringWidth(text) <= width ? [line(text)] : wrapText(text, width).map((part) => line(part));
}

/** Text behind a word, its further lines below its first. */
function hanging(word: string, text: string, width: number, tones: { tone: Tone; rest?: Tone }): TextLine[] {
	const { tone, rest = "plain" } = tones;
	return wrapText(text, Math.max(1, width - word.length)).map((part, index) =>
		line(index === 0 ? say(tone, word) : " ".repeat(word.length), say(rest, part)),
	);
}

/** The first page: what the lesson is about, while the lab is coming up. */
export function firstPage({ lesson, at }: LessonState, width: number): TextLine[] {
	const total = lesson.steps.length;
	const here = at === 0 ? "" : at >= total ? " You have been through all of them." : ` You go on at step ${at + 1}.`;
	return joined([
		[title(lesson.title)],
		fill(lesson.goal, width),
		fill(`The lesson has ${plural(total, "step")}.${here}`, width),
	]);
}

function lastPage(state: LessonState, width: number): TextLine[] {
	const { solved, missed, shown, hints } = tally(state.progress);
	const { title: name, steps } = state.lesson;
	const open = steps.length - solved - missed - shown;
	const counts = [
		`${solved} of ${plural(steps.length, "step")} done by you`,
		...(missed > 0 ? [`${missed} predicted wrongly`] : []),
		...(shown > 0 ? [`${shown} shown`] : []),
		...(open > 0 ? [`${open} left out`] : []),
		`${plural(hints, "hint")} taken`,
	];
	const rows = steps.map((step, index) => {
		const standing = state.progress.steps[step.id]?.standing;
		const { word, sign } = standing ? STANDING_WORDS[standing] : { word: "left out", sign: " " };
		return line(`  ${sign} ${index + 1}. ${step.title} (${word})`);
	});
	return joined([
		[title(`The end of "${name}"`)],
		fill(`${counts.join(", ")}.`, width),
		rows,
		fill("Go back to any step, or leave. To begin again from nothing: --reset.", width),
	]);
}

function title(text: string): TextLine {
	return line(say("strong", text));
}

function joined(blocks: readonly TextLine[][]): TextLine[] {
	return blocks.flatMap((block, index) => (index === 0 ? block : [BLANK_LINE, ...block]));
}

/** Paragraphs filled to the width; lines that begin with four spaces are commands and are kept as they are. */
export function fill(text: string, width: number): TextLine[] {
	const paragraphs = text.trimEnd().split(/\n\s*\n/);
	return joined(paragraphs.map((paragraph) => paragraphLines(paragraph.split("\n"), width)));
}

function paragraphLines(lines: readonly string[], width: number): TextLine[] {
	const made: TextLine[] = [];
	let words: string[] = [];
	const flush = () => {
		if (words.length > 0) made.push(...wrapText(words.join(" "), width).map((part) => line(part)));
		words = [];
	};
	for (const text of lines) {
		if (!text.startsWith("    ")) words.push(text.trim());
		else {
			flush();
			made.push(line(say("busy", text.slice(2).trimEnd())));
		}
	}
	flush();
	return made;
}
