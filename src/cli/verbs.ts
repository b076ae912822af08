/** The verbs: names, arguments, flags and help. What a verb does is loaded when it is run, so that `--help` answers at once. */
import type { FlagName } from "./flags.ts";
import type { Verb } from "./verb.ts";

const WHERE: FlagName[] = ["engine", "loadModules", "yes"];
const RUN: FlagName[] = ["timeout", "results", "format", "plain", "verbose"];

const LAB = "name of a lab (see: lab list), or the path of a lab.yaml";
const INSTANCE = "name of what is up (see: lab ps); not needed when only one is";
const NODE = "name of the node (see: lab ps)";

export const VERBS: Verb[] = [
	{
		name: "up",
		aliases: ["deploy"],
		arguments: [["<lab>", LAB, "labs"]],
		summary: "Bring a lab up and leave it up",
		description:
			"Brings a lab up and leaves it up: containers, networks, tunnels, VIPs, balancer. A lab that is up already is left alone; one that is half made, or was made from another version of its file, is rebuilt. When a step fails everything is removed again, unless --keep is given.",
		flags: [...WHERE, "name", "wiring", "set", "without", "dryRun", "reconfigure", "keep", ...RUN],
		examples: ["lab up katran-dsr", "lab up ipvs-nat --dry-run", "lab up ipvs-nat -n mine --engine docker"],
		load: async () => (await import("./verb-up.ts")).up,
	},
	{
		name: "down",
		aliases: ["destroy"],
		arguments: [["[instance]", INSTANCE, "instances"]],
		summary: "Take a lab down",
		description: "Takes a lab down. It works from the labels of its containers, so the lab file may be gone.",
		flags: ["name", "all", "yes", "format"],
		examples: ["lab down", "lab down ipvs-nat", "lab down --all"],
		load: async () => (await import("./verb-down.ts")).down,
	},
	{
		name: "test",
		arguments: [["[labs...]", LAB, "labs"]],
		summary: "Bring labs up, send traffic, judge, take them down",
		description:
			"Brings each lab up, runs its scenarios (change, traffic, expectations), judges what was seen and takes the lab down. A lab that was up before stays up. Whatever is missing on this machine is set up first. To check files without running anything: lab validate.",
		flags: [
			...WHERE,
			"name",
			"wiring",
			"set",
			"without",
			"all",
			"allowSkip",
			"jobs",
			"scenario",
			"list",
			"keep",
			"junit",
			...RUN,
		],
		examples: [
			"lab test ipvs-nat",
			"lab test katran-dsr --list",
			"lab test katran-dsr -s direct-return",
			"lab test --all -f json >report.json",
		],
		load: async () => (await import("./verb-test.ts")).test,
	},
	{
		name: "learn",
		arguments: [["<lab>", LAB, "labs"]],
		summary: "Take the lesson of a lab: predict, try, mend, with checks and hints",
		description:
			"Brings the lab up unless it is, and takes you through its lesson: predictions that are measured, tasks to do in a real shell on the nodes, checks by real traffic, hints from the state your lab is in. Progress is kept; leave with q and come back any time. --plain asks line by line, for screen readers and simple terminals.",
		flags: [...WHERE, "name", "wiring", "reset", "asAuthor", "results", "format", "plain"],
		examples: ["lab learn ipvs-nat", "lab learn ipvs-nat --plain", "lab learn ipvs-nat --as-author"],
		load: async () => (await import("./verb-learn.ts")).learn,
	},
	{
		name: "ui",
		arguments: [["[lab]", "lab to open at once; the catalogue when left out", "labs"]],
		summary: "Look at labs, bring them up, send traffic and follow it, on one screen",
		description:
			"Shows the labs on one screen: bring them up and watch every step, see topology and live counters, send traffic against the expected distribution, follow one request hop by hop, run scenarios and read why a check failed, open shells. Labs that are up stay up when it is left. With --plain it asks questions in plain lines, for screen readers and simple terminals.",
		flags: [...WHERE, "wiring", "without", "results", "plain"],
		examples: ["lab ui", "lab ui katran-dsr", "lab ui --plain"],
		load: async () => (await import("./verb-ui.ts")).ui,
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
		arguments: [["[instance]", INSTANCE, "instances"]],
		summary: "Show one lab that is up: engine, images, networks, addresses",
		flags: ["name", "format"],
		examples: ["lab inspect", "lab inspect katran-dsr -f json"],
		load: async () => (await import("./verb-inspect.ts")).inspect,
	},
	{
		name: "exec",
		arguments: [
			["<node>", NODE, "nodes"],
			["<command...>", "the command and its arguments, behind --"],
		],
		summary: "Run a command in a node",
		description: "Runs a command in a node and ends with its exit code. What is piped in goes to the command.",
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
		arguments: [["<node>", NODE, "nodes"]],
		summary: "Open a shell in a node",
		flags: ["name"],
		examples: ["lab shell gw", "lab shell real1 -n katran-dsr"],
		load: async () => (await import("./verb-exec.ts")).shell,
	},
	{
		name: "logs",
		arguments: [
			["<node>", NODE, "nodes"],
			["[service]", "id of a service step; all of them when left out"],
		],
		summary: "Show what the services of a node have logged",
		flags: ["name", "tail"],
		examples: ["lab logs int1", "lab logs real1 web --tail 20"],
		load: async () => (await import("./verb-logs.ts")).logs,
	},
	{
		name: "script",
		arguments: [["<lab>", LAB, "labs"]],
		summary: "Export a lab as a shell script that needs only Docker",
		flags: ["name", "wiring", "set", "without", "output"],
		examples: ["lab script ipvs-nat", "lab script katran-dsr -o katran.sh"],
		load: async () => (await import("./verb-script.ts")).script,
	},
	{
		name: "validate",
		aliases: ["val"],
		arguments: [["[labs...]", `${LAB}; all of the project when left out`, "labs"]],
		summary: "Check lab and scenario files without running anything",
		description:
			"Checks lab and scenario files and names every mistake with its line. It runs nothing; lab test runs the scenarios.",
		flags: ["format"],
		examples: ["lab validate", "lab validate ./mylab/lab.yaml"],
		load: async () => (await import("./verb-validate.ts")).validate,
	},
	{
		name: "doctor",
		arguments: [["[lab]", "lab whose needs are explained; all when left out", "labs"]],
		summary: "Explain what this machine can run, with which engine and why",
		description: "Explains what this machine can run, with which engine and why. It changes nothing.",
		flags: ["engine", "loadModules", "format"],
		examples: ["lab doctor", "lab doctor katran-dsr"],
		load: async () => (await import("./verb-doctor.ts")).doctor,
	},
	{
		name: "image",
		arguments: [
			["<action>", "build or list", ["build", "list"]],
			["[image]", "name of the image; all when left out"],
		],
		summary: "Build or list the images of the nodes",
		description: "Builds or lists the images of the nodes. Nobody has to: what a lab needs is built when it is run.",
		flags: ["engine", "yes", "force", "format"],
		examples: ["lab image list", "lab image build", "lab image build node --engine docker"],
		load: async () => (await import("./verb-image.ts")).image,
	},
	{
		name: "vm",
		arguments: [
			["<action>", "status, stop, rebuild or log", ["status", "stop", "rebuild", "log"]],
			["[instance]", "which machine (stop and log); not needed when only one runs", "instances"],
		],
		summary: "Look after the embedded virtual machine",
		description:
			"Looks after the embedded virtual machine that labs run in where no Docker daemon will do. Each instance has a machine of its own, restored from one snapshot; rebuild makes the snapshot again.",
		flags: ["all", "yes", "format"],
		examples: ["lab vm status", "lab vm stop ipvs-nat", "lab vm rebuild", "lab vm log ipvs-nat"],
		load: async () => (await import("./verb-vm.ts")).vm,
	},
	{
		name: "gc",
		summary: "Remove what crashed runs have left",
		description:
			"Removes what crashed runs have left: labs that were never finished, machines without a lab, old snapshots and images. A lab that is up as planned is never touched. Wait until other lab commands have ended: a lab that is just being made is not finished either.",
		flags: ["all", "results", "yes", "format"],
		examples: ["lab gc", "lab gc --all"],
		load: async () => (await import("./verb-gc.ts")).gc,
	},
	{
		name: "schema",
		arguments: [["[which]", "lab, scenario or lesson; lab when left out", ["lab", "scenario", "lesson"]]],
		summary: "Print the JSON Schemas of lab, scenario and lesson files, for editors",
		flags: ["write"],
		examples: ["lab schema lab", "lab schema --write"],
		load: async () => (await import("./verb-schema.ts")).schema,
	},
	{
		name: "completion",
		arguments: [["<shell>", "bash, zsh or fish", ["bash", "zsh", "fish"]]],
		summary: "Print a completion script for a shell",
		flags: [],
		examples: ['eval "$(lab completion bash)"', "lab completion fish >~/.config/fish/completions/lab.fish"],
		load: async () => (await import("./verb-completion.ts")).completion,
	},
	{
		name: "selftest",
		arguments: [
			[
				"[suites...]",
				"check, unit, bpf, docker, labs, learn, terminal, machine, long (these when left out), plants",
				["check", "unit", "bpf", "docker", "labs", "learn", "terminal", "machine", "long", "plants"],
			],
		],
		summary: "Run the project's own test suite, from static checks to real labs",
		flags: ["yes", "grep"],
		examples: ["lab selftest", "lab selftest unit", "lab selftest labs --grep katran"],
		load: async () => (await import("./verb-selftest.ts")).selftest,
	},
	{
		name: "version",
		summary: "Show the versions of lab, Node.js and, where one answers, the Docker daemon",
		flags: ["format"],
		examples: ["lab version", "lab version -f json"],
		load: async () => (await import("./verb-version.ts")).version,
	},
];
