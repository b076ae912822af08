/** What a key means at a moment of a lesson. Pure: the screen's own state and, maybe, a command for the tutor. */
import { type LessonState, standingOf, stepAt } from "../../learn/lesson-state.ts";

/** What only the screen knows. */
export interface LearnView {
	/** Position of the option that is marked. */
	chosen: number;
	/** First line of the page that is shown; the page is longer than the screen. */
	scroll: number;
	overlay: "none" | "keys" | "nodes";
}

/** What the student wants of the lesson. */
export type LessonCommand =
	| { do: "answer"; chosen: number }
	| { do: "check" | "hint" | "solve" | "next" | "back" | "rebuild" }
	| { do: "shell"; node: string };

export type LearnCommand = LessonCommand | "quit" | "interrupt";

/** What a key is looked at with. `lesson` is absent while the lab is coming up. */
export interface Scene {
	view: LearnView;
	lesson?: LessonState;
	nodes: readonly string[];
	/** Lines of the page, and how many of them the screen has room for. */
	lines: number;
	room: number;
}

export interface Reaction {
	view: LearnView;
	command?: LearnCommand;
}

export const FIRST_VIEW: LearnView = { chosen: 0, scroll: 0, overlay: "none" };

/** The keys that always do the same, with what they do, in the order of the help. */
export const KEYS: [key: string, what: string][] = [
	["1-6, up, down", "choose an answer"],
	["Enter", "answer; check; go on when the step has ended"],
	["s", "shell in the step's node; exit or Ctrl-D comes back"],
	["w", "shell in another node"],
	["c", "check the task with real traffic"],
	["h", "hint, from the state your lab is in"],
	["v", "solve: have it done, or answered, for you"],
	["n, b", "next step, step before"],
	["PgUp, PgDn, j, k", "read on, read back"],
	["r", "build the lab afresh"],
	["?", "this list"],
	["q, Ctrl-C", "leave; the lab stays up and your place is kept"],
];

export function onKey(scene: Scene, key: string): Reaction {
	const { view, lesson } = scene;
	if (key === "ctrl-c") return { view, command: "interrupt" };
	if (view.overlay === "nodes") return pickNode(scene, key);
	if (view.overlay === "keys") return { view: { ...view, overlay: "none" } };
	if (key === "q") return { view, command: "quit" };
	if (key === "?") return { view: { ...view, overlay: "keys" } };
	const scrolled = scroll(scene, key);
	if (scrolled) return { view: scrolled };
	// Whoever types while something is done would have it done twice.
	if (!lesson || lesson.busy !== undefined) return { view };
	return onLessonKey(scene, lesson, key);
}

function onLessonKey(scene: Scene, lesson: LessonState, key: string): Reaction {
	const { view } = scene;
	const step = stepAt(lesson);
	const ended = step === undefined || standingOf(lesson) !== undefined;
	const options = !ended && step.predict ? step.predict.options.length : 0;
	// Nobody should answer what they have not read.
	const below = scene.lines - scene.room;
	if (options > 0 && key === "enter" && view.scroll < below) return { view: { ...view, scroll: below } };
	const digit = /^[1-9]$/.test(key) ? Number(key) : 0;
	const choose = (chosen: number) => ({ view: { ...view, scroll: Math.max(0, below), chosen } });
	if (digit > 0 && digit <= options) return choose(digit - 1);
	if (options > 0 && key === "up") return choose(Math.max(0, view.chosen - 1));
	if (options > 0 && key === "down") return choose(Math.min(options - 1, view.chosen + 1));
	if (key === "enter") return { view, ...enter(step !== undefined, ended, options, view.chosen) };
	switch (key) {
		case "c":
			return step?.task ? { view, command: { do: "check" } } : { view };
		case "h":
			return ended ? { view } : { view, command: { do: "hint" } };
		case "v":
			return ended ? { view } : { view, command: { do: "solve" } };
		case "n":
			return step ? { view, command: { do: "next" } } : { view };
		case "b":
			return lesson.at > 0 ? { view, command: { do: "back" } } : { view };
		case "r":
			return { view, command: { do: "rebuild" } };
		case "s":
			return step ? { view, command: { do: "shell", node: step.shell } } : { view };
		case "w":
			return { view: { ...view, overlay: "nodes" } };
		default:
			return { view };
	}
}

/** Enter does what most likely comes next. */
function enter(inStep: boolean, ended: boolean, options: number, chosen: number): { command?: LearnCommand } {
	if (!inStep) return {};
	if (ended) return { command: { do: "next" } };
	return { command: options > 0 ? { do: "answer", chosen } : { do: "check" } };
}

function pickNode({ view, nodes }: Scene, key: string): Reaction {
	const closed: LearnView = { ...view, overlay: "none" };
	const index = NODE_KEYS.indexOf(key);
	const node = key.length === 1 && index >= 0 ? nodes[index] : undefined;
	return node === undefined ? { view: closed } : { view: closed, command: { do: "shell", node } };
}

/** The key of each node in the list of nodes. */
export const NODE_KEYS = "123456789abcdefghijklmnopqrstuvwxyz";

function scroll({ view, lines, room }: Scene, key: string): LearnView | undefined {
	const last = Math.max(0, lines - room);
	const to = (line: number) => ({ ...view, scroll: Math.max(0, Math.min(last, line)) });
	if (key === "pagedown" || key === " ") return to(view.scroll + room - 1);
	if (key === "pageup") return to(view.scroll - room + 1);
	if (key === "j") return to(view.scroll + 1);
	if (key === "k") return to(view.scroll - 1);
	return undefined;
}
