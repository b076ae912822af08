/** What a lesson does on a lab that is up. Traffic, evidence and verdicts are those of scenarios. */
import type { Lab } from "../model/lab.ts";
import type { Check, Command, Predict, Probe } from "../model/lesson.ts";
import { listOf } from "../model/list-of.ts";
import type { Phase } from "../model/scenario.ts";
import type { ScenarioResult } from "../model/verdict.ts";
import type { RunContext } from "../run/context.ts";
import { containerOf, type LiveLab } from "../run/live-lab.ts";
import type { ResultsFolder } from "../run/results-folder.ts";
import { runCommands } from "../run/run-commands.ts";
import { runScenario } from "../run/run-scenario.ts";
import { afterShown, type Measured, measurementPhase, readAnswer, type Shown, shownPhase } from "./measurement.ts";

export interface Classroom {
	lab: Lab;
	/** Sends the traffic of a check and judges it. */
	check: (id: string, check: Check) => Promise<ScenarioResult>;
	/** Measures the answer of a prediction; what `showBefore` has sent is not sent again. */
	measure: (id: string, predict: Predict) => Promise<Measured>;
	/** Sends the requests that are shown before the question. */
	showBefore: (id: string, predict: Predict) => Promise<Measured | undefined>;
	/** Runs commands, up to the first that fails. */
	run: (commands: Command | Command[] | undefined, what: string) => Promise<void>;
	/** What the command of a probe prints. */
	look: (probe: Probe) => Promise<string>;
}

/** `live` is asked each time, as a lab may be built afresh in the middle of a lesson. */
export function classroom(context: RunContext, live: () => LiveLab, results: ResultsFolder): Classroom {
	let scenarios = 0;
	const runPhases = async (id: string, phase: Phase) => {
		const seen: Shown[] = [];
		// A name of its own, so that nothing in the results folder is written over.
		const scenario = { name: `${id}-${++scenarios}`, intent: phase.name, phases: [phase] };
		const result = await runScenario(context, live(), scenario, results, (_, observation, frames) => {
			seen.push({ observation, frames });
		});
		return { result, seen: seen[0] };
	};
	const measure = async (id: string, { measure: { answer } }: Predict, phase: Phase, sent = 0): Promise<Measured> => {
		const { result, seen } = await runPhases(id, phase);
		if (!seen) return { ok: false, why: result.reason ?? "nothing was observed" };
		return readAnswer(answer, phase, seen, sent);
	};
	const { lab } = live();
	return {
		lab,
		check: async (id, check) => (await runPhases(id, { ...check, name: `check of ${id}` })).result,
		measure: (id, predict) => {
			const rest = afterShown(predict);
			return measure(id, rest, measurementPhase(rest, lab), predict.shown);
		},
		showBefore: async (id, predict) => {
			const phase = shownPhase(predict, lab);
			const last = { ...predict, measure: { ...predict.measure, answer: { backend: predict.shown ?? 1 } } };
			return phase ? measure(id, last, phase) : undefined;
		},
		run: async (commands, what) => {
			for (const { on, run } of listOf(commands)) await runCommands(context, live(), on, run, what, context.signal);
		},
		look: async ({ at, run }) => {
			const command = ["sh", "-c", `exec 2>&1\n${run}`];
			const result = await context.engine.exec(containerOf(live(), at), { command, signal: context.signal });
			return result.stdout.toString("utf8");
		},
	};
}
