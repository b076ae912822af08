/** Somebody who takes a lesson: a real terminal, and `lab learn` typed into it. */
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { lab } from "../support/lab-command.ts";
import { Terminal } from "../support/tmux.ts";

/** Seconds; bringing the machine up takes longer when it is set up for the first time. */
export const UP = 400;

/** A student of a lab's lesson. What they have reached is kept from one terminal to the next. */
export class Student {
	readonly instance: string;
	readonly #lab: string;
	readonly #place = mkdtempSync(join(tmpdir(), "lab-learn-"));

	constructor(name: string) {
		this.#lab = name;
		this.instance = `learn-${name}`;
	}

	/** A terminal with 80 columns and 24 lines, whose shell waits for a command. */
	async sitDown(): Promise<Terminal> {
		const kept = Object.entries(process.env).flatMap(([name, value]) =>
			/^(XDG_RUNTIME_DIR|XDG_CACHE_HOME|LAB_CACHE|LAB_ACCEL|TMPDIR)$/.test(name) && value ? [[name, value]] : [],
		);
		const state = { XDG_STATE_HOME: join(this.#place, "state") };
		const terminal = new Terminal(80, 24, { ...Object.fromEntries(kept), ...state });
		await terminal.shows(/^[$#]/m);
		return terminal;
	}

	/** Types the command that begins or goes on with the lesson. */
	learn(terminal: Terminal, ...flags: string[]): void {
		const results = join(this.#place, "results");
		const where = `-n ${this.instance} --engine vm -y --results ${results}`;
		terminal.type(`${resolve("lab")} learn ${this.#lab} ${where} ${flags.join(" ")}`);
	}

	/** Takes the lab down. */
	async tidy(): Promise<void> {
		await lab(["down", this.instance]);
	}
}
