/** The terminal UI as questions and answers in plain lines: for screen readers, simple terminals and pipes. */
import { createInterface, type Interface } from "node:readline";
import { Chalk } from "chalk";
import type { LabEvent } from "../../model/event.ts";
import { plainReporter } from "../../report/plain.ts";
import type { Reporter } from "../../report/reporter.ts";
import { menuOf } from "../../ui/plain/menu.ts";
import { plainScreen } from "../../ui/plain/plain-text.ts";
import type { CliContext } from "../cli-context.ts";
import type { Flags } from "../flags.ts";
import { openingKeys } from "./opening-keys.ts";
import { type Catalogue, type Front, type Leaving, UiApp } from "./ui-app.ts";

/** Asks until it is left or the input ends. `first` is opened at once. */
export async function runPlainUi(
	context: CliContext,
	flags: Flags,
	labs: Catalogue,
	first: string | undefined,
): Promise<Leaving> {
	const front = new PlainFront(context);
	const app = new UiApp(context, flags, front, labs);
	for (const message of openingKeys(app.state, first)) app.tell(message);
	let left = false;
	const leaving = app.left.then(() => {
		left = true;
	});
	await app.look().catch(() => undefined);
	while (!left) {
		const keys = await front.ask(plainScreen(app.state), app);
		if (!keys) app.tell({ type: "key", key: "ctrl-c" });
		for (const key of keys ?? []) app.tell({ type: "key", key });
		await Promise.race([app.idle(), leaving]);
		// Whoever has chosen to leave has done so by the next turn of the loop.
		await new Promise((resolve) => setImmediate(resolve));
		if (!keys) break;
	}
	front.close();
	return app.left;
}

class PlainFront implements Front {
	readonly #context: CliContext;
	readonly #waiting: string[] = [];
	#lines: Interface | undefined;
	#ended = false;
	#wake: () => void = () => {};
	#progress: Reporter;

	constructor(context: CliContext) {
		this.#context = context;
		this.#progress = this.#newProgress();
		this.#listen();
		context.signal.addEventListener("abort", () => this.#wake(), { once: true });
	}

	/** The lines of one job; what ended it is told by the screen that follows. */
	#newProgress(): Reporter {
		const write = (text: string) => void this.#context.stdout.write(text);
		return plainReporter({ write, colours: new Chalk({ level: 0 }), verbose: false });
	}

	draw(): void {}

	onEvent(event: LabEvent): void {
		if (event.type === "run-begin") this.#progress = this.#newProgress();
		this.#progress.onEvent(event);
	}

	async suspend<T>(work: () => Promise<T>): Promise<T> {
		this.close();
		try {
			return await work();
		} finally {
			this.#listen();
		}
	}

	/** Prints a screen and its menu; the keys of what was chosen, or undefined when nobody will answer. */
	async ask(screen: string[], app: UiApp): Promise<string[] | undefined> {
		const { stdout } = this.#context;
		const menu = menuOf(app.state);
		stdout.write(`\n${screen.join("\n")}\n\n`);
		for (const [index, { words }] of menu.entries()) stdout.write(`${index + 1} ${words}\n`);
		for (;;) {
			stdout.write(`Your choice, 1 to ${menu.length}: `);
			const answer = await this.#next();
			if (answer === undefined) return undefined;
			const chosen = menu[Number(answer.trim()) - 1];
			if (chosen) return chosen.keys;
			stdout.write(`"${answer.trim()}" is not one of them.\n`);
		}
	}

	close(): void {
		const lines = this.#lines;
		this.#lines = undefined;
		lines?.close();
	}

	#listen(): void {
		// Without `terminal`, Ctrl-C stays a signal, and what is typed is shown by the terminal itself.
		const lines = createInterface({ input: this.#context.stdin, terminal: false });
		lines.on("line", (text) => {
			this.#waiting.push(text);
			this.#wake();
		});
		lines.on("close", () => {
			if (this.#lines !== lines) return;
			this.#ended = true;
			this.#wake();
		});
		this.#lines = lines;
	}

	async #next(): Promise<string | undefined> {
		while (this.#waiting.length === 0) {
			if (this.#ended || this.#context.signal.aborted) return undefined;
			await new Promise<void>((resolve) => {
				this.#wake = resolve;
			});
		}
		return this.#waiting.shift();
	}
}
