/** How far a student is in a lesson, and what of it is kept between runs. Pure. */
import { createHash } from "node:crypto";
import type { Lesson } from "../model/lesson.ts";

/** `solved`: by the student. `missed`: a prediction that was wrong. `shown`: lab did it. */
export type Standing = "solved" | "missed" | "shown";

export interface Progress {
	/** Of the lesson's content: what was kept for another version says nothing about this one. */
	version: string;
	/** Id of the step the student is at; empty when the lesson is finished. */
	at: string;
	steps: Record<string, { standing?: Standing; hints: number }>;
	/** The step whose broken state the lab is in, and the run that made that lab. */
	broken?: { step: string; run: string };
}

/** A short name of the lesson's content. */
export function versionOf(lesson: Lesson): string {
	return createHash("sha256").update(JSON.stringify(lesson)).digest("hex").slice(0, 16);
}

export function freshProgress(lesson: Lesson): Progress {
	return { version: versionOf(lesson), at: lesson.steps[0]?.id ?? "", steps: {} };
}

/** What a file holds; undefined when it is not ours, or was kept for another version of the lesson. */
export function parseProgress(text: string, lesson: Lesson): Progress | undefined {
	try {
		const progress = JSON.parse(text) as Partial<Progress>;
		const known = progress.at === "" || lesson.steps.some(({ id }) => id === progress.at);
		if (progress.version !== versionOf(lesson) || !known || typeof progress.steps !== "object") return undefined;
		return progress as Progress;
	} catch {
		return undefined;
	}
}

/** How many steps have ended, and in which way. */
export function tally(progress: Progress): Record<Standing, number> & { hints: number } {
	const sum = { solved: 0, missed: 0, shown: 0, hints: 0 };
	for (const { standing, hints } of Object.values(progress.steps)) {
		if (standing) sum[standing]++;
		sum.hints += hints;
	}
	return sum;
}
