/** Every connection stays with one real, with all of its packets. */
import type { ExpectationBody } from "../model/expectation.ts";
import { judgeTakenOut } from "./check-taken-out.ts";
import { counted, type Ending, ending, listed, type Outcome } from "./outcome.ts";
import { faultsAbout, lossyCaptures, type PhaseEvidence } from "./phase-evidence.ts";
import { describe, describeSpreads, type Spread, spreadOf, total } from "./spread.ts";

/**
 * For each answered connection counts the distinct data segments that arrived at each backend: enough at the one that
 * logged it, none at the others. A connection whose segments all went to a backend that did not log it is a contradiction.
 */
export function checkSticky(evidence: PhaseEvidence, body: ExpectationBody<"sticky">): Outcome {
	const { "min-segments": minimum, "taken-out": gone } = body;
	const others = gone === undefined ? "" : `; those of ${gone} go elsewhere`;
	const end = ending(`each connection has at least ${counted(minimum, "segment")}, all at one backend${others}`);
	const { backends } = evidence.observation;
	const unusable = unusableCaptures(evidence, backends);
	if (unusable) return end.error(unusable);
	if (gone !== undefined) return judgeTakenOut(evidence.flows, backends, gone, minimum, end);
	// A port that the client used again for another backend makes two connections look like one.
	const followed = evidence.flows.filter((flow) => flow.answered && flow.backends.length === 1);
	const spreads = followed.map((flow) => spreadOf(flow, backends));
	if (spreads.every((spread) => total(spread) === 0))
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

function judge(spreads: readonly Spread[], minimum: number, end: Ending): Outcome {
	const at = ({ flow, segments }: Spread) => segments.get(flow.backends[0] ?? "") ?? 0;
	const elsewhere = spreads.filter((spread) => at(spread) === 0 && total(spread) > 0);
	if (elsewhere.length > 0) {
		const named = elsewhere.map((spread) => `${describe(spread)} but logged by ${spread.flow.backends[0]}`);
		return end.inconsistent(listed(named));
	}
	const split = spreads.filter((spread) => total(spread) > at(spread));
	if (split.length > 0) return end.fail(`${split.length} of ${spreads.length} split: ${describeSpreads(split)}`);
	const short = spreads.filter((spread) => at(spread) < minimum);
	if (short.length > 0) return end.fail(`${short.length} of ${spreads.length} too short: ${describeSpreads(short)}`);
	const fewest = Math.min(...spreads.map(at));
	return end.pass(`${counted(spreads.length, "connection")}, fewest segments ${fewest}, none at another backend`);
}
