/** Keys of a lab, on whichever tab. */
import { type Binding, begin, only, refuse } from "./binding.ts";
import { tabKeys } from "./keys-tab.ts";
import type { Change } from "./messages.ts";
import { memoryOf, openEntry, remember, TABS, type Tab, type UiState } from "./state.ts";

/** The keys that make sense now: a lab that is down can be brought up, one that is up taken down. */
export function labKeys(state: UiState): Binding[] {
	const entry = openEntry(state);
	const tab = memoryOf(state, state.open ?? "").tab;
	return [...tabKeys(tab), ...(entry?.live ? [SHELL, DOWN] : [UP]), ...TAB_KEYS, BACK];
}

/** The name of the lab that is open; the keys here are only reached with one. */
function labOf(state: UiState): string {
	return state.open ?? "";
}

function show(state: UiState, tab: Tab): Change<UiState> {
	return only(remember(state, labOf(state), { tab }));
}

function next(state: UiState, step: number): Change<UiState> {
	const now = TABS.indexOf(memoryOf(state, labOf(state)).tab);
	return show(state, TABS[(now + step + TABS.length) % TABS.length] ?? "topology");
}

const TAB_KEYS: Binding[] = [
	{ keys: ["tab"], label: "Tab", words: "next", help: "The next tab.", act: (state) => next(state, 1) },
	{ keys: ["shift-tab"], label: "Shift-Tab", words: "", help: "The tab before.", act: (state) => next(state, -1) },
	...TABS.map(
		(tab, index): Binding => ({
			keys: [String(index + 1)],
			label: String(index + 1),
			words: "",
			help: `The tab ${tab}.`,
			act: (state) => show(state, tab),
		}),
	),
];

const UP: Binding = {
	keys: ["u"],
	label: "u",
	words: "up",
	help: "Bring the lab up, as `lab up` does.",
	act: (state) => begin(state, { kind: "up", lab: labOf(state) }, { do: "up", lab: labOf(state) }),
};

const DOWN: Binding = {
	keys: ["d"],
	label: "d",
	words: "down",
	help: "Take the lab down, as `lab down` does; asks first.",
	act: (state) => only({ ...state, overlay: { kind: "ask", question: `Take ${labOf(state)} down?`, yes: "down" } }),
};

const SHELL: Binding = {
	keys: ["s"],
	label: "s",
	words: "shell",
	help: "A shell in a node; `exit` comes back here.",
	act: (state) => {
		if (state.job?.lab === state.open && state.job?.kind === "down") return refuse(state, "The lab is going down.");
		return only({ ...state, overlay: { kind: "shell", cursor: 0 } });
	},
};

const BACK: Binding = {
	keys: ["escape", "backspace"],
	label: "Esc",
	words: "labs",
	help: "Back to all labs; what is under way goes on.",
	act: (state) => {
		const { open: _open, notice: _old, ...rest } = state;
		return only(rest);
	},
};
