/** What `up` and `test` do alike: open an engine for a planned lab, and hand on what running it needs. */
import type { Lab } from "../model/lab.ts";
import type { Plan } from "../model/plan.ts";
import type { RunContext } from "../run/context.ts";
import type { CliContext } from "./cli-context.ts";
import { type EngineSession, openEngine } from "./engine-session.ts";
import type { Flags } from "./flags.ts";
import { owner } from "./owner.ts";
import type { RunSession } from "./run-session.ts";
import { setupContext } from "./setup-context.ts";

export interface LabSession {
	session: EngineSession;
	runContext: RunContext;
}

/** Opens the engine for a planned lab and tells the run which one it is. Whoever asked closes or discards it. */
export async function openLabSession(
	context: CliContext,
	flags: Flags,
	run: RunSession,
	lab: Lab,
	plan: Plan,
): Promise<LabSession> {
	const setup = setupContext(context, flags, {
		listen: (message) => run.emit({ type: "setup", message }),
		signal: run.signal,
		suspend: run.suspend,
	});
	const wish = { lab: lab.name, instance: plan.instance, requires: lab.requires, plan };
	const session = await run.phase("engine", () => openEngine(context, flags, setup, wish), lab.name);
	run.emit({ type: "engine-chosen", engine: session.choice });
	const { engine, ensureImage, program } = session;
	const { emit, signal, runId } = run;
	const runContext = { engine, emit, signal, runId, owner: owner(context.env), ensureImage, program };
	try {
		// A machine with a lab does not end when nobody talks to it.
		await session.vm?.setLab({ lab: lab.name, instance: plan.instance, run: runId });
	} catch (error) {
		await session.discard();
		throw error;
	}
	return { session, runContext };
}
