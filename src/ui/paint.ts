/** What to write so that a terminal shows other lines: only those that have changed. Pure. */

const ERASE_LINE = "\u001b[K";

/** Begin and end of an update that terminals which know it (DEC mode 2026) show at once; others pass over it. */
const SYNCHRONIZED = ["\u001b[?2026h", "\u001b[?2026l"] as const;

/**
 * The text that turns the lines shown into the new ones, by absolute positions; empty when nothing changes. Never ends a line
 * with a line break, so that the last one of the terminal does not scroll.
 */
export function paint(shown: readonly string[], wanted: readonly string[]): string {
	const rows = Math.max(shown.length, wanted.length);
	const changes = Array.from({ length: rows }, (_, index) => {
		const text = wanted[index] ?? "";
		return text === shown[index] ? "" : `\u001b[${index + 1};1H${text}${ERASE_LINE}`;
	}).join("");
	return changes === "" ? "" : `${SYNCHRONIZED[0]}${changes}${SYNCHRONIZED[1]}`;
}
