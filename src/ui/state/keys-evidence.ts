/** The key that shows what a verdict rests on. */
import type { CheckView, RunState } from "../../report/summarise.ts";
import { type Binding, only, refuse } from "./binding.ts";
import type { Change } from "./messages.ts";
import { memoryOf, openEntry, type UiState } from "./state.ts";

/** The check that a reader wants to know about: the first that did not pass, else the first. */
function checkToRead(run: RunState, scenario: string | undefined): CheckView | undefined {
	const scenarios = run.labs
		.flatMap((lab) => lab.scenarios)
		.filter(({ name }) => scenario === undefined || name === scenario);
	const checks = scenarios.flatMap(({ phases }) => phases.flatMap((phase) => phase.checks));
	return checks.find(({ status }) => status !== "pass") ?? checks[0];
}

function evidence(state: UiState): Change<UiState> {
	const facts = openEntry(state)?.facts;
	if (!facts || state.open === undefined) return only(state);
	const memory = memoryOf(state, state.open);
	const scenario = memory.tab === "scenarios" ? facts.scenarios[memory.scenario]?.name : undefined;
	const run = scenario === undefined ? memory.sent : memory.tests[scenario];
	const check = run && checkToRead(run, scenario);
	if (!run?.results || !check) return refuse(state, "There is nothing to read yet: Enter runs it.");
	const title = `${check.status.toUpperCase()} ${check.check}`;
	return { state, wishes: [{ do: "evidence", title, results: run.results, files: check.evidence }] };
}

export const EVIDENCE: Binding = {
	keys: ["e"],
	label: "e",
	words: "evidence",
	help: "What was measured: requests, logs, counters and packets behind the first check that did not pass.",
	act: evidence,
};
