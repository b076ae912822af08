/** All scenarios of one lab, on a lab that is brought up for them or is up already. */
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
	let live: LiveLab = await liveLab(context, lab, plan);
	const done: ScenarioResult[] = [];
	for (const scenario of scenarios) {
		throwIfAborted(context.signal);
		// A scenario that broke off may have left the lab changed: the next one gets a fresh one.
		if (done.at(-1)?.reason !== undefined) {
			await up(context, plan, { keep: false, reconfigure: true });
			live = await liveLab(context, lab, plan);
		}
		done.push(await runScenario(context, live, scenario, results));
	}
	const status = worstStatus(done.map((result) => result.status));
	const durationMs = performance.now() - started;
	context.emit({ type: "lab-end", lab: lab.name, status, durationMs });
	return { lab: lab.name, status, durationMs, scenarios: done };
}
