/** What ends a verb early from outside: signals, and a stdout that nobody reads or that is full. */
import { asLabError } from "../model/as-lab-error.ts";
import { EXIT, LabError } from "../model/error.ts";

/** Code of the abort that follows a closed stdout. Nobody is left to be told. */
export const STDOUT_CLOSED = "stdout-closed";

/**
 * The first signal asks the running verb to stop and clean up; the second Ctrl-C ends at once. npm and shells may deliver
 * one Ctrl-C twice within a few milliseconds, which is not a second wish. The listening goes on to the end of the process: a
 * signal that comes when the work is done would else make it look undone.
 */
export function abortOnSignals(process: Pick<NodeJS.Process, "on" | "exit">, aborter: AbortController): void {
	let first = 0;
	const onSignal = (signal: NodeJS.Signals) => {
		const now = Date.now();
		if (aborter.signal.aborted) {
			if (signal === "SIGINT" && now - first > 500) process.exit(EXIT.interrupted);
			return;
		}
		first = now;
		const kind = signal === "SIGINT" ? "interrupted" : "terminated";
		aborter.abort(new LabError(kind, signal === "SIGINT" ? "interrupted" : `stopped by ${signal}`, { code: kind }));
	};
	for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, onSignal);
}

/** Aborts when stdout cannot be written to; `flushed` throws when that made the output incomplete for somebody. */
export function abortOnOutput(
	process: Pick<NodeJS.Process, "stdout" | "stderr">,
	aborter: AbortController,
): { flushed: () => Promise<void> } {
	let failure: LabError | undefined;
	process.stdout.on("error", (error: NodeJS.ErrnoException) => {
		if (error.code === "EPIPE") {
			// `lab list | head -1`: whoever read has enough.
			aborter.abort(new LabError("terminated", "stdout was closed", { code: STDOUT_CLOSED }));
			return;
		}
		failure = asLabError(error);
		aborter.abort(failure);
	});
	// There is nowhere left to complain.
	process.stderr.on("error", () => {});
	return {
		flushed: async () => {
			await new Promise((done) => process.stdout.write("", done));
			if (failure) throw failure;
		},
	};
}
