/**
 * Errors written for the person who can fix them: what happened, where, and what to do about it.
 * The class of an error decides the exit code; `architecture` of exit codes is in README "Exit codes".
 */

/** Exit codes by outcome. The order of severity over several labs is in `worstExitCode`. */
export const EXIT = {
	passed: 0,
	failed: 1,
	input: 2,
	environment: 3,
	broken: 4,
	inconsistent: 5,
	bug: 70,
	timeout: 124,
	interrupted: 130,
	terminated: 143,
} as const;

export type ErrorKind = Exclude<keyof typeof EXIT, "passed">;

/** A place in a file the user wrote. Lines and columns count from 1. */
export interface Where {
	file: string;
	line?: number;
	column?: number;
}

export interface LabErrorOptions {
	/** Stable machine-readable name, e.g. `no-daemon`, `address-clash`. */
	code: string;
	/** What the user can do about it; one or two sentences or a command. */
	hint?: string;
	where?: Where;
	cause?: unknown;
}

/** The only error that reaches a user without being called a bug. */
export class LabError extends Error {
	readonly kind: ErrorKind;
	readonly code: string;
	readonly hint: string | undefined;
	readonly where: Where | undefined;

	constructor(kind: ErrorKind, message: string, options: LabErrorOptions) {
		super(message, options.cause === undefined ? undefined : { cause: options.cause });
		this.name = "LabError";
		this.kind = kind;
		this.code = options.code;
		this.hint = options.hint;
		this.where = options.where;
	}

	/** The process exit code this error ends with. */
	get exitCode(): number {
		return EXIT[this.kind];
	}
}

/** `file:line:column`, as far as known. */
export function formatWhere(where: Where): string {
	const parts = [where.file, where.line, where.column].filter((part) => part !== undefined);
	return parts.join(":");
}

/** Severity over several labs, worst first (README "Exit codes"). */
const SEVERITY: readonly number[] = [70, 130, 143, 124, 2, 4, 3, 5, 1, 0];

/** The exit code of a run over several labs: the first of the severity order that occurred. */
export function worstExitCode(codes: readonly number[]): number {
	return SEVERITY.find((code) => codes.includes(code)) ?? EXIT.bug;
}

/** What an error of any kind says, for messages that quote it. */
export function wordsOf(error: unknown): string {
	return error instanceof Error ? error.message : String(error);
}
