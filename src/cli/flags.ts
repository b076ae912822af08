/** Flags that several verbs share, each with its environment variable (the flag wins). */
import { type Command, InvalidArgumentError, Option } from "commander";

/** Options as commander hands them to a verb; each verb takes those it declares. */
export interface Flags {
	engine?: "auto" | "docker" | "vm";
	loadModules?: boolean;
	wiring?: "docker" | "veth";
	name?: string;
	format?: "text" | "json";
	yes?: boolean;
	keep?: boolean;
	timeout?: number;
	results?: string;
	dryRun?: boolean;
	reconfigure?: boolean;
	all?: boolean;
	allowSkip?: boolean;
	scenario?: string[];
	list?: boolean;
	plain?: boolean;
	verbose?: boolean;
	junit?: string;
	tail?: number;
	tty?: boolean;
	write?: boolean;
	output?: string;
	force?: boolean;
	grep?: string;
}

function positive(text: string): number {
	const value = Number(text);
	if (!Number.isFinite(value) || value <= 0) throw new InvalidArgumentError("must be a number greater than 0.");
	return value;
}

function collect(value: string, before: string[] | undefined): string[] {
	return [...(before ?? []), value];
}

const FLAGS = {
	engine: () =>
		new Option(
			"--engine <kind>",
			"where the daemon comes from: auto, docker (the one given) or vm (the embedded machine)",
		)
			.choices(["auto", "docker", "vm"])
			.default("auto")
			.env("LAB_ENGINE"),
	loadModules: () =>
		new Option("--load-modules", "let the docker engine load kernel modules on its host (they stay loaded)").env(
			"LAB_LOAD_MODULES",
		),
	wiring: () =>
		new Option("--wiring <driver>", "make every network this way: docker or veth (the lab file decides when left out)")
			.choices(["docker", "veth"])
			.env("LAB_WIRING"),
	name: () =>
		new Option("-n, --name <instance>", "name of the instance (the lab's name when left out)").env("LAB_NAME"),
	format: () =>
		new Option("-f, --format <format>", "text, or json on stdout")
			.choices(["text", "json"])
			.default("text")
			.env("LAB_FORMAT"),
	yes: () => new Option("-y, --yes", "answer yes to every question").env("LAB_YES"),
	keep: () => new Option("--keep", "leave the lab in place when something fails, to look around").env("LAB_KEEP"),
	timeout: () =>
		new Option("--timeout <seconds>", "give up after this time; cleaning up comes on top")
			.argParser(positive)
			.env("LAB_TIMEOUT"),
	results: () => new Option("--results <dir>", "folder that gets a folder per run").env("LAB_RESULTS"),
	dryRun: () =>
		new Option("--dry-run", "print the plan as a transcript that a person could follow, and do nothing").env(
			"LAB_DRY_RUN",
		),
	reconfigure: () =>
		new Option("--reconfigure", "rebuild the instance even when it is up as planned").env("LAB_RECONFIGURE"),
	all: () => new Option("-a, --all", "all of them").env("LAB_ALL"),
	allowSkip: () =>
		new Option("--allow-skip", "with --all: a lab that cannot run here does not spoil the exit code").env(
			"LAB_ALLOW_SKIP",
		),
	scenario: () =>
		new Option("-s, --scenario <name>", "only this scenario (may be given again)")
			.argParser(collect)
			.env("LAB_SCENARIO"),
	list: () => new Option("--list", "list the scenarios and run nothing").env("LAB_LIST"),
	plain: () => new Option("--plain", "plain lines, also on a terminal").env("LAB_PLAIN"),
	verbose: () => new Option("-v, --verbose", "show every command that is run").env("LAB_VERBOSE"),
	junit: () => new Option("--junit <file>", "write the JUnit report to this file as well").env("LAB_JUNIT"),
	tail: () => new Option("--tail <lines>", "only the last lines").argParser(positive).default(100).env("LAB_TAIL"),
	tty: () => new Option("-t, --tty", "give the command a terminal").env("LAB_TTY"),
	write: () => new Option("--write", "write the files under schema/").env("LAB_WRITE"),
	output: () => new Option("-o, --output <file>", "write to this file").env("LAB_OUTPUT"),
	force: () => new Option("--force", "build even when an up-to-date one is there").env("LAB_FORCE"),
	grep: () => new Option("--grep <pattern>", "only tests whose name matches").env("LAB_GREP"),
} as const;

export type FlagName = keyof typeof FLAGS;

/** Declares shared flags on a verb. */
export function withFlags(command: Command, ...names: FlagName[]): Command {
	for (const name of names) command.addOption(FLAGS[name]());
	return command;
}
