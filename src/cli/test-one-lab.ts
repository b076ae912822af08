/** One lab of `lab test`, from its engine to its teardown. */
import type { OpenLab } from "../config/find-labs.ts";
import { EXIT, LabError } from "../model/error.ts";
import { scenarioWithout } from "../model/scenario.ts";
import { type EngineChoice, exitCodeOf, type LabResult } from "../model/verdict.ts";
import { testLab } from "../run/test-lab.ts";
import { up } from "../run/up.ts";
import type { CliContext } from "./cli-context.ts";
import type { EngineSession } from "./engine-session.ts";
import type { Flags } from "./flags.ts";
import { openLabSession, takeDownLab } from "./lab-session.ts";
import type { MemoryWatch } from "./memory-watch.ts";
import type { RunSession } from "./run-session.ts";

export interface LabOutcome {
	result: LabResult;
	/** Exit code of this lab alone. */
	code: number;
	engine?: EngineChoice;
}

/** Runs one lab. Its failure is told and kept, and does not keep the next lab from being run. */
export async function testOneLab(
	context: CliContext,
	flags: Flags,
	run: RunSession,
	open: OpenLab,
	memory?: MemoryWatch,
): Promise<LabOutcome> {
	const started = performance.now();
	const { name } = open.lab;
	const chosen: { engine?: EngineChoice } = {};
	try {
		const result = await bringUpAndTest(context, flags, run, open, memory, (engine) => {
			chosen.engine = engine;
		});
		return { result, code: exitCodeOf(result.status), ...chosen };
	} catch (error) {
		// Under --all a lab that cannot run here is skipped; one that was named is an error.
		const skip = flags.all === true && !run.signal.aborted && error instanceof LabError && error.kind === "environment";
		const failure = skip ? error : run.fail(error, name);
		const status = skip ? "skipped" : "error";
		const durationMs = performance.now() - started;
		const reason = failure.message;
		run.emit({ type: "lab-end", lab: name, status, durationMs, reason });
		const code = skip && flags.allowSkip ? EXIT.passed : failure.exitCode;
		return { result: { lab: name, status, durationMs, scenarios: [], reason }, code, ...chosen };
	}
}

async function bringUpAndTest(
	context: CliContext,
	flags: Flags,
	run: RunSession,
	{ lab, scenarios }: OpenLab,
	memory: MemoryWatch | undefined,
	onEngine: (engine: EngineChoice) => void,
): Promise<LabResult> {
	if (scenarios.length === 0) {
		throw new LabError("input", `lab ${lab.name} has no scenarios, so there is nothing to test`, {
			code: "no-scenarios",
			hint: `Write one: scenarios/${lab.name}/NAME.yaml`,
		});
	}
	const opened = await openLabSession(context, flags, run, lab);
	const { session, runContext, plan, lacks } = opened;
	onEngine(session.choice);
	const forget = memory?.add(session.vm?.qemuPid);
	let wasUp = false;
	let passed = false;
	try {
		const options = { keep: flags.keep ?? false, disposable: session.vm !== undefined };
		wasUp = (await run.phase("up", () => up(runContext, plan, options), lab.name)) === "already-up";
		const own = scenarios.map((scenario) => scenarioWithout(scenario, lacks));
		const result = await run.phase("test", () => testLab(runContext, opened.lab, plan, own, run.results), lab.name);
		passed = result.status === "passed";
		return result;
	} finally {
		forget?.();
		const keep = wasUp || (flags.keep === true && !passed && !run.signal.aborted);
		await run.phase("down", () => takeDown(session, plan.instance, keep, run), lab.name);
	}
}

/** A lab that was up before, or that is to be looked at, stays; everything else goes. */
async function takeDown(session: EngineSession, instance: string, keep: boolean, run: RunSession): Promise<void> {
	if (keep) {
		run.emit({ type: "notice", level: "info", text: `${instance} stays up; take it down with: lab down ${instance}` });
		return session.close();
	}
	await takeDownLab(session, instance, run);
}
