/** Data on stdout: a table for people, JSON for programs. */
import type { CliContext } from "./cli-context.ts";
import type { Flags } from "./flags.ts";

/** Prints `data` as JSON, or what `text` makes for a person. */
export function print(context: CliContext, flags: Flags, data: unknown, text: () => string): void {
	const output = flags.format === "json" ? JSON.stringify(data, null, "\t") : text().replace(/\n$/, "");
	context.stdout.write(`${output}\n`);
}
