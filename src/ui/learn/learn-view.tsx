/** Shows a lesson on a terminal and hands on what the student wants. Draws when something changes, and else sleeps. */
import { type Key as InkKey, render, useInput } from "ink";
import { type ReactNode, useEffect } from "react";
import type { LessonState } from "../../learn/lesson-state.ts";
import type { RunState } from "../../report/summarise.ts";
import { beforeResize } from "../live-view.tsx";
import { FIRST_VIEW, type Key, type LearnCommand, type LearnView, onKey } from "./learn-keys.ts";
import { LessonScreen, type LessonScreenProps, pageLines, pageRoom } from "./lesson-screen.tsx";

/** Ten frames a second while something is going on. */
const FRAME_MS = 100;

/** The terminal's second screen: what was on it before comes back when the lesson leaves. */
const ENTER_SCREEN = "\u001b[?1049h\u001b[2J\u001b[H";
const LEAVE_SCREEN = "\u001b[?1049l";

/** What is shown, as far as it changes. */
export interface LearnShown {
	lesson: LessonState;
	ready: boolean;
	run: RunState;
}

export interface LearnViewOptions {
	stdin: NodeJS.ReadStream;
	stdout: NodeJS.WriteStream;
	/** False under NO_COLOR. */
	color: boolean;
	name: string;
	nodes: readonly string[];
	/** Asked anew for each frame. */
	read: () => LearnShown;
	onCommand: (command: LearnCommand) => void;
}

export interface LearnViewHandle {
	/** Something of what is shown has changed. */
	update: () => void;
	/** Does `work` with the terminal to itself, then brings the view back. */
	suspend: <T>(work: () => Promise<T>) => Promise<T>;
	/** Gives the terminal back as it was; may be called twice. */
	close: () => Promise<void>;
}

export function startLearnView(options: LearnViewOptions): LearnViewHandle {
	const { stdin, stdout } = options;
	let view = FIRST_VIEW;
	let app: { rerender: (node: ReactNode) => void; end: () => Promise<void> } | undefined;
	const element = () => <App options={options} view={view} onKeys={react} />;
	const draw = () => app?.rerender(element());
	const react = (keys: readonly Key[]) => {
		for (const key of keys) {
			const shown = propsOf(options, view);
			const scene = {
				view,
				nodes: options.nodes,
				lines: pageLines(shown).length,
				room: pageRoom(shown.size),
				...(shown.ready ? { lesson: shown.lesson } : {}),
			};
			const { view: next, command } = onKey(scene, key);
			view = next;
			if (command) options.onCommand(command);
		}
		draw();
	};
	let seen: { at: number; note: unknown; standing: unknown } | undefined;
	/** A new page is read from its top; what a command has brought stands at the end of the page. */
	const follow = () => {
		const { lesson, ready } = options.read();
		const now = { at: lesson.at, note: lesson.note, standing: ready };
		const moved = now.at !== seen?.at || now.standing !== seen?.standing;
		if (moved) view = { ...FIRST_VIEW, overlay: view.overlay };
		else if (now.note && now.note !== seen?.note) view = { ...view, scroll: showNote(options, view) };
		seen = now;
	};
	const open = () => {
		stdout.write(ENTER_SCREEN);
		const instance = render(element(), {
			stdin,
			stdout,
			maxFps: 1000 / FRAME_MS,
			exitOnCtrlC: false,
			patchConsole: false,
		});
		const unwatch = beforeResize(stdout, () => instance.rerender(element()));
		app = {
			rerender: instance.rerender,
			end: async () => {
				unwatch();
				instance.rerender(null);
				instance.unmount();
				await instance.waitUntilExit();
				stdout.write(LEAVE_SCREEN);
			},
		};
	};
	const shut = async () => {
		const ending = app;
		app = undefined;
		await ending?.end();
	};
	let closed = false;
	open();
	return {
		update: () => {
			follow();
			draw();
		},
		suspend: async (work) => {
			await shut();
			try {
				return await work();
			} finally {
				if (!closed) open();
			}
		},
		close: () => {
			closed = true;
			return shut();
		},
	};
}

/** Where to scroll to so that the last note is in sight from its title on. */
function showNote(options: LearnViewOptions, view: LearnView): number {
	const props = propsOf(options, view);
	const lines = pageLines(props);
	const title = props.lesson.note?.title.slice(0, 20) ?? "";
	const at = lines.findLastIndex((line) => line.text.startsWith(title) && line.kind === props.lesson.note?.kind);
	const room = pageRoom(props.size);
	return Math.max(0, Math.min(at < 0 ? lines.length : at, lines.length - room));
}

function propsOf({ name, nodes, color, stdout, read }: LearnViewOptions, view: LearnView): LessonScreenProps {
	const size = { columns: stdout.columns || 80, rows: stdout.rows || 24 };
	return { name, nodes, color, view, size, now: Date.now(), ...read() };
}

interface AppProps {
	options: LearnViewOptions;
	view: LearnView;
	onKeys: (keys: readonly Key[]) => void;
}

function App({ options, view, onKeys }: AppProps): ReactNode {
	useInput((input, key) => onKeys(keysOf(input, key)));
	const props = propsOf(options, view);
	const moving = !props.ready || props.lesson.busy !== undefined;
	useEffect(() => {
		if (!moving) return;
		const timer = setInterval(() => onKeys([]), FRAME_MS);
		return () => clearInterval(timer);
	}, [moving, onKeys]);
	return <LessonScreen {...props} />;
}

/** What was typed, key by key: quick fingers and pasted text come in one piece. */
export function keysOf(input: string, key: Partial<InkKey>): Key[] {
	if (key.ctrl && input === "c") return [{ input: "", name: "ctrl-c" }];
	if (key.upArrow) return [{ input: "", name: "up" }];
	if (key.downArrow) return [{ input: "", name: "down" }];
	if (key.pageUp) return [{ input: "", name: "page-up" }];
	if (key.pageDown) return [{ input: "", name: "page-down" }];
	if (key.escape) return [{ input: "", name: "escape" }];
	if (key.return) return [{ input: "", name: "return" }];
	return [...input].map((character) =>
		/[\r\n]/.test(character) ? { input: "", name: "return" } : { input: character },
	);
}
