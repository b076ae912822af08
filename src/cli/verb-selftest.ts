/** `lab selftest`: the whole test suite, from nothing. `.ci/run` calls it. */
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { didYouMean } from "../config/suggest.ts";
import { COMPILER_NEEDS } from "../machine/build-program.ts";
import { ensureHostPackages, type HostNeed } from "../machine/host-packages.ts";
import { EXIT, LabError } from "../model/error.ts";
import type { CliContext } from "./cli-context.ts";
import type { Flags } from "./flags.ts";
import { setupContext, setupLines } from "./setup-context.ts";

interface Suite {
	name: string;
	what: string;
	/** Program and arguments; `vitest` stands for a project of vitest.config.ts. */
	commands: (string[] | { vitest: string })[];
	needs: HostNeed[];
	/** Why it is run only when it is named. */
	named?: string;
}

const BIN = "node_modules/.bin";

/** What the tests with network namespaces and private daemons take. */
const NETWORK_NEEDS: HostNeed[] = [
	{ command: "ip", package: "iproute2", why: "makes the network namespaces of the tests" },
	{ command: "iptables", package: "iptables", why: "compares the host's rules before and after a test" },
	{ command: "tcpdump", package: "tcpdump", why: "reads captures in the tests" },
	{ command: "python3", package: "python3", why: "plays the hosts around the XDP balancer" },
];

/** The terminal UI is driven as by a person. */
const TERMINAL_NEEDS: HostNeed[] = [
	{ command: "tmux", package: "tmux", why: "types keys and reads the screen in the tests of lab ui and lab learn" },
];

const SUITES: Suite[] = [
	{
		name: "check",
		what: "format, lint, layers, types, dead code",
		commands: [
			[`${BIN}/biome`, "check", "--error-on-warnings", "."],
			[`${BIN}/tsc`, "--noEmit"],
			[`${BIN}/knip`],
			{ vitest: "checks" },
		],
		needs: [],
	},
	{ name: "unit", what: "everything that needs no daemon", commands: [{ vitest: "unit" }], needs: [] },
	{
		name: "bpf",
		what: "the XDP balancer, frame by frame",
		commands: [{ vitest: "bpf" }],
		needs: [...COMPILER_NEEDS, ...NETWORK_NEEDS],
	},
	{
		name: "docker",
		what: "the engine on a private Docker daemon of this host",
		commands: [{ vitest: "docker" }],
		needs: [...NETWORK_NEEDS, ...TERMINAL_NEEDS],
	},
	{
		name: "labs",
		what: "every lab in the embedded machine",
		commands: [{ vitest: "labs" }],
		needs: [...COMPILER_NEEDS, ...NETWORK_NEEDS],
	},
	{
		name: "terminal",
		what: "lab ui in a real terminal, with labs in the embedded machine",
		commands: [{ vitest: "terminal" }],
		needs: [...COMPILER_NEEDS, ...TERMINAL_NEEDS],
	},
	{
		name: "learn",
		what: "every lesson, proven in the embedded machine, and two taken on a terminal",
		commands: [{ vitest: "learn" }],
		needs: [...COMPILER_NEEDS, ...TERMINAL_NEEDS],
	},
	{
		name: "machine",
		what: "the embedded machine: set-ups, restores, kills",
		commands: [{ vitest: "machine" }],
		needs: NETWORK_NEEDS,
	},
	{
		name: "long",
		what: "interruptions at many moments, planted faults",
		commands: [{ vitest: "long" }],
		needs: [...COMPILER_NEEDS, ...NETWORK_NEEDS],
	},
	{
		name: "plants",
		what: "a fault for every scenario of every lab",
		commands: [{ vitest: "plants" }],
		needs: [...COMPILER_NEEDS, ...NETWORK_NEEDS],
		named: "half an hour by itself; a fault for every kind of expectation is in long",
	},
];

interface Counts {
	passed: number;
	failed: number;
	skipped: number;
}

export async function selftest(context: CliContext, args: string[], flags: Flags): Promise<number> {
	const names = SUITES.map((suite) => suite.name);
	for (const name of args) {
		if (names.includes(name)) continue;
		throw new LabError("input", `there is no suite "${name}"${didYouMean(name, names)}`, {
			code: "unknown-suite",
			hint: `Suites: ${names.join(", ")}`,
		});
	}
	const suites = SUITES.filter((suite) => (args.length === 0 ? !suite.named : args.includes(suite.name)));
	const setup = setupContext(context, flags, { listen: setupLines(context), signal: context.signal });
	await ensureHostPackages(
		setup,
		suites.flatMap((suite) => suite.needs),
	);
	for (const { name, named } of SUITES) {
		if (!named || args.length > 0) continue;
		context.stdout.write(`not run: ${name} (${named}); to run it: lab selftest ${name}\n`);
	}
	const total: Counts = { passed: 0, failed: 0, skipped: 0 };
	const times: string[] = [];
	for (const suite of suites) {
		const started = performance.now();
		context.stdout.write(`\n== ${suite.name}: ${suite.what}\n`);
		for (const command of suite.commands) {
			if (context.signal.aborted) throw context.signal.reason;
			const counts = Array.isArray(command)
				? await runCheck(context, command)
				: await runVitest(context, command.vitest, flags.grep);
			total.passed += counts.passed;
			total.failed += counts.failed;
			total.skipped += counts.skipped;
		}
		times.push(`${suite.name} ${((performance.now() - started) / 1000).toFixed(0)} s`);
	}
	context.stdout.write(
		`\n${times.join(", ")}\n${total.passed} passed, ${total.failed} failed${total.skipped > 0 ? `, ${total.skipped} skipped` : ""}\n`,
	);
	if (total.passed + total.failed === 0) throw new LabError("broken", "not one test was run", { code: "no-tests" });
	return total.failed === 0 ? EXIT.passed : EXIT.failed;
}

/** A static check counts as one test. */
async function runCheck(context: CliContext, command: string[]): Promise<Counts> {
	const code = await runProgram(context, command);
	context.stdout.write(`${code === 0 ? "ok" : "FAILED"}  ${command.join(" ")}\n`);
	return { passed: code === 0 ? 1 : 0, failed: code === 0 ? 0 : 1, skipped: 0 };
}

/** Runs a vitest project; the counts come from its JSON report, and a run that wrote none has failed. */
async function runVitest(context: CliContext, project: string, grep: string | undefined): Promise<Counts> {
	// Short, as the paths of sockets below it have a limit.
	const folder = mkdtempSync(join(tmpdir(), "lab-st-"));
	const report = join(folder, "report.json");
	try {
		const filter = grep === undefined ? [] : ["-t", grep, "--passWithNoTests"];
		const code = await runProgram(
			context,
			[
				...[`${BIN}/vitest`, "run", "--project", project, ...filter],
				...["--reporter=default", "--reporter=json", `--outputFile.json=${report}`],
				// What tests leave in the temporary folder goes with it.
			],
			{ TMPDIR: folder },
		);
		const counts = readCounts(report);
		// A crash outside of a test, or a file that does not load, fails the run without a failed test.
		if (code !== 0 && counts.failed === 0) counts.failed = 1;
		return counts;
	} finally {
		rmSync(folder, { recursive: true, force: true });
	}
}

function readCounts(file: string): Counts {
	try {
		const report = JSON.parse(readFileSync(file, "utf8")) as Record<string, number>;
		const { numPassedTests: passed = 0, numFailedTests: failed = 0, numPendingTests: skipped = 0 } = report;
		return { passed, failed, skipped };
	} catch {
		return { passed: 0, failed: 0, skipped: 0 };
	}
}

function runProgram(
	context: CliContext,
	[program = "", ...args]: string[],
	env: Record<string, string> = {},
): Promise<number> {
	return new Promise((resolve, reject) => {
		const child = spawn(program, args, {
			cwd: context.root,
			// Tests on a daemon get a private one: Debian's packages unpacked into the cache, nothing installed.
			env: { LAB_TEST_HOST_DAEMON: "bookworm", ...context.env, ...env },
			stdio: ["ignore", "inherit", "inherit"],
		});
		const stop = () => child.kill("SIGTERM");
		context.signal.addEventListener("abort", stop, { once: true });
		child.once("error", reject);
		child.once("close", (code) => {
			context.signal.removeEventListener("abort", stop);
			resolve(code ?? 1);
		});
	});
}
