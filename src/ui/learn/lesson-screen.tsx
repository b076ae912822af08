/** The screen of a lesson for one moment: a function of the lesson, the screen's own state, the run and the size. */
import { Box, Text } from "ink";
import type { ReactNode } from "react";
import { type LessonState, standingOf, stepAt } from "../../learn/lesson-state.ts";
import { firstPage, type LineKind, type PageLine, pageOf, STANDING_WORDS } from "../../learn/page.ts";
import type { RunState } from "../../report/summarise.ts";
import { fitRows } from "../fit-rows.ts";
import { Line } from "../line.tsx";
import { ColourContext, Say, type Tone } from "../palette.tsx";
import { type ScreenSize, screenRows } from "../screen-rows.tsx";
import { ProgressSign } from "../spinner.tsx";
import { KEYS, type LearnView, NODE_KEYS } from "./learn-keys.ts";

export interface LessonScreenProps {
	/** Name of the lab's instance. */
	name: string;
	lesson: LessonState;
	/** False while the lab is coming up. */
	ready: boolean;
	view: LearnView;
	nodes: readonly string[];
	run: RunState;
	size: ScreenSize;
	now: number;
	color: boolean;
}

/** Lines of the screen that are not the page: heading, rule, rule, status, keys. */
const FRAME = 5;
/** Beyond this text gets hard to read. */
const WIDEST_PAGE = 96;

const TONES: Record<LineKind, Tone> = {
	text: "plain",
	title: "strong",
	command: "busy",
	label: "strong",
	good: "good",
	bad: "bad",
	hint: "warning",
	info: "busy",
	trouble: "trouble",
};

/** How many lines of a page there is room for. */
export function pageRoom({ rows }: ScreenSize): number {
	// A frame as high as the terminal makes ink clear all of it, scrollback included.
	return Math.max(1, rows - 1 - FRAME);
}

/** The page that is shown, as lines. */
export function pageLines({ lesson, ready, view, nodes, size }: LessonScreenProps): PageLine[] {
	const width = Math.max(20, Math.min(WIDEST_PAGE, size.columns - 2));
	if (view.overlay === "keys") return keyLines();
	if (view.overlay === "nodes") return nodeLines(nodes);
	return ready ? pageOf(lesson, width, view.chosen) : firstPage(lesson, width);
}

export function LessonScreen(props: LessonScreenProps): ReactNode {
	const { name, lesson, ready, view, run, size, now, color } = props;
	const room = pageRoom(size);
	const lines = pageLines(props);
	const start = Math.min(view.scroll, Math.max(0, lines.length - room));
	const below = lines.length - start - room;
	// While the lab is coming up what happens there is worth more than a long page.
	const live =
		ready || view.overlay !== "none"
			? []
			: fitRows(screenRows(run, size, now), Math.max(3, room - lines.length - 1)).shown;
	const shown = lines.slice(start, start + Math.max(1, room - (live.length > 0 ? live.length + 1 : 0)));
	return (
		<ColourContext.Provider value={color}>
			<Box flexDirection="column" width={size.columns} height={room + FRAME}>
				<Heading name={name} lesson={lesson} ready={ready} />
				<Rule columns={size.columns} />
				<Box flexDirection="column" height={room} paddingLeft={1}>
					{shown.map((line, index) => (
						// biome-ignore lint/suspicious/noArrayIndexKey: a line is its place on the screen
						<PageRow key={index} line={line} />
					))}
					{live.length > 0 ? <Text> </Text> : null}
					{live.map((row) => (
						<Box key={row.key} height={1}>
							{row.element}
						</Box>
					))}
				</Box>
				<Rule columns={size.columns} />
				<Status lesson={lesson} ready={ready} run={run} now={now} below={below} above={start} />
				<Keys lesson={lesson} ready={ready} view={view} />
			</Box>
		</ColourContext.Provider>
	);
}

function PageRow({ line }: { line: PageLine }): ReactNode {
	return (
		<Box height={1}>
			<Text wrap="truncate-end">
				<Say tone={TONES[line.kind]}>{line.text === "" ? " " : line.text}</Say>
			</Text>
		</Box>
	);
}

function Rule({ columns }: { columns: number }): ReactNode {
	return (
		<Line>
			<Say tone="quiet">{"─".repeat(columns)}</Say>
		</Line>
	);
}

function Heading({ name, lesson, ready }: Pick<LessonScreenProps, "name" | "lesson" | "ready">): ReactNode {
	const { steps, title } = lesson.lesson;
	const signs = steps.map((step, index) => {
		const standing = standingOf(lesson, step);
		return standing ? STANDING_WORDS[standing].sign : index === lesson.at ? ">" : ".";
	});
	const place = lesson.at >= steps.length ? "the end" : `step ${lesson.at + 1} of ${steps.length}`;
	return (
		<Line right={<Say tone="strong">{ready ? `${place}  ${signs.join("")} ` : `${steps.length} steps `}</Say>}>
			<Say tone="strong"> {name}</Say>
			<Say tone="quiet">{`  ${title}`}</Say>
		</Line>
	);
}

interface StatusProps extends Pick<LessonScreenProps, "lesson" | "ready" | "run" | "now"> {
	above: number;
	below: number;
}

/** What is going on, or how much of the page is out of sight. */
function Status({ lesson, ready, run, now, above, below }: StatusProps): ReactNode {
	const busy = ready ? lesson.busy : "The lab is coming up";
	const phase = run.labs.at(-1)?.scenarios.at(-1)?.phases.at(-1);
	const traffic =
		ready && busy !== undefined && phase && phase.sent < phase.total
			? ` (${phase.sent} of ${phase.total} requests)`
			: "";
	const hidden = [...(above > 0 ? ["PgUp: more above"] : []), ...(below > 0 ? ["PgDn: more below"] : [])].join("  ");
	return (
		<Line right={<Say tone="warning">{hidden === "" ? "" : `${hidden} `}</Say>}>
			{" "}
			{busy === undefined ? <Say tone="quiet">{engineWords(run)}</Say> : <ProgressSign progress="running" now={now} />}
			{busy === undefined ? null : <Say tone="busy">{` ${busy}${traffic} ...`}</Say>}
		</Line>
	);
}

function engineWords({ engine }: RunState): string {
	if (!engine) return "";
	return engine.kind === "vm" ? "The lab is up in its own machine." : "The lab is up on your Docker daemon.";
}

/** The keys that matter now, those that always do at the right, where nothing is cut off. */
function Keys({ lesson, ready, view }: Pick<LessonScreenProps, "lesson" | "ready" | "view">): ReactNode {
	return (
		<Line right={view.overlay === "none" ? <KeyTexts keys={ALWAYS} /> : undefined}>
			<KeyTexts keys={keysNow(lesson, ready, view)} />
		</Line>
	);
}

function KeyTexts({ keys }: { keys: readonly KeyText[] }): ReactNode {
	return keys.map(([key, what], index) => (
		<Text key={key}>
			{index === 0 ? " " : "  "}
			<Say tone="strong">{key}</Say> {what}
		</Text>
	));
}

type KeyText = readonly [key: string, what: string];

const ALWAYS: KeyText[] = [
	["?", "keys"],
	["q", "quit "],
];

/** The keys of the moment; at most what fits into 80 columns beside the others. */
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

function keyLines(): PageLine[] {
	const width = Math.max(...KEYS.map(([key]) => key.length));
	return [
		{ text: "Keys", kind: "title" },
		{ text: "", kind: "text" },
		...KEYS.map(([key, what]): PageLine => ({ text: `  ${key.padEnd(width)}  ${what}`, kind: "text" })),
		{ text: "", kind: "text" },
		{ text: "Signs of steps:  > you are here   + done   x missed   o shown   . open", kind: "text" },
	];
}

function nodeLines(nodes: readonly string[]): PageLine[] {
	return [
		{ text: "A shell in which node?", kind: "title" },
		{ text: "", kind: "text" },
		...nodes.map((node, index): PageLine => ({ text: `  ${NODE_KEYS[index] ?? " "}  ${node}`, kind: "text" })),
	];
}
