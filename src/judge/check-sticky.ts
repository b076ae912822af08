/** Every connection stays with one real, with all of its packets. */
import type { Frame } from "../model/observation.ts";
import type { ExpectationBody } from "../model/scenario.ts";
import type { Flow } from "./flow.ts";
import { counted, type Ending, ending, listed, type Outcome } from "./outcome.ts";
import { faultsAbout, lossyCaptures, type PhaseEvidence } from "./phase-evidence.ts";

/** A connection and how many data segments of it each backend received. */
interface Spread {
	flow: Flow;
	segments: Map<string, number>;
}

/**
 * For each answered connection counts the distinct data segments that arrived at each backend: enough at the one that
 * logged it, none at the others. A connection whose segments all went to a backend that did not log it is a contradiction.
 */
export function checkSticky(evidence: PhaseEvidence, { "min-segments": minimum }: ExpectationBody<"sticky">): Outcome {
	const end = ending(`each connection has at least ${counted(minimum, "segment")}, all at one backend`);
	const { backends } = evidence.observation;
	const unusable = unusableCaptures(evidence, backends);
	if (unusable) return end.error(unusable);
	// A port that the client used again for another backend makes two connections look like one.
	const followed = evidence.flows.filter((flow) => flow.answered && flow.backends.length === 1);
	const spreads = followed.map((flow) => ({ flow, segments: segmentsByBackend(flow, backends) }));
	if (spreads.every(({ segments }) => total(segments) === 0))
		return end.error("no data segment of an answered connection was captured");
	return judge(spreads, minimum, end);
}

function unusableCaptures(evidence: PhaseEvidence, backends: readonly string[]): string | undefined {
	const captured = new Set(evidence.observation.captures.map((capture) => capture.node));
	const blind = backends.filter((backend) => !captured.has(backend));
	const problems = [
		...faultsAbout(evidence, "capture", backends),
		...lossyCaptures(evidence, backends),
		...blind.map((backend) => `no capture was taken at ${backend}`),
	];
	return problems.length === 0 ? undefined : listed(problems);
}

function segmentsByBackend(flow: Flow, backends: readonly string[]): Map<string, number> {
	const data = flow.request.filter((frame) => frame.payload > 0);
	return new Map(backends.map((backend) => [backend, distinct(data.filter((frame) => frame.node === backend))]));
}

/** A segment that was sent again, or captured both wrapped and unwrapped, counts once. */
function distinct(frames: readonly Frame[]): number {
	return new Set(frames.map((frame) => frame.sequence)).size;
}

function total(segments: Map<string, number>): number {
	return [...segments.values()].reduce((sum, count) => sum + count, 0);
}

function judge(spreads: readonly Spread[], minimum: number, end: Ending): Outcome {
	const at = ({ flow, segments }: Spread) => segments.get(flow.backends[0] ?? "") ?? 0;
	const elsewhere = spreads.filter((spread) => at(spread) === 0 && total(spread.segments) > 0);
	if (elsewhere.length > 0) {
		const named = elsewhere.map((spread) => `${describe(spread)} but logged by ${spread.flow.backends[0]}`);
		return end.inconsistent(listed(named));
	}
	const split = spreads.filter((spread) => total(spread.segments) > at(spread));
	if (split.length > 0) return end.fail(`${split.length} of ${spreads.length} split: ${listed(split.map(describe))}`);
	const short = spreads.filter((spread) => at(spread) < minimum);
	if (short.length > 0)
		return end.fail(`${short.length} of ${spreads.length} too short: ${listed(short.map(describe))}`);
	const fewest = Math.min(...spreads.map(at));
	return end.pass(`${counted(spreads.length, "connection")}, fewest segments ${fewest}, none at another backend`);
}

function describe({ flow, segments }: Spread): string {
	const seen = [...segments].filter(([, count]) => count > 0).map(([backend, count]) => `${count} at ${backend}`);
	return `${flow.label} had ${seen.length === 0 ? "none" : seen.join(", ")}`;
}
