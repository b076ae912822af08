/** Sends one request with a capture on every interface of the lab, and says which way it took. */
import { decodeCapture } from "../judge/decode-capture.ts";
import { traceRequest as readTrace } from "../judge/trace-request.ts";
import type { Phase, Traffic } from "../model/scenario.ts";
import type { Trace } from "../model/trace.ts";
import { targetOf } from "../model/traffic-choice.ts";
import type { RunContext } from "./context.ts";
import type { LiveLab } from "./live-lab.ts";
import { everywhere } from "./node-probe.ts";
import { observePhase } from "./observe-phase.ts";
import type { ResultsFolder } from "./results-folder.ts";

/** Name under which its captures and its observation are kept. */
const NAME = "trace";

/** Follows one request of `traffic`, whatever its count. Captures and observation are kept in the results folder. */
export async function traceRequest(
	context: RunContext,
	live: LiveLab,
	traffic: Traffic,
	results: ResultsFolder,
): Promise<Trace> {
	const once: Traffic = { ...traffic, count: 1, parallel: 1 };
	const phase: Phase = { name: `one request: ${targetOf(once)}`, traffic: once, expect: [{ answered: "all" }] };
	const key = { lab: live.lab.name, scenario: NAME, index: 0 };
	const probes = everywhere(live.lab, phase);
	const place = {
		lab: live.lab.name,
		scenario: NAME,
		tokenPrefix: results.nextTokenPrefix(),
		saveCapture: (name: string, bytes: Buffer) => results.saveCapture(key, name, bytes),
		makeChange: () => Promise.reject(new Error("a trace changes nothing")),
	};
	const { observation, captures } = await observePhase(context, live, phase, place, probes);
	results.saveObservation(key, observation, phase);
	const frames = captures.flatMap(({ record, bytes }) => decodeCapture(bytes, record).frames);
	return { ...readTrace(phase, observation, frames), results: results.path };
}
