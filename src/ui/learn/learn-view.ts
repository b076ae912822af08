/** Shows a lesson on a terminal and hands on what the student wants. Draws when something changes, and else sleeps. */
import type { LessonState } from "../../learn/lesson-state.ts";
import type { RunState } from "../../report/summarise.ts";
import { type FullScreen, openFullScreen } from "../full-screen.tsx";
import type { Size } from "../screens/size.ts";
import { plainText } from "../text.ts";
import { FIRST_VIEW, type LearnCommand, type LearnView, onKey } from "./learn-keys.ts";
import { type LessonScene, lessonLines, pageLines, pageRoom } from "./lesson-screen.ts";

/** Milliseconds between two drawings while something is going on. */
const CLOCK = 250;

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
	/** Asked anew for each drawing. */
	read: () => LearnShown;
	onCommand: (command: LearnCommand) => void;
}

export class LearnScreen {
	readonly #options: LearnViewOptions;
	#view: LearnView = FIRST_VIEW;
	#screen: FullScreen | undefined;
	#clock: NodeJS.Timeout | undefined;
	#closed = false;
	/** What was shown last, to know what is new. */
	#seen: LearnShown;

	constructor(options: LearnViewOptions) {
		this.#options = options;
		this.#seen = options.read();
		this.#open();
	}

	/** Something of what is shown has changed. */
	update(): void {
		const now = this.#options.read();
		const { lesson, ready } = this.#seen;
		this.#seen = now;
		// A new page is read from its top; what a command has brought stands at the end of the page.
		if (now.lesson.at !== lesson.at || now.ready !== ready) this.#view = { ...FIRST_VIEW, overlay: this.#view.overlay };
		else if (now.lesson.note && now.lesson.note !== lesson.note) this.#view = { ...this.#view, scroll: this.#noteAt() };
		this.#draw();
	}

	/** Does `work` with the terminal to itself, then brings the screen back. */
	async suspend<T>(work: () => Promise<T>): Promise<T> {
		this.#shut();
		try {
			return await work();
		} finally {
			if (!this.#closed) this.#open();
		}
	}

	/** Gives the terminal back as it was; may be called twice. */
	close(): void {
		this.#closed = true;
		this.#shut();
	}

	#open(): void {
		const { stdin, stdout, color } = this.#options;
		const lines = (size: Size) => lessonLines(this.#scene(), size, Date.now());
		this.#screen = openFullScreen({ stdin, stdout, color, lines, onKey: (key) => this.#onKey(key) });
		this.#draw();
	}

	#shut(): void {
		clearInterval(this.#clock);
		this.#clock = undefined;
		const screen = this.#screen;
		this.#screen = undefined;
		screen?.close();
	}

	/** The clock runs only while something else than the student moves. */
	#draw(): void {
		if (!this.#screen) return;
		const { ready, lesson } = this.#options.read();
		const moving = !ready || lesson.busy !== undefined;
		if (moving) this.#clock ??= setInterval(() => this.#screen?.draw(), CLOCK);
		else {
			clearInterval(this.#clock);
			this.#clock = undefined;
		}
		this.#screen.draw();
	}

	#scene(): LessonScene {
		const { name, nodes, read } = this.#options;
		return { name, nodes, view: this.#view, ...read() };
	}

	#size(): Size {
		const { stdout } = this.#options;
		return { columns: stdout.columns || 80, rows: stdout.rows || 24 };
	}

	#onKey(key: string): void {
		const scene = this.#scene();
		const size = this.#size();
		const { view, command } = onKey(
			{
				view: this.#view,
				nodes: scene.nodes,
				lines: pageLines(scene, size).length,
				room: pageRoom(size),
				...(scene.ready ? { lesson: scene.lesson } : {}),
			},
			key,
		);
		this.#view = view;
		if (command) this.#options.onCommand(command);
		this.#draw();
	}

	/** Where to scroll to so that the last note is in sight from its title on. */
	#noteAt(): number {
		const size = this.#size();
		const lines = pageLines(this.#scene(), size);
		const [title = ""] = this.#seen.lesson.note?.title.split(" ") ?? [];
		const at = lines.findLastIndex((line) => plainText(line).startsWith(title) && title !== "");
		return Math.max(0, Math.min(at < 0 ? lines.length : at, lines.length - pageRoom(size)));
	}
}
