/** Mistakes on the command line, which commander words for a terminal, as errors like all others. */
import type { Command, CommanderError } from "commander";
import { LabError } from "../model/error.ts";
import { findVerb } from "./program.ts";

/** `error: unknown option '--foo'\n(Did you mean --force?)` becomes a message and a hint that names the verb's usage. */
export function usageError(error: CommanderError, program: Command, args: readonly string[]): LabError {
	const [message = "", guess = ""] = error.message.replace(/^error: /, "").split("\n");
	const verb = findVerb(
		program,
		args.find((word) => !word.startsWith("-")),
	);
	const guessed = guess.replace(/^\((.*)\)$/, "$1");
	const usage = verb ? `Usage: lab ${verb.name()} ${verb.usage()}` : undefined;
	const more = verb ? `Explained by: lab ${verb.name()} --help` : "All verbs: lab --help";
	return new LabError("input", message, {
		code: codeOf(error),
		hint: [guessed, usage, more].filter(Boolean).join("\n"),
	});
}

/** `commander.unknownOption` -> `unknown-option`. */
function codeOf(error: CommanderError): string {
	return error.code.replace(/^commander\./, "").replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}
