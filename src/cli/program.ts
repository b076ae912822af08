/** The command line: verbs and flags as a commander tree. Loads nothing that only a running verb needs. */
import { Argument, Command, type Option } from "commander";
import { closest } from "../config/suggest.ts";
import { LabError } from "../model/error.ts";
import type { VerbWords } from "./cli-context.ts";
import { type Flags, withFlags } from "./flags.ts";
import type { Action, Verb } from "./verb.ts";
import { VERBS } from "./verbs.ts";

type Run = (load: () => Promise<Action>, args: string[], flags: Flags) => Promise<void>;

interface Surroundings {
	version: string;
	/** Where help goes. */
	write: (text: string) => void;
}

/** Builds the command tree. `run` gets the chosen verb's action. Mistakes are thrown and not printed. */
export function buildProgram({ version, write }: Surroundings, run: Run): Command {
	const program = new Command("lab")
		.description(
			"Reproducible load-balancer testbeds: documented setups as containers, driven with real traffic, judged with evidence.",
		)
		.usage("<verb> [flags]")
		// Sub-commands take these over, so they come first.
		.exitOverride()
		.configureOutput({ writeOut: write, outputError: () => {} })
		.configureHelp({ sortSubcommands: false })
		.version(version, "-V, --version", "print the version of lab")
		.helpOption("-h, --help", "explain lab or a verb")
		.helpCommand(false)
		.enablePositionalOptions()
		.addHelpText("after", HELP);
	for (const verb of VERBS) addVerb(program, verb, run);
	addHelpVerb(program);
	return program;
}

function addVerb(program: Command, verb: Verb, run: Run): void {
	const { name, aliases = [], summary, description = `${summary}.`, flags, examples } = verb;
	const command = withFlags(program.command(name).aliases(aliases).summary(summary).description(description), flags);
	for (const [argument, text] of verb.arguments ?? []) command.addArgument(new Argument(argument, text));
	if (verb.passThrough) command.passThroughOptions();
	command.addHelpText("after", `\nExamples:\n${examples.map((line) => `  ${line}`).join("\n")}`);
	command.action(async (...received: unknown[]) => {
		const count = (verb.arguments ?? []).length;
		const args = received
			.slice(0, count)
			.flat()
			.filter((value) => value !== undefined) as string[];
		const given = received[count] as Flags;
		await checkName(given.name);
		await run(verb.load, args, given);
	});
}

/** An instance's name becomes the names of containers and networks. */
async function checkName(name: string | undefined): Promise<void> {
	if (name === undefined) return;
	const { Name } = await import("../model/name.ts");
	const [issue] = Name.safeParse(name).error?.issues ?? [];
	if (!issue) return;
	throw new LabError("input", `"${name}" is not a name for an instance: it ${issue.message}`, {
		code: "bad-name",
		hint: "For example: --name mine, or LAB_NAME=mine",
	});
}

/** `lab help VERB`, with a guess for a mistyped verb, which commander's own has not. */
function addHelpVerb(program: Command): void {
	program
		.command("help")
		.summary("Explain a verb")
		.description("Explains a verb, or lab as a whole.")
		.argument("[verb]", "the verb")
		.addHelpText("after", "\nExamples:\n  lab help up")
		.action((name: string | undefined) => {
			if (name === undefined) return program.help();
			const found = findVerb(program, name);
			if (found) return found.help();
			const guess = closest(
				name,
				program.commands.flatMap((command) => [command.name(), ...command.aliases()]),
			);
			throw new LabError("input", `there is no verb "${name}"`, {
				code: "unknown-verb",
				hint: `${guess ? `Did you mean ${guess}? ` : ""}All verbs: lab --help`,
			});
		});
}

/** The command of a verb, by its name or an alias. */
export function findVerb(program: Command, name: string | undefined): Command | undefined {
	return program.commands.find((command) => command.name() === name || command.aliases().includes(name ?? ""));
}

/** The verbs as completion needs them. */
export function verbWords(program: Command): VerbWords[] {
	const names = program.commands.map((command) => command.name());
	return program.commands.map((command) => {
		const verb = VERBS.find((candidate) => candidate.name === command.name());
		return {
			names: [command.name(), ...command.aliases()],
			summary: command.summary(),
			flags: [...command.options.map(flagWords), { names: ["--help"], takesValue: false, values: [] }],
			// All but one are in the table.
			completes: verb ? (verb.arguments?.[0]?.[2] ?? []) : names,
		};
	});
}

function flagWords(option: Option): VerbWords["flags"][number] {
	return {
		names: [option.long, option.short].filter((name) => name !== undefined),
		takesValue: option.required,
		values: option.argChoices ?? [],
	};
}

const HELP = `
Start with:
  lab list                    what there is
  lab test ipvs-nat           set up whatever is missing, run a lab, get a verdict
  lab up katran-dsr           bring a lab up and leave it up
  lab help up                 explain a verb

Environment:
  Every flag has a variable, named in the verb's help; the flag wins. A switch is off when its variable is
  empty, 0, false, no or off.
  LAB_NO_INSTALL=1            install nothing: print the command that would, and end with 3
  LAB_CACHE=DIR               where images, snapshots and machines are kept (~/.cache/lblab)
  LAB_ACCEL=kvm|tcg           force the accelerator of the embedded machine
  DOCKER_HOST, DOCKER_CONTEXT which Docker daemon is yours, as for the docker command
  NO_COLOR, FORCE_COLOR, CI   no colours; colours also into a pipe; no questions and no live view

Exit codes:
  0 passed, 1 a check failed, 2 mistake in a file or on the command line, 3 this machine cannot do it,
  4 could not be built or measured, 5 the evidence contradicts itself, 70 bug, 124 timed out,
  130/143 interrupted and cleaned up. lab exec ends with the exit code of the command it ran.`;
