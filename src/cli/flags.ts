/** Flags that several verbs share, each with its environment variable (the flag wins). */
import { type Command, InvalidArgumentError, Option } from "commander";
import { isOn } from "../model/environment.ts";

/** Options as commander hands them to a verb; each verb takes those it declares. */
export interface Flags {
	engine?: "auto" | "docker" | "vm";
	loadModules?: boolean;
	wiring?: "docker" | "veth";
	/** Values of vars of the lab. */
	set?: Record<string, string>;
	/** Features to do without, although the kernel may have them. */
	without?: string[];
	name?: string;
	format?: "text" | "json";
	yes?: boolean;
	keep?: boolean;
	/** Seconds. */
	timeout?: number;
	results?: string;
	dryRun?: boolean;
	reconfigure?: boolean;
	all?: boolean;
	allowSkip?: boolean;
	/** Labs at once. */
	jobs?: number;
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
	reset?: boolean;
	asAuthor?: boolean;
}

const UNITS: Record<string, number> = { "": 1, s: 1, m: 60, h: 3600 };

/** Node's timers take 2^31 - 1 ms, and fire at once when given more. */
const LONGEST_TIMEOUT = 2_147_483;

/** `90`, `90s`, `10m` or `2h`, in seconds. */
export function parseDuration(text: string): number {
	const [, digits, unit = ""] = /^(\d+(?:\.\d+)?)([smh]?)$/.exec(text.trim()) ?? [];
	const seconds = Number(digits) * (UNITS[unit] ?? Number.NaN);
	if (!(seconds > 0)) throw new InvalidArgumentError("It must be a time greater than 0, e.g. 90, 90s, 10m or 2h.");
	if (seconds > LONGEST_TIMEOUT) throw new InvalidArgumentError("It must be less than 596 hours.");
	return seconds;
}

function parseCount(text: string): number {
	if (!/^\d{1,9}$/.test(text) || Number(text) === 0)
		throw new InvalidArgumentError("It must be a whole number greater than 0.");
	return Number(text);
}

/** `-s one -s two` and `-s one,two`, the second for the environment variable. */
function collect(value: string, before: string[] | undefined): string[] {
	return [...(before ?? []), ...value.split(",").filter((name) => name !== "")];
}

/** `--set mode=native --set vip=10.0.0.9`, and `mode=native,vip=10.0.0.9`, the second for the environment variable. */
function collectVars(value: string, before: Record<string, string> | undefined): Record<string, string> {
	const pairs = value.split(",").map((pair) => {
		const at = pair.indexOf("=");
		if (at < 1) throw new InvalidArgumentError("It must be VAR=VALUE, with a var of the lab, e.g. mode=native.");
		return [pair.slice(0, at), pair.slice(at + 1)] as const;
	});
	return { ...before, ...Object.fromEntries(pairs) };
}

/** `--all` of one verb has nothing to do with that of another, so neither have their variables. */
const ALL: Record<string, string> = {
	test: "every lab of the project",
	down: "every lab that is up, and machines without one",
	vm: "every machine (stop)",
	gc: "also the results of all runs but the newest ten",
};

type Make = (verb: string) => Option;

const flag = (spec: string, variable: string, text: string) => new Option(spec, text).env(variable);

const FLAGS = {
	engine: () =>
		flag("--engine <kind>", "LAB_ENGINE", "where containers run: your Docker daemon, or the embedded machine")
			.choices(["auto", "docker", "vm"])
			.default("auto"),
	loadModules: () =>
		flag("--load-modules", "LAB_LOAD_MODULES", "let lab load kernel modules on the daemon's host (they stay loaded)"),
	wiring: () =>
		flag("--wiring <driver>", "LAB_WIRING", "make every network this way, whatever the lab file says").choices([
			"docker",
			"veth",
		]),
	set: () =>
		flag("--set <var=value>", "LAB_SET", "another value for a var of the lab (may be given again)").argParser(
			collectVars,
		),
	without: () =>
		flag(
			"--without <feature>",
			"LAB_WITHOUT",
			"plan as for a kernel that lacks this feature, with what the lab does in its place (may be given again)",
		).argParser(collect),
	name: () => flag("-n, --name <instance>", "LAB_NAME", "name of the instance; the lab's own name when left out"),
	format: () =>
		flag("-f, --format <format>", "LAB_FORMAT", "text for people, json for programs (on stdout; the rest on stderr)")
			.choices(["text", "json"])
			.default("text"),
	yes: () => flag("-y, --yes", "LAB_YES", "answer yes to every question"),
	keep: () => flag("--keep", "LAB_KEEP", "leave the lab in place when something fails, to look around"),
	timeout: () =>
		flag(
			"--timeout <time>",
			"LAB_TIMEOUT",
			"give up after this time (90, 90s, 10m); cleaning up comes on top",
		).argParser(parseDuration),
	results: () => flag("--results <dir>", "LAB_RESULTS", "folder that gets a folder per run (default: results/)"),
	dryRun: () => flag("--dry-run", "LAB_DRY_RUN", "print the plan as commands that a person could type, and do nothing"),
	reconfigure: () => flag("--reconfigure", "LAB_RECONFIGURE", "rebuild the instance even when it is up as planned"),
	all: (verb) => flag("-a, --all", `LAB_${verb.toUpperCase()}_ALL`, ALL[verb] ?? "all of them"),
	allowSkip: () =>
		flag("--allow-skip", "LAB_ALLOW_SKIP", "with --all: a lab that cannot run on this machine is no failure"),
	scenario: () =>
		flag("-s, --scenario <name>", "LAB_SCENARIO", "only this scenario (may be given again)").argParser(collect),
	jobs: () =>
		flag(
			"-j, --jobs <n>",
			"LAB_JOBS",
			"test so many labs at once (default: 2, or 1 with --wiring docker, as Docker's networks might clash)",
		).argParser(parseCount),
	list: () => flag("--list", "LAB_LIST", "list the scenarios and run nothing"),
	plain: () => flag("--plain", "LAB_PLAIN", "plain lines, also on a terminal"),
	verbose: () => flag("-v, --verbose", "LAB_VERBOSE", "plain lines with all output of set-up work"),
	junit: () => flag("--junit <file>", "LAB_JUNIT", "write the JUnit report to this file as well"),
	tail: () => flag("--tail <lines>", "LAB_TAIL", "only the last lines of each log").argParser(parseCount).default(100),
	tty: () => flag("-t, --tty", "LAB_TTY", "give the command a terminal"),
	write: () => flag("--write", "LAB_WRITE", "write the files under schema/"),
	output: () => flag("-o, --output <file>", "LAB_OUTPUT", "write to this file, not to stdout"),
	force: () => flag("--force", "LAB_FORCE", "build even when an up-to-date one is there"),
	reset: () => flag("--reset", "LAB_RESET", "forget how far you were, and begin the lesson again"),
	asAuthor: () =>
		flag("--as-author", "LAB_AS_AUTHOR", "prove the lesson on a lab of its own, without a terminal or a student"),
	grep: () => flag("--grep <pattern>", "LAB_GREP", "only tests whose name matches"),
} as const satisfies Record<string, Make>;

export type FlagName = keyof typeof FLAGS;

/** Declares shared flags on a verb. */
export function withFlags(command: Command, names: readonly FlagName[]): Command {
	for (const name of names) command.addOption((FLAGS[name] as Make)(command.name()));
	return command;
}

/**
 * Takes variables that mean "off" or nothing out of the environment: commander takes a switch as given when its variable
 * exists, whatever it says, and an empty text for a value.
 */
export function dropUnsetVariables(program: Command, env: NodeJS.ProcessEnv): void {
	for (const option of program.commands.flatMap((command) => command.options)) {
		const value = option.envVar === undefined ? undefined : env[option.envVar];
		if (option.envVar === undefined || value === undefined) continue;
		if (value === "" || (option.isBoolean() && !isOn(value))) delete env[option.envVar];
	}
}
