/** The ink view as a reporter; loaded only when a person looks at a terminal. */
import { Chalk, type ChalkInstance } from "chalk";
import type { LabEvent } from "../model/event.ts";
import { verdictText } from "../report/verdict-text.ts";
import { startLiveView } from "../ui/live-view.tsx";
import type { CliContext } from "./cli-context.ts";
import { takesColor } from "./terminal.ts";

/** Starts the view at the first event, and takes it away while a question is asked. */
export class LiveScreen {
	readonly reporter = { onEvent: (event: LabEvent) => this.#onEvent(event), close() {} };
	readonly #stdout: NodeJS.WriteStream;
	readonly #color: boolean;
	readonly #colours: ChalkInstance;
	readonly #seen: LabEvent[] = [];
	readonly #listeners = new Set<(event: LabEvent) => void>();
	#view: { close(): Promise<void> } | undefined;
	/** Why there is no view although something happens. */
	#away: "asking" | "closed" | undefined;

	constructor({ env, stdout }: Pick<CliContext, "env" | "stdout">) {
		this.#stdout = stdout;
		this.#color = takesColor(env, stdout);
		this.#colours = new Chalk({ level: this.#color ? 1 : 0 });
	}

	/** Does `work` with the terminal to itself, then brings the view back. */
	async suspend<T>(work: () => Promise<T>): Promise<T> {
		this.#away = "asking";
		await this.#view?.close();
		this.#view = undefined;
		try {
			return await work();
		} finally {
			this.#comeBack();
		}
	}

	/** Resolves when the terminal is as it was. */
	async closed(): Promise<void> {
		this.#away = "closed";
		await this.#view?.close();
	}

	#comeBack(): void {
		if (this.#away === "closed") return;
		this.#away = undefined;
		this.#start();
	}

	#onEvent(event: LabEvent): void {
		this.#seen.push(event);
		if (!this.#view && !this.#away) this.#start();
		else for (const listener of this.#listeners) listener(event);
	}

	#start(): void {
		this.#view = startLiveView({
			stdout: this.#stdout,
			color: this.#color,
			// What goes away for a question says no last words.
			verdict: (state) => (this.#away === "asking" ? "" : verdictText(state, this.#colours)),
			// A view that comes back after a question needs all that happened before it.
			events: (listener) => {
				for (const event of this.#seen) listener(event);
				this.#listeners.add(listener);
				return () => this.#listeners.delete(listener);
			},
		});
	}
}
