/** What the benchmark started and how it ends: in reverse order, at the end, after an error and after Ctrl-C. */
import type { ProcessPromise } from "zx";

export class Cleanup {
	/** True after Ctrl-C or SIGTERM. */
	interrupted = false;
	private readonly undo: (() => Promise<unknown>)[] = [];
	private readonly aborter = new AbortController();
	private current: ProcessPromise | undefined;

	constructor() {
		for (const name of ["SIGINT", "SIGTERM"] as const) process.on(name, () => this.interrupt(name));
	}

	/** Aborted by Ctrl-C and SIGTERM. */
	get signal(): AbortSignal {
		return this.aborter.signal;
	}

	add(undo: () => Promise<unknown>): void {
		this.undo.push(undo);
	}

	/** Waits for a command; it is told to end, and waited for, when the benchmark is interrupted. */
	async command(process: ProcessPromise): Promise<Awaited<ProcessPromise>> {
		this.current = process;
		try {
			return await process;
		} finally {
			this.current = undefined;
			this.signal.throwIfAborted();
		}
	}

	async run(): Promise<void> {
		for (let undo = this.undo.pop(); undo; undo = this.undo.pop()) {
			await undo().catch((error: unknown) => process.stderr.write(`bench: cleaning up: ${String(error)}\n`));
		}
	}

	/** A terminal's Ctrl-C has reached the command already; a `kill` has not. The second one would stop its cleaning up. */
	private interrupt(name: NodeJS.Signals): void {
		if (this.interrupted) return;
		this.interrupted = true;
		process.stderr.write(`bench: ${name}, cleaning up\n`);
		this.aborter.abort(new Error("interrupted"));
		if (name === "SIGTERM" || !process.stdin.isTTY) this.current?.kill("SIGINT").catch(() => undefined);
	}
}
