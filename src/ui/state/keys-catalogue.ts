/** Keys of the catalogue. */
import { type Binding, moved, only, refuse } from "./binding.ts";
import type { UiState } from "./state.ts";

const move = (step: number) => (state: UiState) =>
	only({ ...state, cursor: moved(state.cursor, step, state.labs.length) });

function open(state: UiState) {
	const entry = state.labs[state.cursor];
	if (!entry) return only(state);
	if (!entry.facts) return refuse(state, `${entry.name} has mistakes; see: lab validate ${entry.name}`);
	const { notice: _old, ...rest } = state;
	return only({ ...rest, open: entry.name });
}

export const CATALOGUE_KEYS: Binding[] = [
	{ keys: ["up", "k"], label: "↑", words: "", help: "The lab above.", act: move(-1) },
	{ keys: ["down", "j"], label: "↓", pair: "↑↓", words: "choose", help: "The lab below.", act: move(1) },
	{ keys: ["enter", "right"], label: "Enter", words: "open", help: "Open the lab; nothing is started yet.", act: open },
];
