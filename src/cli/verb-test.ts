/** `lab test` */
import { join, resolve } from "node:path";
import { labNames, type OpenLab, openLab } from "../config/find-labs.ts";
import { didYouMean } from "../config/suggest.ts";
import { EXIT, LabError, worstExitCode } from "../model/error.ts";
import { type EngineChoice, exitCodeOf, type LabResult, type RunReport, worstStatus } from "../model/verdict.ts";
import { planLab } from "../plan/plan-lab.ts";
import { appendingReporter, fileReporter } from "../report/file-report.ts";
import { githubReporter } from "../report/github.ts";
import { junitXml } from "../report/junit.ts";
import { markdownSummary } from "../report/markdown.ts";
import type { Reporter } from "../report/reporter.ts";
import { textTable } from "../report/table.ts";
import { removeInstance } from "../run/instances.ts";
import { testLab } from "../run/test-lab.ts";
import { up as bringUp } from "../run/up.ts";
import type { CliContext } from "./cli-context.ts";
import { type EngineSession, openEngine } from "./engine-session.ts";
import type { Flags } from "./flags.ts";
import { print } from "./output.ts";
import { owner } from "./owner.ts";
import { emitFailure, openRun, type RunSession } from "./run-session.ts";
import { setupContext } from "./setup-context.ts";

export async function test(context: CliContext, args: string[], flags: Flags): Promise<number> {
	const labs = chosenLabs(context, args, flags);
	if (flags.list) return listScenarios(context, flags, labs);
	const run = await openRun(context, flags, ["test", ...args], (folder) => reporters(context, flags, folder));
	const codes: number[] = [];
	const results: LabResult[] = [];
	let engine: EngineChoice | undefined;
	try {
		for (const lab of labs) {
			const outcome = await oneLab(context, flags, run, lab);
			engine ??= outcome.engine;
			codes.push(outcome.code);
			results.push(outcome.result);
			if (run.signal.aborted) break;
		}
		const report = reportOf(run, results, engine);
		run.emit({ type: "run-end", report });
		await run.close();
		if (flags.format === "json") print(context, flags, report, () => "");
		return worstExitCode(codes);
	} catch (error) {
		await run.close();
		throw error;
	}
}

/** The labs that are meant, each checked; a mistake in any of them stops everything before anything is made. */
function chosenLabs(context: CliContext, args: string[], flags: Flags): OpenLab[] {
	const names = flags.all ? labNames(context.root) : args;
	if (names.length === 0) {
		throw new LabError("input", "no lab given", {
			code: "no-lab",
			hint: `lab test ${labNames(context.root)[0] ?? "LAB"}, or lab test --all. Labs: ${labNames(context.root).join(", ")}`,
		});
	}
	const labs = names.map((name) => openLab(name, context.root));
	const wanted = flags.scenario ?? [];
	const known = labs.flatMap((lab) => lab.scenarios.map((scenario) => scenario.name));
	for (const name of wanted) {
		if (known.includes(name)) continue;
		throw new LabError("input", `there is no scenario "${name}"${didYouMean(name, known)}`, {
			code: "unknown-scenario",
			hint: `Scenarios: ${known.join(", ")}`,
		});
	}
	if (wanted.length === 0) return labs;
	return labs
		.map((lab) => ({ ...lab, scenarios: lab.scenarios.filter((scenario) => wanted.includes(scenario.name)) }))
		.filter((lab) => lab.scenarios.length > 0);
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

function reporters(context: CliContext, flags: Flags, folder: string): Reporter[] {
	const { env } = context;
	const list = [
		fileReporter(join(folder, "junit.xml"), junitXml),
		fileReporter(join(folder, "summary.md"), markdownSummary),
	];
	if (flags.junit) list.push(fileReporter(resolve(context.cwd, flags.junit), junitXml));
	if (env.GITHUB_ACTIONS) list.push(githubReporter((text) => context.stderr.write(text)));
	if (env.GITHUB_STEP_SUMMARY) list.push(appendingReporter(env.GITHUB_STEP_SUMMARY, markdownSummary));
	return list;
}

interface LabOutcome {
	result: LabResult;
	code: number;
	engine?: EngineChoice;
}

/** One lab from engine to teardown. Its failure is told and kept, and the next lab is run all the same. */
async function oneLab(context: CliContext, flags: Flags, run: RunSession, open: OpenLab): Promise<LabOutcome> {
	const started = performance.now();
	let engine: EngineChoice | undefined;
	try {
		const outcome = await bringUpAndTest(context, flags, run, open, (choice) => {
			engine = choice;
			run.emit({ type: "engine-chosen", engine: choice });
		});
		return { result: outcome, code: exitCodeOf(outcome.status), ...(engine ? { engine } : {}) };
	} catch (error) {
		const skipped = error instanceof LabError && error.kind === "environment" && flags.all === true;
		const durationMs = performance.now() - started;
		const reason = error instanceof LabError ? error.message : String(error);
		const status = skipped ? ("skipped" as const) : ("error" as const);
		const code = skipped
			? flags.allowSkip
				? EXIT.passed
				: EXIT.environment
			: emitFailure(run.emit, error, open.lab.name);
		run.emit({ type: "lab-end", lab: open.lab.name, status, durationMs, reason });
		return {
			result: { lab: open.lab.name, status, durationMs, scenarios: [], reason },
			code,
			...(engine ? { engine } : {}),
		};
	}
}

async function bringUpAndTest(
	context: CliContext,
	flags: Flags,
	run: RunSession,
	open: OpenLab,
	chosen: (choice: EngineChoice) => void,
): Promise<LabResult> {
	const { lab, scenarios } = open;
	if (scenarios.length === 0) {
		throw new LabError("input", `lab ${lab.name} has no scenarios, so there is nothing to test`, {
			code: "no-scenarios",
			hint: "Write one: scenarios/LAB/NAME.yaml; see the README.",
		});
	}
	const instance = flags.name ?? lab.name;
	const plan = planLab(lab, { instance, ...(flags.wiring ? { wiring: flags.wiring } : {}) });
	const setup = setupContext(context, flags, {
		listen: (message) => run.emit({ type: "setup", message }),
		signal: run.signal,
		suspend: run.suspend,
	});
	const wish = { lab: lab.name, instance, requires: lab.requires, plan };
	const session = await run.phase("engine", () => openEngine(context, flags, setup, wish), lab.name);
	chosen(session.choice);
	const runContext = {
		engine: session.engine,
		emit: run.emit,
		signal: run.signal,
		runId: run.runId,
		owner: owner(context.env),
		ensureImage: session.ensureImage,
		program: session.program,
	};
	let outcome: "created" | "already-up" = "created";
	let good = false;
	try {
		await session.vm?.setLab({ lab: lab.name, instance, run: run.runId });
		outcome = await run.phase("up", () => bringUp(runContext, plan, { keep: flags.keep ?? false }), lab.name);
		const result = await run.phase("test", () => testLab(runContext, lab, plan, scenarios, run.results), lab.name);
		good = result.status === "passed";
		return result;
	} finally {
		const keep = outcome === "already-up" || (flags.keep === true && !good && !run.signal.aborted);
		await run.phase("down", () => takeDown(session, instance, keep, run), lab.name);
	}
}

/** A lab that was up before, or that is to be looked at, stays; everything else goes. */
async function takeDown(session: EngineSession, instance: string, keep: boolean, run: RunSession): Promise<void> {
	if (keep) {
		run.emit({ type: "notice", level: "info", text: `${instance} stays up; take it down with: lab down ${instance}` });
		return session.close();
	}
	if (!session.vm) {
		const problems = await removeInstance(session.engine, instance);
		for (const problem of problems) run.emit({ type: "notice", level: "warning", text: `could not remove ${problem}` });
	}
	await session.discard();
}

const NO_ENGINE: EngineChoice = { kind: "docker", kernel: "", daemon: "", reason: "none could be used" };

function reportOf(run: RunSession, labs: LabResult[], engine: EngineChoice | undefined): RunReport {
	const status = worstStatus(labs.map((lab) => lab.status));
	return { schema: 1, run: run.runId, results: run.results.path, status, engine: engine ?? NO_ENGINE, labs };
}
