/** Keys while something is shown above the screen. */
import { type Binding, begin, moved, only } from "./binding.ts";
import { leaving } from "./keys-anywhere.ts";
import type { Change } from "./messages.ts";
import { type Overlay, openEntry, type UiState } from "./state.ts";

/** The keys of an overlay; while it is shown no other key works but Ctrl-C. */
export function overlayKeys(overlay: Overlay, state: UiState): Binding[] {
	switch (overlay.kind) {
		case "help":
			return [{ ...CLOSE, keys: ["escape", "?", "enter", "q", " "] }];
		case "ask":
			return askKeys(overlay);
		case "shell":
			return shellKeys(overlay, openEntry(state)?.facts?.plan.nodes.map((node) => node.name) ?? []);
		case "text":
			return textKeys(overlay);
	}
}

function close(state: UiState): UiState {
	const { overlay: _old, ...rest } = state;
	return rest;
}

const CLOSE: Binding = {
	keys: ["escape", "q"],
	label: "Esc",
	words: "back",
	help: "Back to the screen.",
	act: (state) => only(close(state)),
};

function askKeys({ yes }: Extract<Overlay, { kind: "ask" }>): Binding[] {
	const agree = (state: UiState): Change<UiState> => {
		const rest = close(state);
		if (yes === "leave") return leaving(rest);
		const lab = state.open ?? "";
		return begin(rest, { kind: "down", lab }, { do: "down", lab });
	};
	return [
		{ keys: ["y", "enter"], label: "y", words: "yes", help: "Do it.", act: agree },
		{ ...CLOSE, keys: ["n", "escape", "q"], label: "n", words: "no" },
	];
}

function shellKeys(overlay: Extract<Overlay, { kind: "shell" }>, nodes: string[]): Binding[] {
	const move = (step: number) => (state: UiState) =>
		only({ ...state, overlay: { ...overlay, cursor: moved(overlay.cursor, step, nodes.length) } });
	const enter =
		(index: number) =>
		(state: UiState): Change<UiState> => {
			const node = nodes[index];
			if (node === undefined || state.open === undefined) return only(close(state));
			return { state: close(state), wishes: [{ do: "shell", lab: state.open, node }] };
		};
	return [
		{ keys: ["up", "k"], label: "↑", words: "", help: "The node above.", act: move(-1) },
		{ keys: ["down", "j"], label: "↓", pair: "↑↓", words: "choose", help: "The node below.", act: move(1) },
		{ keys: ["enter"], label: "Enter", words: "open the shell", help: "Open the shell.", act: enter(overlay.cursor) },
		...nodes.slice(0, 9).map((_, index) => ({
			keys: [String(index + 1)],
			label: String(index + 1),
			words: "",
			help: "That node at once.",
			act: enter(index),
		})),
		CLOSE,
	];
}

const PAGE = 10;

function textKeys(overlay: Extract<Overlay, { kind: "text" }>): Binding[] {
	const scroll = (step: number) => (state: UiState) =>
		only({ ...state, overlay: { ...overlay, scroll: moved(overlay.scroll, step, overlay.lines.length) } });
	return [
		{ keys: ["up", "k"], label: "↑", words: "", help: "A line up.", act: scroll(-1) },
		{ keys: ["down", "j"], label: "↓", pair: "↑↓", words: "scroll", help: "A line down.", act: scroll(1) },
		{ keys: ["pageup"], label: "PgUp", words: "", help: "A page up.", act: scroll(-PAGE) },
		{ keys: ["pagedown", " "], label: "PgDn", pair: "PgUp/Dn", words: "page", help: "A page down.", act: scroll(PAGE) },
		{ ...CLOSE, keys: ["escape", "q", "enter"] },
	];
}
