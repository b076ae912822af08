/** A terminal that a test can look at and type into, by way of tmux on a socket of its own. */
import { execFile } from "node:child_process";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";

const run = promisify(execFile);

/** Milliseconds between two looks at the screen. */
const LOOK_PAUSE = 50;

export class TmuxTerminal {
	readonly #socket = join(mkdtempSync(join(tmpdir(), "lab-tmux-")), "socket");

	/** Starts a shell with this environment, and nothing of the developer's own. */
	async start(env: Record<string, string>, size = { columns: 80, rows: 24 }): Promise<void> {
		const given = Object.entries({ PATH: process.env.PATH ?? "", HOME: process.env.HOME ?? "", ...env });
		const words = ["env", "-i", "TERM=screen-256color", ...given.map(([name, value]) => `${name}=${value}`)];
		const command = [...words, "PS1=$ ", "sh"].map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(" ");
		const [columns, rows] = [String(size.columns), String(size.rows)];
		await this.#tmux("-f", "/dev/null", "new-session", "-d", "-s", "test", "-x", columns, "-y", rows, command);
		await this.until(/^\$ $/m);
	}

	/** Presses keys by tmux's names: `Enter`, `C-c`, `PgDn`, or a character. */
	async press(...keys: string[]): Promise<void> {
		for (const key of keys) await this.#tmux("send-keys", "-t", "test", key);
	}

	/** Types a line and Enter. */
	async type(line: string): Promise<void> {
		await this.#tmux("send-keys", "-t", "test", "-l", line);
		await this.press("Enter");
	}

	async resize(columns: number, rows: number): Promise<void> {
		await this.#tmux("resize-window", "-t", "test", "-x", String(columns), "-y", String(rows));
	}

	/** What the screen shows, line by line. */
	async screen(): Promise<string> {
		return this.#tmux("capture-pane", "-p", "-t", "test");
	}

	/** Waits until the screen shows it; fails with what it showed last. */
	async until(pattern: RegExp, seconds = 60): Promise<string> {
		const limit = performance.now() + seconds * 1000;
		for (;;) {
			const shown = await this.screen();
			if (pattern.test(shown)) return shown;
			if (performance.now() > limit) throw new Error(`${pattern} is not on the screen after ${seconds} s:\n${shown}`);
			await sleep(LOOK_PAUSE);
		}
	}

	/** Process id of the shell. */
	async pid(): Promise<number> {
		return Number(await this.#tmux("display-message", "-p", "-t", "test", "#{pane_pid}"));
	}

	/** Ends the terminal, as a window that is closed does: its processes get a SIGHUP. */
	async close(): Promise<void> {
		await this.#tmux("kill-server").catch(() => undefined);
	}

	async #tmux(...args: string[]): Promise<string> {
		const { stdout } = await run("tmux", ["-S", this.#socket, ...args], { encoding: "utf8" });
		return stdout;
	}
}
