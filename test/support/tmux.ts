/** A program in a real terminal of a given size, driven by tmux: keys in, screen out. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

const SESSION = "lab";

/** Milliseconds between two looks at the screen. */
const LOOK = 50;

export class Terminal {
	readonly #folder = mkdtempSync(join(tmpdir(), "lab-tmux-"));

	/** Starts a shell in `columns` x `rows` that gets `env` and nothing of tmux's own configuration. */
	constructor(columns: number, rows: number, env: Record<string, string>) {
		const variables = Object.entries(env).flatMap(([name, value]) => ["-e", `${name}=${value}`]);
		this.#tmux(
			"-f",
			"/dev/null",
			"new-session",
			"-d",
			"-s",
			SESSION,
			"-x",
			`${columns}`,
			"-y",
			`${rows}`,
			...variables,
			"sh",
		);
	}

	/** Types text and Enter. */
	type(text: string): void {
		this.#tmux("send-keys", "-t", SESSION, "-l", text);
		this.#tmux("send-keys", "-t", SESSION, "Enter");
	}

	/** Presses keys by tmux's names: `Enter`, `Down`, `C-c`, `q`. */
	press(...keys: string[]): void {
		this.#tmux("send-keys", "-t", SESSION, ...keys);
	}

	/** What is on the screen now. */
	screen(): string {
		return this.#tmux("capture-pane", "-p", "-t", SESSION);
	}

	/** A fact about the terminal, by tmux's names: `alternate_on`, `cursor_flag`. */
	fact(name: string): string {
		return this.#tmux("display-message", "-p", "-t", SESSION, `#{${name}}`).trim();
	}

	resize(columns: number, rows: number): void {
		this.#tmux("resize-window", "-t", SESSION, "-x", `${columns}`, "-y", `${rows}`);
	}

	/** Waits until the screen shows what is wanted; an error with the whole screen when it does not. */
	async shows(wanted: RegExp | string, seconds = 60): Promise<string> {
		const limit = Date.now() + seconds * 1000;
		for (;;) {
			const screen = this.screen();
			if (typeof wanted === "string" ? screen.includes(wanted) : wanted.test(screen)) return screen;
			if (Date.now() > limit) throw new Error(`not shown after ${seconds} s: ${wanted}\n${screen}`);
			await sleep(LOOK);
		}
	}

	/** Closes the terminal, as a closed window does: what runs in it gets SIGHUP. */
	close(): void {
		try {
			this.#tmux("kill-server");
		} catch {
			// It has ended with its last program.
		}
		rmSync(this.#folder, { recursive: true, force: true });
	}

	#tmux(...args: string[]): string {
		const { CI: _ci, TMUX: _tmux, ...env } = process.env;
		// What tmux says goes into the error.
		const options = { encoding: "utf8" as const, env, stdio: "pipe" as const };
		return execFileSync("tmux", ["-S", join(this.#folder, "socket"), ...args], options);
	}
}
