/** Commands that change a lab which is up: those of scenarios and of lessons. */
import { LabError } from "../model/error.ts";
import { listOf } from "../model/list-of.ts";
import type { RunContext } from "./context.ts";
import { containerOf, type LiveLab } from "./live-lab.ts";

/**
 * Runs shell commands in a node, up to the first that fails, and returns what they print.
 * @param what what they are for, as the error for a failure begins: LabError `broken`/`change-failed`
 */
export async function runCommands(
	context: RunContext,
	live: LiveLab,
	node: string,
	commands: string | string[],
	what: string,
	signal: AbortSignal,
): Promise<string> {
	const script = listOf(commands).join("\n");
	const result = await context.engine.exec(containerOf(live, node), {
		command: ["sh", "-e", "-c", script],
		signal,
	});
	if (result.exitCode === 0) return result.stdout.toString("utf8");
	const words = `${result.stderr.toString("utf8")}${result.stdout.toString("utf8")}`.trim();
	throw new LabError("broken", `${what}: on ${node}, \`${script}\` ended with ${result.exitCode}: ${words}`, {
		code: "change-failed",
	});
}
