/** What `up` and `test` do alike: open an engine for a planned lab, and hand on what running it needs. */
import type { KernelFeature } from "../model/kernel.ts";
import { type Lab, labWithout } from "../model/lab.ts";
import type { Plan } from "../model/plan.ts";
import type { RunContext } from "../run/context.ts";
import { removeInstance } from "../run/instances.ts";
import { chooseSteps } from "./choose-steps.ts";
import type { CliContext } from "./cli-context.ts";
import { type EngineSession, openEngine } from "./engine-session.ts";
import type { Flags } from "./flags.ts";
import { planFor } from "./plan-for.ts";
import { runBy } from "./run-by.ts";
import type { RunSession } from "./run-session.ts";
import { setupContext } from "./setup-context.ts";

export interface LabSession {
	/** Its choice tells the steps that were chosen as well. */
	session: EngineSession;
	runContext: RunContext;
	/** The lab with the steps for the engine's kernel, and its plan. */
	lab: Lab;
	plan: Plan;
	/** Features that the kernel lacks, among those the lab can do without. */
	lacks: KernelFeature[];
}

/**
 * Opens the engine for a lab, chooses the lab's steps by what its kernel can do, and tells the run both. Whoever asked closes
 * or discards it.
 */
export async function openLabSession(
	context: CliContext,
	flags: Flags,
	run: RunSession,
	lab: Lab,
): Promise<LabSession> {
	const setup = setupContext(context, flags, {
		listen: (message) => run.emit({ type: "setup", message }),
		signal: run.signal,
		suspend: run.suspend,
	});
	// Networks and images are the same on every kernel, so this plan will do to find clashes.
	const wish = { lab: lab.name, instance: flags.name ?? lab.name, requires: lab.requires, plan: planFor(lab, flags) };
	const opened = await run.phase("engine", () => run.turn(() => openEngine(context, flags, setup, wish)), lab.name);
	try {
		const { lacks, choices } = await chooseSteps(context, flags, opened, lab);
		const choice = choices.length > 0 ? { ...opened.choice, choices } : opened.choice;
		const session = { ...opened, choice };
		run.emit({ type: "engine-chosen", engine: choice });
		const { engine } = session;
		const ensureImage = (image: string) => run.turn(() => session.ensureImage(image));
		const program = (name: string) => run.turn(() => session.program(name));
		const { emit, signal, runId } = run;
		const runContext = { engine, emit, signal, runId, ...runBy(context.env), ensureImage, program };
		const plan = planFor(lab, flags, lacks);
		// A machine with a lab does not end when nobody talks to it.
		await session.vm?.setLab({ lab: lab.name, instance: plan.instance, run: runId });
		return { session, runContext, lab: labWithout(lab, lacks), plan, lacks };
	} catch (error) {
		await opened.discard();
		throw error;
	}
}

/** Removes a lab with its engine's session; what could not be removed is told to the run. */
export async function takeDownLab(
	{ engine, vm, discard }: EngineSession,
	instance: string,
	run: RunSession,
): Promise<void> {
	if (!vm) {
		const problems = await removeInstance(engine, instance);
		for (const problem of problems) run.emit({ type: "notice", level: "warning", text: `could not remove ${problem}` });
	}
	await discard();
}
