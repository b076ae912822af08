/** The terminal UI on a whole screen. */

import { type FullScreen, openFullScreen } from "../../ui/full-screen.tsx";
import { frameLines } from "../../ui/screens/frame.ts";
import type { UiState } from "../../ui/state/state.ts";
import type { CliContext } from "../cli-context.ts";
import type { Flags } from "../flags.ts";
import { takesColor } from "../terminal.ts";
import { openingKeys } from "./opening-keys.ts";
import { type Catalogue, type Front, type Leaving, UiApp } from "./ui-app.ts";

/** Milliseconds between two drawings of a running clock; nothing is drawn while nothing runs. */
const CLOCK = 500;

/** Shows the UI until it is left. `first` is opened at once. */
export async function runScreenUi(
	context: CliContext,
	flags: Flags,
	labs: Catalogue,
	first: string | undefined,
): Promise<Leaving> {
	const front = new ScreenFront(context);
	const app = new UiApp(context, flags, front, labs);
	return front.run(app, first);
}

class ScreenFront implements Front {
	readonly #context: CliContext;
	#app: UiApp | undefined;
	#screen: FullScreen | undefined;
	#clock: NodeJS.Timeout | undefined;

	constructor(context: CliContext) {
		this.#context = context;
	}

	async run(app: UiApp, first: string | undefined): Promise<Leaving> {
		this.#app = app;
		for (const message of openingKeys(app.state, first)) app.tell(message);
		// What a closed terminal shows first may be the signal, or that it cannot be read any more.
		const { stdin } = this.#context;
		const leave = () => app.tell({ type: "key", key: "ctrl-c" });
		stdin.on("error", leave);
		stdin.on("end", leave);
		this.#open();
		void app.look().catch(() => undefined);
		try {
			await app.asked;
			// What is being stopped is worth watching; letting go of the nodes is not.
			if (!app.state.job) this.#close();
			return await app.left;
		} finally {
			this.#close();
			stdin.off("end", leave);
		}
	}

	draw(state: UiState): void {
		this.#screen?.draw();
		if (state.job && !this.#clock) this.#clock = setInterval(() => this.#screen?.draw(), CLOCK);
		if (!state.job && this.#clock) this.#stopClock();
	}

	async suspend<T>(work: () => Promise<T>): Promise<T> {
		this.#close();
		try {
			return await work();
		} finally {
			this.#open();
		}
	}

	#open(): void {
		if (this.#context.signal.aborted) return;
		const { stdin, stdout, env } = this.#context;
		this.#screen = openFullScreen({
			stdin,
			stdout,
			color: takesColor(env, stdout),
			lines: (size) => (this.#app ? frameLines(this.#app.state, size, Date.now()) : []),
			onKey: (key) => this.#app?.tell({ type: "key", key }),
		});
	}

	#close(): void {
		this.#stopClock();
		const screen = this.#screen;
		this.#screen = undefined;
		screen?.close();
	}

	#stopClock(): void {
		clearInterval(this.#clock);
		this.#clock = undefined;
	}
}
