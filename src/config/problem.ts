/** Mistakes in a file, collected so that an author sees all of them at once. */
import { formatWhere, LabError, type Where } from "../model/error.ts";

/** One mistake in a file the author wrote. */
export interface Problem {
	where: Where;
	/** Where in the data, e.g. `nodes.gw.steps[2].ipvs`; empty for the file as a whole. */
	path: string;
	message: string;
	/** What to do about it. */
	hint?: string;
}

export type Outcome<T> = ({ ok: true } & T) | { ok: false; problems: Problem[] };

/** By place in the file, each mistake once: a value used through an alias would repeat its mistake. */
export function sortProblems(problems: readonly Problem[]): Problem[] {
	const seen = new Set<string>();
	return [...problems]
		.sort(
			(left, right) =>
				left.where.file.localeCompare(right.where.file) ||
				(left.where.line ?? 0) - (right.where.line ?? 0) ||
				(left.where.column ?? 0) - (right.where.column ?? 0) ||
				left.message.localeCompare(right.message),
		)
		.filter((problem) => {
			const key = `${formatWhere(problem.where)}: ${problem.message}`;
			return seen.has(key) ? false : seen.add(key);
		});
}

/** Every problem as `file:line:col: message`, its hint on a line of its own. */
export function formatProblems(problems: readonly Problem[]): string {
	return problems
		.map(({ where, message, hint }) => `${formatWhere(where)}: ${message}${hint ? `\n    hint: ${hint}` : ""}`)
		.join("\n");
}

/** A file that cannot be used; `where` is the place of its first mistake. */
export class InvalidFileError extends LabError {
	/** By place in the file. */
	readonly problems: readonly Problem[];

	constructor(problems: readonly Problem[]) {
		const sorted = sortProblems(problems);
		const first = sorted[0];
		super("input", formatProblems(sorted), { code: "invalid-file", ...(first ? { where: first.where } : {}) });
		this.name = "InvalidFileError";
		this.problems = sorted;
	}
}

/** Ends with an error that says all problems. */
export function throwProblems(problems: readonly Problem[]): never {
	throw new InvalidFileError(problems);
}
