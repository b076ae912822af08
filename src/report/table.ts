/** Aligned text tables, measured in terminal cells so that wide characters and colour codes do not shift columns. */
import stringWidth from "string-width";

const GAP = "  ";

/** Rows under upper-case headings, columns as wide as their widest cell; line breaks inside cells become spaces. */
export function textTable(headings: readonly string[], rows: readonly (readonly string[])[]): string {
	return alignRows([headings.map((heading) => heading.toUpperCase()), ...rows]);
}

/** Rows without headings, e.g. `key  value` lists. No trailing spaces; ends with a line break unless empty. */
export function alignRows(rows: readonly (readonly string[])[]): string {
	const cells = rows.map((row) => row.map((cell) => cell.replaceAll(/\s*\n\s*/g, " ")));
	const columns = Math.max(0, ...cells.map((row) => row.length));
	const widths = Array.from({ length: columns }, (_, column) =>
		Math.max(...cells.map((row) => stringWidth(row[column] ?? ""))),
	);
	return cells.map((row) => `${alignRow(row, widths)}\n`).join("");
}

function alignRow(row: readonly string[], widths: readonly number[]): string {
	const padded = row.map((cell, column) => cell + " ".repeat((widths[column] ?? 0) - stringWidth(cell)));
	return padded.join(GAP).trimEnd();
}
