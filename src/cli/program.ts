/**
 * The command line: verbs, flags and help. What a verb does is loaded when it is run, so that `--help` answers at once.
 */
import { Command } from "commander";
import type { CliContext } from "./cli-context.ts";
import { type FlagName, type Flags, withFlags } from "./flags.ts";

type Action = (context: CliContext, args: string[], flags: Flags) => Promise<number>;

interface Verb {
	name: string;
	aliases?: string[];
	arguments?: [name: string, description: string][];
	summary: string;
	flags: FlagName[];
	examples: string[];
	/** Everything behind the arguments belongs to the command that is run in a node. */
	passThrough?: boolean;
	load: () => Promise<Action>;
}

const WHERE: FlagName[] = ["engine", "loadModules", "yes"];

const VERBS: Verb[] = [
	{
		name: "up",
		aliases: ["deploy"],
		arguments: [["<lab>", "name of a lab, or the path of a lab.yaml"]],
		summary: "Bring a lab up: containers, networks, tunnels, VIPs, balancer",
		flags: [
			...WHERE,
			"name",
			"wiring",
			"dryRun",
			"reconfigure",
			"keep",
			"timeout",
			"results",
			"format",
			"plain",
			"verbose",
		],
		examples: ["lab up katran-dsr", "lab up ipvs-nat --dry-run", "lab up ipvs-nat -n mine --engine docker"],
		load: async () => (await import("./verb-up.ts")).up,
	},
	{
		name: "down",
		aliases: ["destroy"],
		arguments: [["[instance]", "name of the instance; not needed when only one is up"]],
		summary: "Take a lab down; works from labels, without the lab file",
		flags: ["all", "format", "yes"],
		examples: ["lab down", "lab down ipvs-nat", "lab down --all"],
		load: async () => (await import("./verb-down.ts")).down,
	},
	{
		name: "test",
		arguments: [["[labs...]", "labs by name or path"]],
		summary: "Bring labs up, run their scenarios, judge, take them down",
		flags: [
			...WHERE,
			"name",
			"wiring",
			"all",
			"allowSkip",
			"scenario",
			"list",
			"keep",
			"timeout",
			"results",
			"junit",
			"format",
			"plain",
			"verbose",
		],
		examples: ["lab test ipvs-nat", "lab test katran-dsr -s direct-return", "lab test --all -f json >report.json"],
		load: async () => (await import("./verb-test.ts")).test,
	},
	{
		name: "list",
		aliases: ["ls"],
		summary: "List the labs and their scenarios",
		flags: ["format"],
		examples: ["lab list", "lab list -f json"],
		load: async () => (await import("./verb-list.ts")).list,
	},
	{
		name: "ps",
		summary: "Show the nodes of every lab that is up",
		flags: ["format"],
		examples: ["lab ps", "lab ps -f json"],
		load: async () => (await import("./verb-ps.ts")).ps,
	},
	{
		name: "inspect",
		arguments: [["[instance]", "name of the instance; not needed when only one is up"]],
		summary: "Show one lab that is up: engine, images, networks, addresses",
		flags: ["format"],
		examples: ["lab inspect", "lab inspect katran-dsr -f json"],
		load: async () => (await import("./verb-inspect.ts")).inspect,
	},
	{
		name: "exec",
		arguments: [
			["<node>", "name of the node"],
			["<command...>", "command with its arguments, behind --"],
		],
		summary: "Run a command in a node; ends with its exit code",
		flags: ["name", "tty"],
		examples: [
			"lab exec gw -- ipvsadm -Ln",
			"lab exec client -- curl -s http://192.168.10.1/",
			"echo hi | lab exec client -- nc -n -N 192.168.10.1 50007",
		],
		passThrough: true,
		load: async () => (await import("./verb-exec.ts")).exec,
	},
	{
		name: "shell",
		aliases: ["sh"],
		arguments: [["<node>", "name of the node"]],
		summary: "Open a shell in a node",
		flags: ["name"],
		examples: ["lab shell gw", "lab shell real1 -n katran-dsr"],
		load: async () => (await import("./verb-exec.ts")).shell,
	},
	{
		name: "logs",
		arguments: [
			["<node>", "name of the node"],
			["[service]", "id of a service step; all of them when left out"],
		],
		summary: "Show what the services of a node have logged",
		flags: ["name", "tail"],
		examples: ["lab logs int1", "lab logs real1 web --tail 20"],
		load: async () => (await import("./verb-logs.ts")).logs,
	},
	{
		name: "script",
		arguments: [["<lab>", "name of a lab, or the path of a lab.yaml"]],
		summary: "Export a lab as a shell script that needs only Docker",
		flags: ["name", "wiring", "output"],
		examples: ["lab script ipvs-nat", "lab script katran-dsr -o katran.sh"],
		load: async () => (await import("./verb-script.ts")).script,
	},
	{
		name: "validate",
		aliases: ["val"],
		arguments: [["[labs...]", "labs by name or path; all of the project when left out"]],
		summary: "Check lab and scenario files without running anything",
		flags: ["format"],
		examples: ["lab validate", "lab validate ./mylab/lab.yaml"],
		load: async () => (await import("./verb-validate.ts")).validate,
	},
	{
		name: "doctor",
		arguments: [["[lab]", "lab whose needs are explained; all when left out"]],
		summary: "Explain what this machine can run, with which engine and why; changes nothing",
		flags: ["engine", "loadModules", "format"],
		examples: ["lab doctor", "lab doctor katran-dsr"],
		load: async () => (await import("./verb-doctor.ts")).doctor,
	},
	{
		name: "image",
		arguments: [
			["<action>", "build or list"],
			["[image]", "name of the image; all when left out"],
		],
		summary: "Build or list the images of the nodes",
		flags: ["engine", "yes", "force", "format"],
		examples: ["lab image build", "lab image list", "lab image build node --engine docker"],
		load: async () => (await import("./verb-image.ts")).image,
	},
	{
		name: "vm",
		arguments: [
			["<action>", "status, stop, rebuild or log"],
			["[instance]", "which machine (stop and log)"],
		],
		summary: "Look after the embedded virtual machine",
		flags: ["all", "yes", "format"],
		examples: ["lab vm status", "lab vm rebuild", "lab vm log ipvs-nat"],
		load: async () => (await import("./verb-vm.ts")).vm,
	},
	{
		name: "gc",
		summary: "Remove what crashed runs have left: half-made labs, dead machines, old snapshots and images",
		flags: ["all", "format", "yes"],
		examples: ["lab gc", "lab gc --all"],
		load: async () => (await import("./verb-gc.ts")).gc,
	},
	{
		name: "schema",
		arguments: [["[which]", "lab or scenario"]],
		summary: "Print the JSON Schemas of lab and scenario files for editors",
		flags: ["write"],
		examples: ["lab schema lab", "lab schema --write"],
		load: async () => (await import("./verb-schema.ts")).schema,
	},
	{
		name: "completion",
		arguments: [["<shell>", "bash, zsh or fish"]],
		summary: "Print a completion script for a shell",
		flags: [],
		examples: ['eval "$(lab completion bash)"'],
		load: async () => (await import("./verb-completion.ts")).completion,
	},
	{
		name: "selftest",
		arguments: [["[suites...]", "check, unit, machine, docker, labs; all when left out"]],
		summary: "Run the project's whole test suite, from static checks to real labs",
		flags: ["yes", "grep"],
		examples: ["lab selftest", "lab selftest unit"],
		load: async () => (await import("./verb-selftest.ts")).selftest,
	},
	{
		name: "version",
		summary: "Show the versions of lab, Node.js and, where one answers, the daemon",
		flags: ["format"],
		examples: ["lab version -f json"],
		load: async () => (await import("./verb-version.ts")).version,
	},
];

/** Builds the command tree. `run` gets the chosen verb's action; commander itself runs nothing. */
export function buildProgram(
	run: (load: () => Promise<Action>, args: string[], flags: Flags) => Promise<void>,
): Command {
	const program = new Command("lab")
		.description(
			"Reproducible load-balancer testbeds: documented setups as containers, driven with real traffic, judged with evidence.",
		)
		.configureHelp({ sortSubcommands: false })
		.enablePositionalOptions()
		.addHelpText("after", EXIT_HELP);
	for (const verb of VERBS) {
		const command = withFlags(
			program.command(verb.name).summary(verb.summary).description(`${verb.summary}.`),
			...verb.flags,
		);
		for (const alias of verb.aliases ?? []) command.alias(alias);
		for (const [name, description] of verb.arguments ?? []) command.argument(name, description);
		if (verb.passThrough) command.passThroughOptions();
		command.addHelpText("after", `\nExamples:\n${verb.examples.map((line) => `  ${line}`).join("\n")}`);
		command.action(async (...received: unknown[]) => {
			const count = (verb.arguments ?? []).length;
			const args = received
				.slice(0, count)
				.flat()
				.filter((value) => value !== undefined) as string[];
			await run(verb.load, args, received[count] as Flags);
		});
	}
	return program;
}

const EXIT_HELP = `
Start with:
  lab list                    what there is
  lab test ipvs-nat           set up whatever is missing, run a lab, get a verdict
  lab up katran-dsr           bring a lab up and leave it up

Exit codes: 0 passed, 1 a check failed, 2 mistake in a file or on the command line, 3 this machine cannot do it,
4 could not be built or measured, 5 the evidence contradicts itself, 70 bug, 124 timed out, 130/143 interrupted.
lab exec ends with the exit code of the command it ran.`;
