/** Set-up work (packages, images, machine) as part of a run: its messages are events, its questions go to the terminal. */
import { createInterface } from "node:readline/promises";
import { isOn } from "../model/environment.ts";
import { LabError } from "../model/error.ts";
import type { SetupContext, SetupListener } from "../model/progress.ts";
import type { CliContext } from "./cli-context.ts";
import type { Flags } from "./flags.ts";

export interface SetupWiring {
	listen: SetupListener;
	signal: AbortSignal;
	/** Gives the terminal to a question. */
	suspend?: <T>(work: () => Promise<T>) => Promise<T>;
}

/** A question is asked only where a person sits: both ends a terminal, no --yes, no CI. Elsewhere the answer is yes. */
export function setupContext(context: CliContext, flags: Flags, wiring: SetupWiring): SetupContext {
	const asks = context.stdin.isTTY && context.stderr.isTTY && !flags.yes && !isOn(context.env.CI);
	const suspend = wiring.suspend ?? ((work) => work());
	return {
		listen: wiring.listen,
		signal: wiring.signal,
		env: context.env,
		confirm: (question) => (asks ? suspend(() => ask(context, question, wiring.signal)) : Promise.resolve(true)),
	};
}

/** Asks yes or no on stderr; Enter means yes. */
export async function ask(
	context: Pick<CliContext, "stdin" | "stderr">,
	question: string,
	signal: AbortSignal,
): Promise<boolean> {
	const lines = createInterface({ input: context.stdin, output: context.stderr });
	// readline takes Ctrl-C for itself while it reads.
	const interrupt = new AbortController();
	lines.on("SIGINT", () => interrupt.abort());
	try {
		const answer = await lines.question(`${question} [Y/n] `, { signal: AbortSignal.any([signal, interrupt.signal]) });
		return /^(y|yes|)$/i.test(answer.trim());
	} catch (error) {
		throw new LabError("interrupted", "interrupted", { code: "interrupted", cause: error });
	} finally {
		lines.close();
	}
}

/** Set-up messages of verbs that have no run of their own, as lines on stderr. */
export function setupLines(context: CliContext): SetupListener {
	return (message) => {
		if (message.kind === "begin") context.stderr.write(`${message.phase}: ${message.text}\n`);
		if (message.kind === "end") {
			const seconds = (message.durationMs / 1000).toFixed(1);
			context.stderr.write(`${message.phase}: ${message.ok ? "done" : "failed"} in ${seconds} s\n`);
		}
	};
}
