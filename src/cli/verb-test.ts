/** `lab test` */
import { accessSync, constants, mkdirSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import type { OpenLab } from "../config/find-labs.ts";
import { asLabError } from "../model/as-lab-error.ts";
import { EXIT, worstExitCode } from "../model/error.ts";
import { type EngineChoice, type LabResult, type RunReport, worstStatus } from "../model/verdict.ts";
import { appendingReporter, fileReporter } from "../report/file-report.ts";
import { githubReporter } from "../report/github.ts";
import { junitXml } from "../report/junit.ts";
import { markdownSummary } from "../report/markdown.ts";
import type { Reporter } from "../report/reporter.ts";
import { textTable } from "../report/table.ts";
import { chooseLabs } from "./choose-labs.ts";
import type { CliContext } from "./cli-context.ts";
import type { Flags } from "./flags.ts";
import { inLanes } from "./in-lanes.ts";
import { MemoryWatch } from "./memory-watch.ts";
import { print, refuseToWrite } from "./output.ts";
import { openRun, type RunSession } from "./run-session.ts";
import { type LabOutcome, testOneLab } from "./test-one-lab.ts";

/** Labs tested at the same time: a machine under emulation takes more than one of two processors only while it starts. */
const AT_ONCE = 2;

export async function test(context: CliContext, args: string[], flags: Flags): Promise<number> {
	const labs = chooseLabs(context, args, flags);
	if (flags.list) return listScenarios(context, flags, labs);
	const run = await openRun(context, flags, ["test", ...args], (folder) => reporters(context, flags, folder));
	const memory = new MemoryWatch();
	const lanes = flags.jobs ?? (flags.wiring === "docker" ? 1 : AT_ONCE);
	const outcomes = await inLanes(longestFirst(labs), lanes, run.signal, (lab) =>
		testOneLab(context, flags, run, lab, memory),
	);
	const names = labs.map(({ lab }) => lab.name);
	outcomes.sort((a, b) => names.indexOf(a.result.lab) - names.indexOf(b.result.lab));
	tellMemory(run, memory);
	const interruption = afterwards(run, outcomes);
	const report = reportOf(run, outcomes, flags);
	run.emit({ type: "run-end", report });
	await run.close();
	if (flags.format === "json") print(context, flags, report, () => "");
	// Stopped before its first lab, a run has nothing else to tell.
	return worstExitCode(outcomes.length === 0 ? interruption : [exitCodeOfRun(outcomes), ...interruption]);
}

/** What runs longest begins first, or the last lab would run alone while nothing else is left to do. */
function longestFirst(labs: readonly OpenLab[]): OpenLab[] {
	return labs.toSorted((a, b) => b.scenarios.length - a.scenarios.length);
}

function tellMemory(run: RunSession, memory: MemoryWatch): void {
	const { bytes, machines } = memory.end();
	if (bytes === 0) return;
	const text = `peak memory: ${(bytes / 1e9).toFixed(1)} GB (${machines} machine${machines === 1 ? "" : "s"} at once)`;
	run.emit({ type: "notice", level: "info", text });
}

/** The exit code of an abort that no lab has told, since it came while a finished one was taken down. */
function afterwards(run: RunSession, outcomes: readonly LabOutcome[]): number[] {
	if (!run.signal.aborted) return [];
	const { exitCode } = asLabError(run.signal.reason);
	if (outcomes.some(({ code }) => code === exitCode)) return [];
	return [run.fail(run.signal.reason).exitCode];
}

function listScenarios(context: CliContext, flags: Flags, labs: OpenLab[]): number {
	const rows = labs.flatMap(({ lab, scenarios }) =>
		scenarios.map(({ name, intent }) => ({ lab: lab.name, scenario: name, intent })),
	);
	print(context, flags, rows, () =>
		textTable(
			["lab", "scenario", "what it shows"],
			rows.map((row) => [row.lab, row.scenario, row.intent]),
		),
	);
	return EXIT.passed;
}

/** What writes the reports of a test beside its results. */
export function reporters(context: CliContext, flags: Flags, folder: string): Reporter[] {
	const { env } = context;
	const list = [
		fileReporter(join(folder, "junit.xml"), junitXml),
		fileReporter(join(folder, "summary.md"), markdownSummary),
	];
	if (flags.junit) list.push(fileReporter(writable(resolve(context.cwd, flags.junit)), junitXml));
	if (env.GITHUB_ACTIONS) list.push(githubReporter((text) => context.stderr.write(text)));
	if (env.GITHUB_STEP_SUMMARY) list.push(appendingReporter(env.GITHUB_STEP_SUMMARY, markdownSummary));
	return list;
}

/** Whoever asks for a file hears before the labs are run that it cannot be written, not after. */
function writable(file: string): string {
	try {
		mkdirSync(dirname(file), { recursive: true });
		accessSync(dirname(file), constants.W_OK);
		return file;
	} catch (error) {
		throw refuseToWrite(file, error);
	}
}

/** The worst of all labs; a run in which nothing was checked has shown nothing, whatever was allowed to be skipped. */
export function exitCodeOfRun(outcomes: readonly Pick<LabOutcome, "code" | "result">[]): number {
	const code = worstExitCode(outcomes.map((outcome) => outcome.code));
	const checked = outcomes.some(({ result }) => result.scenarios.some((scenario) => scenario.checks.length > 0));
	return code === EXIT.passed && !checked ? EXIT.environment : code;
}

const NO_ENGINE: EngineChoice = { kind: "docker", kernel: "", daemon: "", reason: "none could be used" };

/** The report of a run over several labs. */
export function reportOf(run: RunSession, outcomes: LabOutcome[], flags: Flags): RunReport {
	const labs = outcomes.map((outcome) => outcome.result);
	const engine = outcomes.find((outcome) => outcome.engine)?.engine ?? NO_ENGINE;
	return { schema: 1, run: run.runId, results: run.results.path, status: statusOfRun(labs, flags), engine, labs };
}

/** What was allowed to be skipped does not count, unless there is nothing else. */
function statusOfRun(labs: LabResult[], flags: Flags): RunReport["status"] {
	const ran = labs.filter((lab) => lab.status !== "skipped");
	return worstStatus((flags.allowSkip && ran.length > 0 ? ran : labs).map((lab) => lab.status));
}
