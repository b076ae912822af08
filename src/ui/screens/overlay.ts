/** What is shown in place of a screen: all keys, a question, which node, text to read. Pure. */

import { type Overlay, openEntry, type UiState } from "../state/state.ts";
import { screenKeys } from "../state/update.ts";
import { BLANK_LINE, line, say, type TextLine, windowOf, wrapText } from "../text.ts";
import { nodeSign } from "./node-sign.ts";
import type { Size } from "./size.ts";

export function overlayLines(overlay: Overlay, state: UiState, size: Size): TextLine[] {
	switch (overlay.kind) {
		case "help":
			return helpLines(state, size);
		case "ask":
			return [
				BLANK_LINE,
				...wrapText(overlay.question, size.columns - 2).map((text) => line(say("strong", ` ${text}`))),
			];
		case "shell":
			return shellLines(overlay.cursor, state);
		case "text": {
			const lines = overlay.lines.flatMap((text) => wrapText(text, size.columns - 1)).map((text) => line(text));
			const { shown } = windowOf(lines, size.rows - 2, overlay.scroll);
			return [line(say("strong", ` ${overlay.title}`)), BLANK_LINE, ...shown];
		}
	}
}

function helpLines(state: UiState, size: Size): TextLine[] {
	const keys = screenKeys(state);
	const width = Math.max(...keys.map(({ label }) => label.length));
	const rows = keys.map(({ label, help }) => line("  ", say("strong", label.padEnd(width)), `  ${help}`));
	const { shown } = windowOf(rows, size.rows - 2, 0);
	return [line(say("strong", " Keys of this screen")), BLANK_LINE, ...shown];
}

function shellLines(cursor: number, state: UiState): TextLine[] {
	const entry = openEntry(state);
	const nodes = entry?.facts?.plan.nodes ?? [];
	const width = Math.max(0, ...nodes.map(({ name }) => name.length));
	return [
		line(say("strong", " A shell in which node?"), say("quiet", "  `exit` comes back here.")),
		BLANK_LINE,
		...nodes.map(({ name, role }, index) => {
			const { word, tone } = entry ? nodeSign(state, entry, name) : { word: "", tone: "plain" as const };
			const marker = index === cursor ? say("strong", " > ") : "   ";
			return line(marker, `${index + 1} `, say("strong", name.padEnd(width)), `  ${role.padEnd(8)}  `, say(tone, word));
		}),
	];
}
