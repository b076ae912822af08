/** The event log of a run, `events.jsonl`: one event per line, on disk before the run goes on. */
import { closeSync, openSync, writeSync } from "node:fs";
import type { Reporter } from "./reporter.ts";

/** Appends synchronously: what was emitted before a SIGKILL is in the file. */
export function jsonLinesReporter(path: string): Reporter {
	const file = openSync(path, "a");
	return {
		onEvent(event) {
			writeSync(file, `${JSON.stringify(event)}\n`);
		},
		close() {
			closeSync(file);
		},
	};
}
