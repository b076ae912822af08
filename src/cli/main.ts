/** One call of `lab`: parse, run one verb, end with its exit code. */
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Command, CommanderError } from "commander";
import { errorJson } from "../config/error-json.ts";
import { asLabError } from "../model/as-lab-error.ts";
import { EXIT, formatWhere, type LabError } from "../model/error.ts";
import { abortOnOutput, abortOnSignals, STDOUT_CLOSED } from "./abort.ts";
import type { CliContext } from "./cli-context.ts";
import { dropUnsetVariables } from "./flags.ts";
import { buildProgram, verbWords } from "./program.ts";
import { usageError } from "./usage-error.ts";

/** What `main` needs of the process it runs in. */
export type HostProcess = Pick<NodeJS.Process, "argv" | "env" | "cwd" | "stdin" | "stdout" | "stderr" | "on" | "exit">;

/** Runs `process.argv` and returns the exit code. Never throws. `replaced` lets tests bring their own daemon. */
export async function main(process: HostProcess, replaced: Partial<CliContext> = {}): Promise<number> {
	const args = process.argv.slice(2);
	const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
	const aborter = new AbortController();
	abortOnSignals(process, aborter);
	const output = abortOnOutput(process, aborter);
	let code: number = EXIT.passed;
	let format = wantedFormat(args, process.env);
	const surroundings = { version: ownVersion(root), write: (text: string) => void process.stdout.write(text) };
	const program = buildProgram(surroundings, async (load, words, flags) => {
		format = flags.format ?? "text";
		code = await (await load())(context, words, flags);
	});
	const context: CliContext = {
		root,
		cwd: process.cwd(),
		env: process.env,
		stdin: process.stdin,
		stdout: process.stdout,
		stderr: process.stderr,
		signal: aborter.signal,
		findDaemon: async () => (await import("../engine/docker-find.ts")).findDaemon(process.env),
		verbs: () => verbWords(program),
		...replaced,
	};
	try {
		dropUnsetVariables(program, process.env);
		if (args.length === 0) program.outputHelp();
		else await parse(program, process.argv);
		await output.flushed();
	} catch (error) {
		const usage = error instanceof CommanderError ? usageError(error, program, args) : error;
		return report(reasonOf(usage, aborter.signal), context, format);
	}
	return code;
}

/** Runs the verb. Commander throws after help and version too, which are no mistakes. */
async function parse(program: Command, argv: string[]): Promise<void> {
	try {
		await program.parseAsync(argv);
	} catch (error) {
		if (!(error instanceof CommanderError) || error.exitCode !== 0) throw error;
	}
}

function ownVersion(root: string): string {
	return (JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { version: string }).version;
}

/** The format for errors on the command line itself, which end before the verb has its flags. */
function wantedFormat(args: readonly string[], env: NodeJS.ProcessEnv): string {
	const end = args.indexOf("--");
	const own = end < 0 ? args : args.slice(0, end);
	const given = own.flatMap((word, index) => {
		if (word === "-f" || word === "--format") return own[index + 1] ?? [];
		return /^(?:-f|--format=)(.+)$/.exec(word)?.[1] ?? [];
	});
	return given.at(-1) ?? env.LAB_FORMAT ?? "text";
}

/** What an aborted call failed with says less than why it was aborted. */
function reasonOf(error: unknown, signal: AbortSignal): LabError {
	const known = asLabError(error);
	return known.kind === "interrupted" && signal.aborted ? asLabError(signal.reason) : known;
}

/** Tells a person (stderr) or a program (stdout, `-f json`) what went wrong. */
function report(error: LabError, context: CliContext, format: string): number {
	if (error.code === STDOUT_CLOSED) return error.exitCode;
	if (format === "json") context.stdout.write(`${JSON.stringify(errorJson(error), null, "\t")}\n`);
	if (error.kind === "bug") {
		const { cause } = error;
		context.stderr.write(
			`lab: this is a bug in lab: ${(cause instanceof Error ? cause.stack : undefined) ?? error.message}\n`,
		);
		return error.exitCode;
	}
	const { message, hint = "" } = error;
	const where = error.where && !message.includes(formatWhere(error.where)) ? `${formatWhere(error.where)}: ` : "";
	const hints = hint === "" ? [] : hint.split("\n").map((line) => `  ${line}`);
	context.stderr.write(`${[`lab: ${where}${message}`, ...hints].join("\n")}\n`);
	return error.exitCode;
}
