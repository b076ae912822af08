/** How a verb ends whose run has failed. */
import { errorJson } from "../config/error-json.ts";
import type { CliContext } from "./cli-context.ts";
import type { Flags } from "./flags.ts";
import { print } from "./output.ts";
import type { RunSession } from "./run-session.ts";

/** Tells the run what ended it, closes it, and returns the exit code. The run's own lines tell a person; a program gets JSON. */
export async function endFailed(
	context: CliContext,
	flags: Flags,
	run: RunSession,
	error: unknown,
	lab: string,
): Promise<number> {
	const failure = run.fail(error, lab);
	await run.close();
	if (flags.format === "json") print(context, flags, errorJson(failure), () => "");
	return failure.exitCode;
}
