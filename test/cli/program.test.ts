/** The command line as users of containerlab and docker compose expect it. */
import type { Command, Option } from "commander";
import { describe, expect, it } from "vitest";
import { dropUnsetVariables, parseDuration } from "../../src/cli/flags.ts";
import { buildProgram } from "../../src/cli/program.ts";
import { call, TINY } from "./command-line.ts";

const program = buildProgram({ version: "1.2.3", write: () => {} }, async () => {});
const verbs = program.commands.map((command): [string, Command] => [command.name(), command]);
const flags = program.commands.flatMap((command) =>
	command.options.map((option): [Command, Option] => [command, option]),
);

/** Runs the parser alone: the flags that the verb would get. */
async function parsed(args: string[], env: NodeJS.ProcessEnv = {}): Promise<Record<string, unknown>> {
	let given: unknown;
	const before = { ...process.env };
	Object.assign(process.env, env);
	try {
		const own = buildProgram({ version: "", write: () => {} }, async (_load, _args, options) => {
			given = options;
		});
		dropUnsetVariables(own, process.env);
		await own.parseAsync(args, { from: "user" });
	} finally {
		for (const name of Object.keys(env)) delete process.env[name];
		Object.assign(process.env, before);
	}
	return given as Record<string, unknown>;
}

describe("every verb", () => {
	it.each(verbs)("%s explains itself: examples, arguments, flags", async (name, command) => {
		const help = (await call(["help", name])).stdout;
		expect(help).toContain(`Usage: lab ${name}`);
		expect(help).toMatch(/\nExamples:\n {2}\S/);
		expect(command.description()).toMatch(/\.$/);
		expect(command.summary()).not.toMatch(/\.$/);
		for (const argument of command.registeredArguments) expect(argument.description).not.toBe("");
		expect((await call([name, "--help"])).stdout).toBe(help);
	});

	it.each(verbs)("the examples of %s are calls that parse", async (name) => {
		const help = (await call(["help", name])).stdout;
		const examples = help.slice(help.indexOf("Examples:")).trim().split("\n").slice(1);
		for (const example of examples) {
			const words = /(?:^|[\s(])lab ([^|>)"]*)/.exec(example)?.[1]?.trim().split(/\s+/) ?? [];
			if (words[0] === "help") continue;
			await expect(parsed(words), example).resolves.toBeDefined();
		}
	});

	it("has a name that only it has, aliases included", () => {
		const names = program.commands.flatMap((command) => [command.name(), ...command.aliases()]);
		expect(new Set(names).size).toBe(names.length);
		expect(names).toEqual(expect.arrayContaining(["up", "deploy", "down", "destroy"]));
	});
});

describe("every flag", () => {
	it("has a variable and a description", () => {
		for (const [command, option] of flags) {
			expect(option.envVar, `${command.name()} ${option.flags}`).toMatch(/^LAB_[A-Z_]+$/);
			expect(option.description).not.toBe("");
		}
	});

	it("shares its variable only with the same flag of other verbs", () => {
		const owners = new Map<string, string>();
		for (const [, option] of flags) {
			const before = owners.get(option.envVar ?? "") ?? option.flags;
			expect(option.flags).toBe(before);
			owners.set(option.envVar ?? "", before);
		}
	});

	it("--all has a variable per verb, so that testing all labs does not take all of them down", async () => {
		expect(await parsed(["down"], { LAB_TEST_ALL: "1" })).not.toHaveProperty("all");
		expect(await parsed(["test"], { LAB_TEST_ALL: "1" })).toHaveProperty("all", true);
	});
});

describe("variables", () => {
	it.each(["0", "false", "False", "no", "off", ""])("%j turns a switch off", async (value) => {
		expect(await parsed(["up", "x"], { LAB_KEEP: value, LAB_DRY_RUN: value })).not.toHaveProperty("keep");
	});

	it.each(["1", "true", "yes", "on"])("%j turns it on", async (value) => {
		expect(await parsed(["up", "x"], { LAB_KEEP: value })).toHaveProperty("keep", true);
	});

	it("give way to flags, and an empty one is none", async () => {
		expect(await parsed(["up", "x", "--engine", "vm"], { LAB_ENGINE: "docker" })).toHaveProperty("engine", "vm");
		expect(await parsed(["up", "x"], { LAB_ENGINE: "docker" })).toHaveProperty("engine", "docker");
		expect(await parsed(["up", "x"], { LAB_ENGINE: "" })).toHaveProperty("engine", "auto");
	});

	it("with a value that cannot be name the variable", async () => {
		const { code, stderr } = await call(["up", "x"], { env: { LAB_ENGINE: "kubernetes" } });
		expect(code).toBe(2);
		expect(stderr).toContain("LAB_ENGINE");
		expect(stderr).toContain("auto, docker, vm");
	});

	it("name several scenarios with commas", async () => {
		expect(await parsed(["test", "x"], { LAB_SCENARIO: "a,b" })).toHaveProperty("scenario", ["a", "b"]);
		expect(await parsed(["test", "x", "-s", "a", "-s", "b"])).toHaveProperty("scenario", ["a", "b"]);
	});
});

describe("times", () => {
	it.each([
		["90", 90],
		["90s", 90],
		["1.5m", 90],
		["2h", 7200],
	])("%s is %i seconds", (text, seconds) => {
		expect(parseDuration(text)).toBe(seconds);
	});

	// A timer that is set to more than 2^31 ms fires at once.
	it.each(["0", "-1", "soon", "1d", "", "597h"])("%j is refused", (text) => {
		expect(() => parseDuration(text)).toThrow(/It must be/);
	});
});

describe("mistakes end with 2, and a way out", () => {
	it.each([
		["a mistyped verb", ["tset"], /unknown command 'tset'\n {2}Did you mean test\?/],
		["a mistyped flag", ["up", "--dry-rnu"], /unknown option '--dry-rnu'\n {2}Did you mean --dry-run\?/],
		["a missing argument", ["up"], /missing required argument 'lab'\n {2}Usage: lab up \[options\] <lab>/],
		["an argument too many", ["ps", "extra"], /too many arguments/],
		["a flag of another verb", ["ps", "--engine", "vm"], /unknown option '--engine'/],
		["a value that is none of the choices", ["up", "x", "--engine", "k8s"], /Allowed choices are auto, docker, vm/],
		["exec without a command", ["exec", "gw"], /missing required argument 'command'/],
		["exec with -- alone", ["exec", "gw", "--"], /no command given\n {2}lab exec gw -- ip route/],
		["a terminal that is none", ["exec", "-t", "gw", "--", "sh"], /--tty needs a terminal/],
		["a shell without a terminal", ["shell", "gw"], /lab shell needs a terminal/],
		[
			"a name that cannot be one",
			["up", TINY, "-n", "My_Lab"],
			/"My_Lab" is not a name for an instance: it must be 1 to 31/,
		],
		["a lab that is not there", ["up", "ipvs-nta"], /there is no lab "ipvs-nta"; did you mean "ipvs-nat"\?/],
		["a scenario that is not there", ["test", TINY, "-s", "alternate"], /did you mean "alternates"\?/],
		["no lab", ["test"], /no lab given\n {2}lab test \S+, or lab test --all/],
		["labs and --all", ["test", TINY, "--all"], /labs are named and --all is given/],
		["an instance and --all", ["down", "tiny", "--all"], /an instance is named and --all is given/],
		["one name for two labs", ["test", TINY, "ipvs-nat", "-n", "mine"], /--name names one instance/],
		["an unknown action", ["image", "push"], /lab image knows no action "push"\n {2}One of: build, list/],
		["an unknown shell", ["completion", "tcsh"], /One of: bash, zsh, fish/],
		["help for what is no verb", ["help", "dwon"], /there is no verb "dwon"\n {2}Did you mean down\?/],
		[
			"a report that cannot be written",
			["test", TINY, "--junit", "/dev/null/x/junit.xml"],
			/cannot write .*junit\.xml/,
		],
		[
			"a script that cannot be written",
			["script", TINY, "-o", "/dev/null/x"],
			/cannot write \/dev\/null\/x: a part of the path is not a folder/,
		],
	])("%s", async (_what, args, words) => {
		const { code, stdout, stderr } = await call(args);
		expect(stderr).toMatch(words);
		expect(stdout).toBe("");
		expect(code).toBe(2);
	});
});

describe("what is asked about lab itself", () => {
	it.each([[["--version"]], [["-V"]]])("%j is the version alone", async (args) => {
		expect((await call(args)).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
	});

	it.each([[[]], [["--help"]], [["help"]]])("%j explains, on stdout, and ends with 0", async (args) => {
		const { code, stdout, stderr } = await call(args);
		expect(stdout).toContain("Start with:");
		for (const word of ["LAB_NO_INSTALL", "LAB_CACHE", "LAB_ACCEL", "NO_COLOR", "Exit codes"])
			expect(stdout).toContain(word);
		expect(stderr).toBe("");
		expect(code).toBe(0);
	});

	it("aliases have the same help", async () => {
		expect((await call(["help", "deploy"])).stdout).toBe((await call(["up", "--help"])).stdout);
		expect((await call(["destroy", "--help"])).stdout).toBe((await call(["help", "down"])).stdout);
	});
});
