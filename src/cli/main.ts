/** One call of `lab`: parse, run one verb, end with its exit code. */
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { type Command, CommanderError } from "commander";
import { EXIT, formatWhere, LabError } from "../model/error.ts";
import type { CliContext, VerbWords } from "./cli-context.ts";
import { buildProgram } from "./program.ts";

/** Runs `process.argv` and returns the exit code. Never throws. */
export async function main(process: NodeJS.Process): Promise<number> {
	const aborter = new AbortController();
	const release = listenToSignals(process, aborter);
	let code: number = EXIT.passed;
	let format = process.env.LAB_FORMAT ?? "text";
	const context: CliContext = { ...contextOf(process, aborter.signal), verbs: () => program.commands.map(verbWords) };
	const program = buildProgram(async (load, args, flags) => {
		format = flags.format ?? "text";
		code = await (await load())(context, args, flags);
	});
	try {
		program.exitOverride();
		for (const command of program.commands) command.exitOverride();
		await program.parseAsync(process.argv);
	} catch (error) {
		code = report(error, context, format);
	} finally {
		release();
	}
	return code;
}

/** Colours: NO_COLOR wins, then FORCE_COLOR, then whether stdout is a terminal. */
function contextOf(process: NodeJS.Process, signal: AbortSignal): Omit<CliContext, "verbs"> {
	const { env, stdout } = process;
	const forced = env.FORCE_COLOR !== undefined && env.FORCE_COLOR !== "0";
	const terminal = stdout.isTTY === true;
	return {
		root: dirname(dirname(dirname(fileURLToPath(import.meta.url)))),
		cwd: process.cwd(),
		env,
		stdin: process.stdin,
		stdout,
		stderr: process.stderr,
		signal,
		color: !env.NO_COLOR && (forced || (terminal && env.TERM !== "dumb")),
		interactive: terminal && !env.CI && env.TERM !== "dumb",
	};
}

/**
 * The first signal asks the running verb to stop and clean up; the second Ctrl-C ends at once. npm and shells may deliver
 * one Ctrl-C twice within a few milliseconds, which is not a second wish.
 */
function listenToSignals(process: NodeJS.Process, aborter: AbortController): () => void {
	let first = 0;
	const onSignal = (signal: NodeJS.Signals) => {
		const now = Date.now();
		if (aborter.signal.aborted) {
			if (signal === "SIGINT" && now - first > 500) process.exit(EXIT.interrupted);
			return;
		}
		first = now;
		const kind = signal === "SIGINT" ? "interrupted" : "terminated";
		aborter.abort(new LabError(kind, signal === "SIGINT" ? "interrupted" : `stopped by ${signal}`, { code: kind }));
	};
	const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
	for (const signal of signals) process.on(signal, onSignal);
	return () => {
		for (const signal of signals) process.off(signal, onSignal);
	};
}

/** Tells a person (stderr) or a program (stdout, `-f json`) what went wrong. */
function report(error: unknown, context: CliContext, format: string): number {
	if (error instanceof CommanderError) {
		// Commander has written its own message; asking for help is not a mistake.
		return error.exitCode === 0 ? EXIT.passed : EXIT.input;
	}
	const known = error instanceof LabError;
	const message = error instanceof Error ? error.message : String(error);
	if (format === "json") {
		const { code, hint, where } = known ? error : { code: "bug", hint: undefined, where: undefined };
		context.stdout.write(`${JSON.stringify({ error: { code, message, hint, where } })}\n`);
	}
	if (!known) {
		const stack = error instanceof Error ? error.stack : undefined;
		context.stderr.write(`lab: this is a bug in lab: ${stack ?? message}\n`);
		return EXIT.bug;
	}
	const where = error.where && !message.includes(formatWhere(error.where)) ? `${formatWhere(error.where)}: ` : "";
	context.stderr.write(`lab: ${where}${message}\n`);
	if (error.hint)
		context.stderr.write(
			`${error.hint
				.split("\n")
				.map((line) => `  ${line}`)
				.join("\n")}\n`,
		);
	return error.exitCode;
}

function verbWords(command: Command): VerbWords {
	const flags = command.options.flatMap((option) => option.long ?? []);
	return { name: command.name(), summary: command.summary(), flags: [...flags, "--help"] };
}
