/** All scenarios of one lab, on a lab that is brought up for them or is up already. */
import { wordsOf } from "../model/error.ts";
import type { Lab } from "../model/lab.ts";
import type { Plan } from "../model/plan.ts";
import type { Scenario } from "../model/scenario.ts";
import { type LabResult, type ScenarioResult, worstStatus } from "../model/verdict.ts";
import { type RunContext, throwIfAborted } from "./context.ts";
import { type LiveLab, liveLab } from "./live-lab.ts";
import type { ResultsFolder } from "./results-folder.ts";
import { runScenario } from "./run-scenario.ts";
import { up } from "./up.ts";

/** Runs the scenarios in order on one instance. The lab must be up. */
export async function testLab(
	context: RunContext,
	lab: Lab,
	plan: Plan,
	scenarios: Scenario[],
	results: ResultsFolder,
): Promise<LabResult> {
	const started = performance.now();
	let live: LiveLab | undefined = await liveLab(context, lab, plan);
	const done: ScenarioResult[] = [];
	for (const scenario of scenarios) {
		throwIfAborted(context.signal);
		try {
			live ??= await freshLab(context, lab, plan);
		} catch (error) {
			throwIfAborted(context.signal);
			done.push(unmeasured(context, lab, scenario, wordsOf(error)));
			continue;
		}
		const result = await runScenario(context, live, scenario, results);
		done.push(result);
		// A scenario that broke off may have left the lab changed: the next one gets a fresh one.
		if (result.reason !== undefined) live = undefined;
	}
	const status = worstStatus(done.map((result) => result.status));
	const durationMs = performance.now() - started;
	context.emit({ type: "lab-end", lab: lab.name, status, durationMs });
	return { lab: lab.name, status, durationMs, scenarios: done };
}

async function freshLab(context: RunContext, lab: Lab, plan: Plan): Promise<LiveLab> {
	await up(context, plan, { keep: false, reconfigure: true });
	return liveLab(context, lab, plan);
}

/** A scenario for which there was no lab; those before it keep their verdicts. */
function unmeasured(context: RunContext, lab: Lab, scenario: Scenario, reason: string): ScenarioResult {
	const place = { lab: lab.name, scenario: scenario.name };
	const result = { status: "error", durationMs: 0, reason } as const;
	context.emit({ type: "scenario-begin", ...place, intent: scenario.intent });
	context.emit({ type: "scenario-end", ...place, ...result });
	return { name: scenario.name, checks: [], ...result };
}
