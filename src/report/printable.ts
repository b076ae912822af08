/**
 * Text of programs in the lab and of apt made harmless: what a node writes must not move the reader's cursor, recolour the
 * terminal or forge a line of ours.
 */
import type { LabEvent } from "../model/event.ts";

// biome-ignore lint/suspicious/noControlCharactersInRegex: control sequences are what is looked for
const COLOUR_CODES = /\u001b\[[\d;]*m/g;
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
const CONTROLS = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g;

/** Colour codes dropped, carriage returns as line breaks, other control characters as `\xNN`; line breaks and tabs kept. */
export function printable(text: string): string {
	return text
		.replaceAll(COLOUR_CODES, "")
		.replaceAll(/\r+\n?/g, "\n")
		.replaceAll(CONTROLS, (character) => `\\x${character.charCodeAt(0).toString(16).padStart(2, "0")}`);
}

/** The event with every text printable. The report at the end stays as it is: it is data, not text to show. */
export function printableEvent<T extends LabEvent>(event: T): T {
	return event.type === "run-end" ? event : (mapStrings(event) as T);
}

function mapStrings(value: unknown): unknown {
	if (typeof value === "string") return printable(value);
	if (Array.isArray(value)) return value.map(mapStrings);
	if (typeof value !== "object" || value === null) return value;
	return Object.fromEntries(Object.entries(value).map(([key, entry]) => [printable(key), mapStrings(entry)]));
}
