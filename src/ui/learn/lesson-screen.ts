/** The whole screen of a lesson for one moment, exactly as many lines as told. Pure. */
import { type LessonState, standingOf, stepAt } from "../../learn/lesson-state.ts";
import type { RunState } from "../../report/summarise.ts";
import type { Size } from "../screens/size.ts";
import { BLANK_LINE, line, lineWithRight, type Span, say, type TextLine } from "../text.ts";
import { KEYS, type LearnView, NODE_KEYS } from "./learn-keys.ts";
import { firstPage, pageOf, STANDING_WORDS } from "./page.ts";
import { upLines } from "./up-lines.ts";

/** What is shown. */
export interface LessonScene {
	/** Name of the lab's instance. */
	name: string;
	lesson: LessonState;
	/** False while the lab is coming up. */
	ready: boolean;
	view: LearnView;
	nodes: readonly string[];
	run: RunState;
}

/** Lines that are not the page: heading, rule, rule, status, keys. */
const FRAME = 5;
/** Beyond this text gets hard to read. */
const WIDEST_PAGE = 96;

/** How many lines of a page there is room for. */
export function pageRoom({ rows }: Size): number {
	return Math.max(1, rows - FRAME);
}

/** All lines of the page, also those that there is no room for. */
export function pageLines({ lesson, ready, view, nodes, run }: LessonScene, size: Size): TextLine[] {
	const width = Math.max(20, Math.min(WIDEST_PAGE, size.columns - 2));
	if (view.overlay === "keys") return keyList();
	if (view.overlay === "nodes") return nodeList(nodes);
	if (ready) return pageOf(lesson, width, view.chosen);
	const page = firstPage(lesson, width);
	return [...page, BLANK_LINE, ...upLines(run, Math.max(3, pageRoom(size) - page.length - 1))];
}

export function lessonLines(scene: LessonScene, size: Size, now: number): TextLine[] {
	const { view, lesson, ready } = scene;
	const room = pageRoom(size);
	const lines = pageLines(scene, size);
	const start = Math.min(view.scroll, Math.max(0, lines.length - room));
	const shown = lines.slice(start, start + room).map(indented);
	const rule = line(say("quiet", "─".repeat(size.columns)));
	const hidden = [
		...(start > 0 ? ["PgUp: more above"] : []),
		...(lines.length > start + room ? ["PgDn: more below"] : []),
	].join("  ");
	return [
		headingLine(scene),
		rule,
		...shown,
		...Array.from({ length: room - shown.length }, () => BLANK_LINE),
		rule,
		lineWithRight(statusSpans(scene, now), hidden === "" ? [] : [say("warning", `${hidden} `)]),
		keyLine(lesson, ready, view),
	].slice(0, size.rows);
}

function indented({ spans, right }: TextLine): TextLine {
	return { spans: spans.length === 0 ? [] : [{ text: " " }, ...spans], ...(right ? { right } : {}) };
}

function headingLine({ name, lesson, ready }: LessonScene): TextLine {
	const { steps, title } = lesson.lesson;
	const signs = steps.map((step, index) => {
		const standing = standingOf(lesson, step);
		return standing ? STANDING_WORDS[standing].sign : index === lesson.at ? ">" : ".";
	});
	const place = lesson.at >= steps.length ? "the end" : `step ${lesson.at + 1} of ${steps.length}`;
	const right = ready ? `${place}  ${signs.join("")} ` : `${steps.length} steps `;
	return lineWithRight([say("strong", ` ${name}`), say("quiet", `  ${title}`)], [say("strong", right)]);
}

const SPINNER = ["|", "/", "-", "\\"];
/** Milliseconds of a quarter turn. */
const QUARTER = 250;

/** What is going on, or where the lab is. */
function statusSpans({ lesson, ready, run }: LessonScene, now: number): Span[] {
	const busy = ready ? lesson.busy : "The lab is coming up";
	if (busy === undefined) return [say("quiet", ` ${engineWords(run)}`)];
	const phase = run.labs.at(-1)?.scenarios.at(-1)?.phases.at(-1);
	const sending = ready && phase !== undefined && phase.sent < phase.total;
	const traffic = sending ? ` (${phase.sent} of ${phase.total} requests)` : "";
	return [say("busy", ` ${SPINNER[Math.floor(now / QUARTER) % SPINNER.length]} ${busy}${traffic} ...`)];
}

function engineWords({ engine }: RunState): string {
	if (!engine) return "";
	return engine.kind === "vm" ? "The lab is up in its own machine." : "The lab is up on your Docker daemon.";
}

type KeyText = readonly [key: string, what: string];

const ALWAYS: KeyText[] = [
	["?", "keys"],
	["q", "quit "],
];

/** The keys that matter now, and at the right, where nothing is cut off, those that always do. */
function keyLine(lesson: LessonState, ready: boolean, view: LearnView): TextLine {
	return lineWithRight(keySpans(keysNow(lesson, ready, view)), view.overlay === "none" ? keySpans(ALWAYS) : []);
}

function keySpans(keys: readonly KeyText[]): Span[] {
	return keys.flatMap(([key, what], index) => [
		{ text: index === 0 ? " " : "  " },
		say("strong", key),
		{ text: ` ${what}` },
	]);
}

/** At most what fits into 80 columns beside those that are always shown. */
function keysNow(lesson: LessonState, ready: boolean, { overlay }: LearnView): KeyText[] {
	if (overlay === "keys") return [["any key", "back to the lesson"]];
	if (overlay === "nodes") {
		return [
			["1-9, a-z", "shell in that node"],
			["Esc", "back to the lesson"],
		];
	}
	const step = stepAt(lesson);
	if (!ready) return [];
	if (!step) return [["b", "back"]];
	const shell: KeyText = ["s", `shell in ${step.shell}`];
	if (standingOf(lesson) !== undefined) return [["Enter", "next step"], ["b", "back"], shell];
	const common: KeyText[] = [
		["h", "hint"],
		["v", "solve"],
		["n", "next"],
	];
	if (!step.predict) return [shell, ["c", "check"], ...common];
	return [[`1-${step.predict.options.length}`, "choose"], ["Enter", "answer"], ["s", "shell"], ...common];
}

function keyList(): TextLine[] {
	const width = Math.max(...KEYS.map(([key]) => key.length));
	return [
		line(say("strong", "Keys")),
		BLANK_LINE,
		...KEYS.map(([key, what]) => line(say("strong", `  ${key.padEnd(width)}`), `  ${what}`)),
		BLANK_LINE,
		line("Signs of steps:  > you are here   + done   x missed   o shown   . open"),
	];
}

function nodeList(nodes: readonly string[]): TextLine[] {
	return [
		line(say("strong", "A shell in which node?")),
		BLANK_LINE,
		...nodes.map((node, index) => line(say("strong", `  ${NODE_KEYS[index] ?? " "}`), `  ${node}`)),
	];
}
