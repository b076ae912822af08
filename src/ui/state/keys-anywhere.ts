/** Keys that work on every screen. */
import { type Binding, jobWords, only, refuse } from "./binding.ts";
import type { Change } from "./messages.ts";
import type { UiState } from "./state.ts";

function leave(state: UiState): Change<UiState> {
	if (!state.job) return leaving(state);
	const question = `${jobWords(state.job)}. Stop that, clean up and leave?`;
	return only({ ...state, overlay: { kind: "ask", question, yes: "leave" } });
}

/** What is under way is being stopped from now on, which may take seconds. */
export function leaving(state: UiState): Change<UiState> {
	const { job } = state;
	return { state: job ? { ...state, job: { ...job, stopping: true } } : state, wishes: [{ do: "leave" }] };
}

function stop(state: UiState): Change<UiState> {
	if (!state.job) return refuse(state, "Nothing is under way.");
	return { state: { ...state, job: { ...state.job, stopping: true } }, wishes: [{ do: "stop" }] };
}

export const HELP: Binding = {
	keys: ["?"],
	label: "?",
	words: "help",
	help: "All keys of this screen.",
	act: (state) => only({ ...state, overlay: { kind: "help" } }),
};

export const STOP: Binding = {
	keys: ["x"],
	label: "x",
	words: "stop it",
	help: "Stop what is under way; what it has made so far is removed again.",
	act: stop,
};

export const LEAVE: Binding = {
	keys: ["q"],
	label: "q",
	words: "quit",
	help: "Leave; labs that are up stay up.",
	act: leave,
};

/** Leaves at once; whoever presses it does not want to be asked. */
export const INTERRUPT: Binding = {
	keys: ["ctrl-c"],
	label: "Ctrl-C",
	words: "quit",
	help: "Leave at once; what is under way is stopped and cleaned up.",
	act: (state) => leaving(state),
};
