/** From what a phase has shown to its verdicts. Pure: the same observation always gives the same results. */

import { type Expectation, type ExpectationBody, type ExpectationKind, expectationKind } from "../model/expectation.ts";
import type { Frame, PhaseObservation } from "../model/observation.ts";
import type { Phase } from "../model/scenario.ts";
import type { CheckResult } from "../model/verdict.ts";
import { checkAnswered } from "./check-answered.ts";
import { checkCounters } from "./check-counters.ts";
import { checkDelay } from "./check-delay.ts";
import { checkEncapsulation } from "./check-encapsulation.ts";
import { checkEvidence } from "./check-evidence.ts";
import { checkNames, EVIDENCE_CHECK } from "./check-name.ts";
import { checkOutage } from "./check-outage.ts";
import { checkPackets } from "./check-packets.ts";
import { checkPath } from "./check-path.ts";
import { checkShare } from "./check-share.ts";
import { checkSource } from "./check-source.ts";
import { checkState } from "./check-state.ts";
import { checkSticky } from "./check-sticky.ts";
import { checkUpload } from "./check-upload.ts";
import type { Outcome } from "./outcome.ts";
import { gatherEvidence, type PhaseEvidence } from "./phase-evidence.ts";

const CHECKS: { [K in ExpectationKind]: (evidence: PhaseEvidence, body: ExpectationBody<K>) => Outcome } = {
	answered: checkAnswered,
	share: checkShare,
	source: checkSource,
	path: checkPath,
	encapsulation: checkEncapsulation,
	packets: checkPackets,
	sticky: checkSticky,
	counters: checkCounters,
	upload: checkUpload,
	state: checkState,
	outage: checkOutage,
	delay: checkDelay,
};

/**
 * Judges a phase: one result per expectation, in order. Where requests can be joined to backend logs (nc and curl), a check named
 * `evidence` comes first: whether clients and backends tell the same story. What was not observed is `error`, never `pass`.
 * @param frames all captures of the phase, decoded
 */
export function judgePhase(phase: Phase, observation: PhaseObservation, frames: readonly Frame[]): CheckResult[] {
	const evidence = gatherEvidence(phase, observation, frames);
	const names = checkNames(phase.expect);
	const results = phase.expect.map((expectation, i) => ({
		phase: phase.name,
		check: names[i] ?? "",
		...judge(evidence, expectation, expectationKind(expectation)),
	}));
	if (!evidence.join) return results;
	return [{ phase: phase.name, check: EVIDENCE_CHECK, ...checkEvidence(evidence, evidence.join) }, ...results];
}

function judge<K extends ExpectationKind>(evidence: PhaseEvidence, expectation: Expectation, kind: K): Outcome {
	return CHECKS[kind](evidence, expectation[kind] as ExpectationBody<K>);
}
