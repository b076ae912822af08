/** The object that `lab test -f json` prints, from the state of the run. */
import type { EngineChoice, LabResult, RunReport, RunStatus, ScenarioResult } from "../model/verdict.ts";
import { worstStatus } from "../model/verdict.ts";
import type { LabView, RunState, ScenarioView } from "./summarise.ts";

const NO_ENGINE: EngineChoice = { kind: "docker", kernel: "", daemon: "", reason: "none was chosen" };

/** The run's own report where it came to its end; else what can be said of a run that was cut short. */
export function reportOf(state: RunState): RunReport {
	if (state.report) return state.report;
	const labs = state.labs.map((lab) => labResult(lab, state.latestAt));
	const broken = state.failures.some((failure) => failure.lab === undefined) || state.interruptedBy !== undefined;
	const statuses: RunStatus[] = [...labs.map((lab) => lab.status), ...(broken ? ["error" as const] : [])];
	return {
		schema: 1,
		run: state.run ?? "",
		results: state.results ?? "",
		status: worstStatus(statuses),
		engine: state.engine ?? NO_ENGINE,
		labs,
	};
}

/** The same as text, with a line break at the end. */
export function reportJson(state: RunState): string {
	return `${JSON.stringify(reportOf(state), undefined, "\t")}\n`;
}

function labResult(lab: LabView, now: number): LabResult {
	return {
		lab: lab.name,
		status: lab.status ?? "error",
		durationMs: lab.durationMs ?? now - lab.startedAt,
		scenarios: lab.scenarios.map((scenario) => scenarioResult(scenario, now)),
		...(lab.reason === undefined ? {} : { reason: lab.reason }),
	};
}

function scenarioResult(scenario: ScenarioView, now: number): ScenarioResult {
	const reason = scenario.reason ?? (scenario.status === undefined ? "it did not come to its end" : undefined);
	return {
		name: scenario.name,
		status: scenario.status ?? "error",
		durationMs: scenario.durationMs ?? now - scenario.startedAt,
		checks: scenario.phases.flatMap((phase) => phase.checks.map(({ evidence: _evidence, ...check }) => check)),
		...(reason === undefined ? {} : { reason }),
	};
}
