/** The screen of a lesson: what keys mean, and what it looks like at a few moments. */
import { Console } from "node:console";
import { renderToString } from "ink";
import stringWidth from "string-width";
import { describe, expect, it, vi } from "vitest";
import { openLesson } from "../../src/config/find-labs.ts";
import { beginLesson, type LessonAction, reduceLesson } from "../../src/learn/lesson-state.ts";
import { freshProgress } from "../../src/learn/progress.ts";
import { INITIAL_STATE, reduce } from "../../src/report/summarise.ts";
import { FIRST_VIEW, KEYS, type LearnView, onKey, type Scene } from "../../src/ui/learn/learn-keys.ts";
import { type LessonScene, lessonLines, pageLines, pageRoom } from "../../src/ui/learn/lesson-screen.ts";
import { Lines } from "../../src/ui/lines.tsx";
import { passingRun } from "../report/runs.ts";

// In CI ink draws nothing until the end, and this has to be known before ink is loaded.
vi.hoisted(() => {
	delete process.env.CI;
	delete process.env.CONTINUOUS_INTEGRATION;
});
// ink captures the console; the one that vitest puts in its place lacks the constructor for that.
vi.stubGlobal("console", Object.assign(console, { Console }));

const { lab, lesson } = openLesson("ipvs-nat", ".");
const nodes = Object.keys(lab.nodes);
const start = beginLesson(lesson, freshProgress(lesson));
const after = (...actions: LessonAction[]) => actions.reduce(reduceLesson, start);
const RED = { kind: "bad", title: "Not yet.", lines: ["FAIL  answered: 0 of 4 answered (wanted: all)"] } as const;
const note = { ...RED, lines: [...RED.lines] };
const TASK = lesson.steps.findIndex(({ task }) => task);
const onTask = after({ type: "go", at: TASK });

function scene(given: Partial<Scene> = {}): Scene {
	return { view: FIRST_VIEW, lesson: start, nodes, lines: 10, room: 18, ...given };
}

const command = (pressed: string, given: Partial<Scene> = {}) => onKey(scene(given), pressed).command;
const view = (pressed: string, given: Partial<Scene> = {}): LearnView => onKey(scene(given), pressed).view;

describe("a key", () => {
	it("chooses an option, and Enter answers with it", () => {
		expect(view("2").chosen).toBe(1);
		expect(view("9").chosen).toBe(0);
		expect(view("down").chosen).toBe(1);
		expect(view("up").chosen).toBe(0);
		expect(command("enter", { view: { ...FIRST_VIEW, chosen: 2 } })).toEqual({ do: "answer", chosen: 2 });
	});

	it("Enter shows the options first when they are out of sight", () => {
		const long = { lines: 30, room: 18 };
		expect(command("enter", long)).toBeUndefined();
		expect(view("enter", long).scroll).toBe(12);
		expect(view("2", long)).toMatchObject({ chosen: 1, scroll: 12 });
	});

	it.each([
		["c", { do: "check" }],
		["h", { do: "hint" }],
		["v", { do: "solve" }],
		["n", { do: "next" }],
		["b", { do: "back" }],
		["r", { do: "rebuild" }],
		["s", { do: "shell", node: lesson.steps[TASK]?.shell }],
		["q", "quit"],
	])("%s on a task: %j", (pressed, expected) => {
		expect(command(pressed, { lesson: onTask })).toEqual(expected);
	});

	it("Enter checks a task, and goes on once a step has ended", () => {
		expect(command("enter", { lesson: onTask })).toEqual({ do: "check" });
		const ended = reduceLesson(onTask, { type: "note", note, standing: "solved" });
		expect(command("enter", { lesson: ended })).toEqual({ do: "next" });
		expect(command("h", { lesson: ended })).toBeUndefined();
		expect(command("v", { lesson: ended })).toBeUndefined();
	});

	it("does nothing that does not fit: no check of a question, nothing behind the end, nothing before the first", () => {
		expect(command("c")).toBeUndefined();
		expect(command("b")).toBeUndefined();
		const end = after({ type: "go", at: 99 });
		for (const pressed of ["n", "s", "h", "v", "c"]) expect(command(pressed, { lesson: end })).toBeUndefined();
		expect(command("enter", { lesson: end })).toBeUndefined();
	});

	it("waits while something is done, but for leaving and reading", () => {
		const busy = { lesson: reduceLesson(onTask, { type: "busy", text: "Checking" }), lines: 30 };
		for (const pressed of ["c", "n", "s", "h"]) expect(command(pressed, busy)).toBeUndefined();
		expect(command("q", busy)).toBe("quit");
		expect(command("ctrl-c", busy)).toBe("interrupt");
		expect(view("?", busy).overlay).toBe("keys");
		expect(view("j", busy).scroll).toBe(1);
	});

	it("while the lab is coming up only leaves, reads and helps", () => {
		const { lesson: _, ...coming } = scene();
		expect(onKey(coming, "n").command).toBeUndefined();
		expect(onKey(coming, "q").command).toBe("quit");
		expect(onKey(coming, "?").view.overlay).toBe("keys");
	});

	it("scrolls within the page", () => {
		const page = { lesson: onTask, lines: 40, room: 18 };
		expect(view("pagedown", page).scroll).toBe(17);
		expect(view(" ", { ...page, view: { ...FIRST_VIEW, scroll: 17 } }).scroll).toBe(22);
		expect(view("pageup", { ...page, view: { ...FIRST_VIEW, scroll: 17 } }).scroll).toBe(0);
		expect(view("j", { ...page, lines: 10 }).scroll).toBe(0);
	});

	it("w lists the nodes, and the next key picks one or none", () => {
		const picking = { view: { ...FIRST_VIEW, overlay: "nodes" as const } };
		expect(view("w").overlay).toBe("nodes");
		expect(onKey(scene(picking), "3")).toEqual({ view: FIRST_VIEW, command: { do: "shell", node: "gw" } });
		expect(onKey(scene(picking), "escape")).toEqual({ view: FIRST_VIEW });
		expect(onKey(scene(picking), "z")).toEqual({ view: FIRST_VIEW });
	});
});

const SIZE = { columns: 80, rows: 24 };

function sceneOf(given: Partial<LessonScene> = {}): LessonScene {
	const run = passingRun().reduce(reduce, INITIAL_STATE);
	return { name: "ipvs-nat", lesson: start, ready: true, view: FIRST_VIEW, nodes, run, ...given };
}

/** The screen as it is drawn, line by line. */
function drawn(given: Partial<LessonScene> = {}, size = SIZE, color = false): string {
	const lines = lessonLines(sceneOf(given), size, 0);
	expect(lines.length).toBe(Math.min(lines.length, size.rows));
	const { columns } = size;
	return renderToString(<Lines lines={lines} columns={columns} color={color} />, { columns });
}

const MOMENTS: [string, Partial<LessonScene>][] = [
	["coming-up", { ready: false, run: passingRun().slice(0, 12).reduce(reduce, INITIAL_STATE) }],
	["question", {}],
	["task", { lesson: onTask }],
	["checking", { lesson: reduceLesson(onTask, { type: "busy", text: "Checking with real traffic" }) }],
	["not-yet", { lesson: reduceLesson(onTask, { type: "note", note }), view: { ...FIRST_VIEW, scroll: 99 } }],
	["keys", { view: { ...FIRST_VIEW, overlay: "keys" } }],
	["nodes", { view: { ...FIRST_VIEW, overlay: "nodes" } }],
	["the-end", { lesson: after({ type: "note", note, standing: "missed" }, { type: "go", at: 99 }) }],
];

describe("the screen", () => {
	it.each(MOMENTS)("%s", async (moment, given) => {
		await expect(`${drawn(given)}\n`).toMatchFileSnapshot(`golden/learn-${moment}.80x24.txt`);
	});

	it.each([
		[80, 24],
		[40, 12],
		[132, 50],
		[20, 6],
	])("fits into %d x %d at every moment", (columns, rows) => {
		for (const [moment, given] of MOMENTS) {
			const lines = drawn(given, { columns, rows }).split("\n");
			expect(lines.length, moment).toBe(rows);
			for (const line of lines) expect(stringWidth(line), `${moment}: ${line}`).toBeLessThanOrEqual(columns);
		}
	});

	it("always has the keys in its last line", () => {
		for (const [moment, given] of MOMENTS) {
			expect(drawn(given).trimEnd().split("\n").at(-1), moment).toMatch(/\? keys {2}q quit ?$|any key|Esc/);
		}
	});

	it("says without a colour how the steps stand", () => {
		const lesson = after({ type: "note", note, standing: "missed" }, { type: "go", at: 1 });
		expect(drawn({ lesson })).toContain("step 2 of 8  x>......");
		expect(drawn({ lesson })).not.toContain("\u001b[");
	});

	it("shows every key of the help at once", () => {
		const text = drawn({ view: { ...FIRST_VIEW, overlay: "keys" } });
		for (const [, what] of KEYS) expect(text).toContain(what);
	});

	it("says what is out of sight, and how to get there", () => {
		const small = { columns: 60, rows: 16 };
		expect(pageLines(sceneOf({ lesson: onTask }), small).length).toBeGreaterThan(pageRoom(small));
		expect(drawn({ lesson: onTask }, small)).toContain("PgDn: more below");
		const scrolled = { lesson: onTask, view: { ...FIRST_VIEW, scroll: 1 } };
		expect(drawn(scrolled, small)).toContain("PgUp: more above  PgDn: more below");
	});
});
