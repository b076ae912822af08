/** Data on stdout: a table for people, JSON for programs. */
import { writeFileSync } from "node:fs";
import { refusalOf } from "../model/as-lab-error.ts";
import { LabError, wordsOf } from "../model/error.ts";
import type { CliContext } from "./cli-context.ts";
import type { Flags } from "./flags.ts";

/** Prints `data` as JSON, or what `text` makes for a person. */
export function print(context: CliContext, flags: Flags, data: unknown, text: () => string): void {
	const output = flags.format === "json" ? JSON.stringify(data, null, "\t") : text().replace(/\n$/, "");
	context.stdout.write(`${output}\n`);
}

/** Writes a file that the user has named. */
export function writeFor(path: string, content: string, mode = 0o644): void {
	try {
		writeFileSync(path, content, { mode });
	} catch (error) {
		throw refuseToWrite(path, error);
	}
}

/** The error for a file that the user has named and that cannot be written. */
export function refuseToWrite(path: string, error: unknown): LabError {
	return new LabError("input", `cannot write ${path}: ${refusalOf(error)?.words ?? wordsOf(error)}`, {
		code: "not-writable",
		cause: error,
	});
}
