/** Reports that are one file, written when the run is over or was interrupted: junit.xml, summary.md, report.json. */
import { appendFileSync, renameSync, writeFileSync } from "node:fs";
import type { Reporter } from "./reporter.ts";
import { INITIAL_STATE, type RunState, reduce } from "./summarise.ts";

/** Writes `render(state)` to `path` on close, in one go: a reader never sees half a file. */
export function fileReporter(path: string, render: (state: RunState) => string): Reporter {
	return stateReporter((state) => {
		const unfinished = `${path}.part`;
		writeFileSync(unfinished, render(state));
		renameSync(unfinished, path);
	});
}

/** Appends `render(state)` to a file that others write to as well, e.g. $GITHUB_STEP_SUMMARY. */
export function appendingReporter(path: string, render: (state: RunState) => string): Reporter {
	return stateReporter((state) => appendFileSync(path, render(state)));
}

function stateReporter(finish: (state: RunState) => void): Reporter {
	let state = INITIAL_STATE;
	return {
		onEvent(event) {
			state = reduce(state, event);
		},
		close() {
			finish(state);
		},
	};
}
