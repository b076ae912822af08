/** Chooses what to show when a screen has more rows than the terminal. Pure. */
import type { ReactNode } from "react";

/** One row of a screen, exactly one terminal line high. */
export interface Row {
	key: string;
	/** Rows of low importance go first, among equals those further up. */
	importance: number;
	element: ReactNode;
}

/** The rows that fit into `height` lines, in their order, and how many with something to say were left out. */
export function fitRows(rows: readonly Row[], height: number): { shown: Row[]; leftOut: number } {
	if (rows.length <= height) return { shown: [...rows], leftOut: 0 };
	// One line is needed to say that something is missing.
	const surplus = rows.length - Math.max(0, height - 1);
	const order = rows.map((row, index) => ({ row, index }));
	order.sort((a, b) => a.row.importance - b.row.importance || a.index - b.index);
	const dropped = new Set(order.slice(0, surplus).map(({ row }) => row));
	return {
		shown: rows.filter((row) => !dropped.has(row)),
		leftOut: [...dropped].filter((row) => row.importance > BLANK).length,
	};
}

/** Importance of an empty row between sections. */
export const BLANK = 0;
