/** Where a lesson stands: the one state behind the screen and the plain prompts. Pure. */
import type { Lesson, LessonStep } from "../model/lesson.ts";
import type { Progress, Standing } from "./progress.ts";

/** What the last command has brought. The words carry the meaning, a colour only repeats it. */
export interface Note {
	kind: "good" | "bad" | "hint" | "info" | "trouble";
	title: string;
	lines: string[];
}

export interface LessonState {
	lesson: Lesson;
	/** Position of the step; the number of steps when the lesson is finished. */
	at: number;
	progress: Progress;
	/** What is being done just now; commands wait for its end. */
	busy?: string;
	note?: Note;
	/** What was measured before the question. */
	before?: string[];
}

export type LessonAction =
	| { type: "busy"; text: string }
	| { type: "idle" }
	| { type: "note"; note: Note; standing?: Standing }
	| { type: "hint"; note: Note }
	| { type: "before"; lines: string[] }
	| { type: "broken"; run: string }
	| { type: "whole" }
	| { type: "go"; at: number };

export function beginLesson(lesson: Lesson, progress: Progress): LessonState {
	const found = lesson.steps.findIndex(({ id }) => id === progress.at);
	return { lesson, at: found < 0 ? lesson.steps.length : found, progress };
}

export function reduceLesson(state: LessonState, action: LessonAction): LessonState {
	const { busy: _, ...idle } = state;
	switch (action.type) {
		case "busy":
			return { ...state, busy: action.text };
		case "idle":
			return idle;
		case "note":
			return { ...idle, note: action.note, progress: withStanding(state, action.standing) };
		case "hint":
			return { ...idle, note: action.note, progress: withHint(state) };
		case "before":
			return { ...idle, before: action.lines };
		case "broken":
			return { ...state, progress: { ...state.progress, broken: { step: stepAt(state)?.id ?? "", run: action.run } } };
		case "whole": {
			const { broken: __, ...progress } = state.progress;
			return { ...state, progress };
		}
		case "go": {
			const { note: __, before: ___, ...rest } = idle;
			const at = Math.max(0, Math.min(action.at, state.lesson.steps.length));
			return { ...rest, at, progress: { ...state.progress, at: state.lesson.steps[at]?.id ?? "" } };
		}
	}
}

/** The step the student is at; undefined when the lesson is finished. */
export function stepAt(state: LessonState): LessonStep | undefined {
	return state.lesson.steps[state.at];
}

/** How the step ended; undefined while it is open. */
export function standingOf(state: LessonState, step = stepAt(state)): Standing | undefined {
	return step && state.progress.steps[step.id]?.standing;
}

/** A step that was missed or shown stays so: what counts is how it ended first. */
function withStanding(state: LessonState, standing: Standing | undefined): Progress {
	const { progress } = state;
	const id = stepAt(state)?.id;
	if (id === undefined || standing === undefined) return progress;
	const before = progress.steps[id];
	const kept = { hints: before?.hints ?? 0, standing: before?.standing ?? standing };
	return { ...progress, steps: { ...progress.steps, [id]: kept } };
}

function withHint(state: LessonState): Progress {
	const { progress } = state;
	const id = stepAt(state)?.id ?? "";
	const before = progress.steps[id] ?? { hints: 0 };
	return { ...progress, steps: { ...progress.steps, [id]: { ...before, hints: before.hints + 1 } } };
}
