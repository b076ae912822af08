/** What the terminal UI can have done: the same as the verbs, with the same runs, events, judges and results. */
import { openLab, openLabFile } from "../../config/find-labs.ts";
import { LabError } from "../../model/error.ts";
import type { Lab } from "../../model/lab.ts";
import type { Scenario } from "../../model/scenario.ts";
import { sendPhase, type TrafficChoice } from "../../model/traffic-choice.ts";
import type { RunContext } from "../../run/context.ts";
import { type LiveLab, liveLab } from "../../run/live-lab.ts";
import { runScenario } from "../../run/run-scenario.ts";
import { traceRequest } from "../../run/trace-request.ts";
import { readCountersOnce } from "../../run/watch-counters.ts";
import type { Message, Wish } from "../../ui/state/messages.ts";
import { plural } from "../../ui/text.ts";
import type { CliContext } from "../cli-context.ts";
import type { Flags } from "../flags.ts";
import { runBy } from "../run-by.ts";
import { openRun, type RunSession, type Screen } from "../run-session.ts";
import { findEverything, pickInstance, type Running } from "../running.ts";
import { testOneLab } from "../test-one-lab.ts";
import { takeDown } from "../verb-down.ts";
import { reporters, reportOf } from "../verb-test.ts";
import { bringLabUp } from "../verb-up.ts";
import { liveStates } from "./live.ts";
import { variantOf } from "./variant.ts";

export type JobWish = Extract<Wish, { do: "up" | "down" | "test" | "send" | "trace" }>;

export interface JobResult {
	/** False for a job that has ended, but not well. */
	ok?: boolean;
	/** The last words. */
	text?: string;
}

type Tell = (message: Message) => void;

/** Does one job to its end; `tell` gets what it finds out beside its events. */
export function doJob(
	context: CliContext,
	flags: Flags,
	screen: Screen,
	wish: JobWish,
	tell: Tell,
): Promise<JobResult> {
	switch (wish.do) {
		case "up":
			return upJob(context, flags, screen, wish.lab);
		case "down":
			return downJob(context, wish.lab);
		case "test":
			return testJob(context, flags, screen, wish);
		case "send":
			return sendJob(context, flags, screen, wish, tell);
		case "trace":
			return traceJob(context, flags, screen, wish, tell);
	}
}

/** Runs `work` in a run of its own; a failure is told to the run and thrown. */
async function inRun<T>(run: RunSession, lab: string, work: () => Promise<T>): Promise<T> {
	try {
		return await work();
	} catch (error) {
		throw run.fail(error, lab);
	} finally {
		await run.close();
	}
}

async function upJob(context: CliContext, flags: Flags, screen: Screen, name: string): Promise<JobResult> {
	const { lab } = openLabFile(name, context.root);
	const run = await openRun(context, flags, ["up", name], () => [], screen);
	const { outcome, engine } = await inRun(run, name, () => bringLabUp(context, flags, run, lab));
	const where = engine.kind === "vm" ? "the embedded machine" : "your Docker daemon";
	return { text: `${name} is up${outcome === "already-up" ? " already" : ""}, in ${where} (${engine.reason}).` };
}

async function downJob(context: CliContext, name: string): Promise<JobResult> {
	const everything = await findEverything(context);
	try {
		const problems = await takeDown(pickInstance(everything.running, name));
		if (problems.length > 0) return { ok: false, text: `Could not remove everything: ${problems.join("; ")}` };
		return { text: `${name} is down.` };
	} finally {
		await everything.close();
	}
}

/** As `lab test`, on a lab that stays up: whoever runs a scenario here wants to look at what it has shown. */
async function testJob(
	context: CliContext,
	flags: Flags,
	screen: Screen,
	{ lab: name, scenario }: Extract<JobWish, { do: "test" }>,
): Promise<JobResult> {
	const open = openLab(name, context.root);
	const scenarios = open.scenarios.filter((entry) => scenario === undefined || entry.name === scenario);
	const command = ["test", name, ...(scenario === undefined ? [] : ["-s", scenario])];
	const run = await openRun(context, flags, command, (folder) => reporters(context, flags, folder), screen);
	return inRun(run, name, async () => {
		if (!(name in (await liveStates(context)))) {
			await bringLabUp(context, flags, run, open.lab);
		}
		const outcome = await testOneLab(context, flags, run, { ...open, scenarios });
		run.emit({ type: "run-end", report: reportOf(run, [outcome], flags) });
		const what = scenario ?? plural(scenarios.length, "scenario");
		const ok = outcome.code === 0;
		return { ok, text: `${what}: ${outcome.result.status}${ok ? "" : "; e shows the evidence"}` };
	});
}

async function sendJob(
	context: CliContext,
	flags: Flags,
	screen: Screen,
	{ lab: name, choice, count }: Extract<JobWish, { do: "send" }>,
	tell: Tell,
): Promise<JobResult> {
	const { lab } = openLabFile(name, context.root);
	const scenario = trafficScenario(choice, count);
	return onLiveLab(context, flags, screen, lab, "traffic", async (runContext, live, run, { engine, instance }) => {
		const read = async (when: { before?: true }) => {
			const counters = await readCountersOnce(engine, instance, live.lab, run.signal);
			tell({ type: "counters", lab: name, counters, ...when });
		};
		await read({ before: true });
		const result = await runScenario(runContext, live, scenario, run.results);
		await read({});
		if (result.reason !== undefined) return { ok: false, text: result.reason };
		return { ok: result.status === "passed", text: `${plural(count, "request")}: ${result.status}` };
	});
}

function trafficScenario(choice: TrafficChoice, count: number): Scenario {
	const intent = `Requests are answered as the scenario ${choice.scenario} expects it.`;
	return { name: "traffic", intent, phases: [sendPhase(choice, count)] };
}

async function traceJob(
	context: CliContext,
	flags: Flags,
	screen: Screen,
	{ lab: name, choice }: Extract<JobWish, { do: "trace" }>,
	tell: Tell,
): Promise<JobResult> {
	const { lab } = openLabFile(name, context.root);
	return onLiveLab(context, flags, screen, lab, "path", async (runContext, live, run) => {
		tell({ type: "trace", lab: name, trace: await traceRequest(runContext, live, choice.traffic, run.results) });
		return {};
	});
}

/** Runs `work` on a lab that is up, in a run of its own. Nothing is made, so neither engine nor images are looked for. */
async function onLiveLab(
	context: CliContext,
	flags: Flags,
	screen: Screen,
	lab: Lab,
	what: string,
	work: (runContext: RunContext, live: LiveLab, run: RunSession, running: Running) => Promise<JobResult>,
): Promise<JobResult> {
	const everything = await findEverything(context);
	try {
		const running = pickInstance(everything.running, lab.name);
		const { engine } = running;
		const run = await openRun(context, flags, ["ui", lab.name, what], () => [], screen);
		return await inRun(run, lab.name, async () => {
			const { emit, signal, runId } = run;
			const none = (name: string) => Promise.reject(new LabError("bug", `${name} is not made here`, { code: "bug" }));
			const runContext = { engine, emit, signal, runId, ...runBy(context.env), ensureImage: none, program: none };
			const made = variantOf(lab, flags, running.instance.plan);
			const live = await liveLab(runContext, made.lab, made.plan);
			return work(runContext, live, run, running);
		});
	} finally {
		await everything.close();
	}
}
