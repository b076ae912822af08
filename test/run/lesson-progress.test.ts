import { expect, test } from "vitest";
import { openLesson } from "../../src/config/find-labs.ts";
import { beginLesson, reduceLesson, standingOf } from "../../src/learn/lesson-state.ts";
import { freshProgress, parseProgress, tally, versionOf } from "../../src/learn/progress.ts";

const { lesson } = openLesson("ipvs-nat", ".");
const note = { kind: "info", title: "", lines: [] } as const;
const told = { ...note, lines: [] };

test("what is kept is found again, for the same lesson only", () => {
	const kept = JSON.stringify({ ...freshProgress(lesson), at: "in-turn" });
	expect(parseProgress(kept, lesson)?.at).toBe("in-turn");
	const changed = { ...lesson, title: "Another lesson" };
	expect(versionOf(changed)).not.toBe(versionOf(lesson));
	expect(parseProgress(kept, changed)).toBeUndefined();
	expect(parseProgress(kept.replace("in-turn", "no-step"), lesson)).toBeUndefined();
	for (const text of ["", "{", "[]", "null", '{"version":1}']) expect(parseProgress(text, lesson)).toBeUndefined();
});

test("a lesson goes on where it was left, and ends behind its last step", () => {
	const { steps } = lesson;
	expect(beginLesson(lesson, { ...freshProgress(lesson), at: steps[3]?.id ?? "" }).at).toBe(3);
	expect(beginLesson(lesson, { ...freshProgress(lesson), at: "" }).at).toBe(steps.length);
	const last = reduceLesson(beginLesson(lesson, freshProgress(lesson)), { type: "go", at: 99 });
	expect([last.at, last.progress.at]).toEqual([steps.length, ""]);
});

test("how a step ended first is what counts, and a going on forgets what was said", () => {
	let state = beginLesson(lesson, freshProgress(lesson));
	state = reduceLesson(state, { type: "hint", note: told });
	state = reduceLesson(state, { type: "note", note: told, standing: "missed" });
	state = reduceLesson(state, { type: "note", note: told, standing: "solved" });
	expect(standingOf(state)).toBe("missed");
	state = reduceLesson(state, { type: "go", at: 1 });
	expect([state.note, standingOf(state)]).toEqual([undefined, undefined]);
	state = reduceLesson(state, { type: "note", note: told, standing: "solved" });
	expect(tally(state.progress)).toEqual({ solved: 1, missed: 1, shown: 0, hints: 1 });
});
