/** A key and what it does. One table serves the reaction, the line at the bottom and the help. */
import { INITIAL_STATE } from "../../report/summarise.ts";
import type { Change, Wish } from "./messages.ts";
import type { Job, JobKind, UiState } from "./state.ts";

export interface Binding {
	keys: string[];
	/** How the key is called on the screen. */
	label: string;
	/** How it is called at the bottom, where it stands for its counterpart too: `↑↓`. */
	pair?: string;
	/** What it does, in a word or two; shown at the bottom. */
	words: string;
	/** The same as a sentence, for the help. */
	help: string;
	act: (state: UiState) => Change<UiState>;
}

/** A change of state alone. */
export function only(state: UiState): Change<UiState> {
	return { state, wishes: [] };
}

const JOB_WORDS: Record<JobKind, string> = {
	up: "is coming up",
	down: "is being taken down",
	test: "runs a scenario",
	send: "is sending",
	trace: "follows a request",
};

/** `katran-dsr is coming up`. */
export function jobWords(job: Job): string {
	return `${job.lab} ${JOB_WORDS[job.kind]}`;
}

/** Starts a job, unless one is under way. */
export function begin(state: UiState, job: Pick<Job, "kind" | "lab" | "subject">, wish: Wish): Change<UiState> {
	if (state.job) {
		const text = `First let it end: ${jobWords(state.job)}. x stops it.`;
		return only({ ...state, notice: { tone: "warning", text } });
	}
	const { notice: _old, ...rest } = state;
	return { state: { ...rest, job: { ...job, run: INITIAL_STATE, stopping: false } }, wishes: [wish] };
}

/** Says why a key has done nothing. */
export function refuse(state: UiState, text: string): Change<UiState> {
	return only({ ...state, notice: { tone: "warning", text } });
}

/** `value` moved by `step` within 0 to `count` - 1. */
export function moved(value: number, step: number, count: number): number {
	return Math.max(0, Math.min(value + step, count - 1));
}
