/** The implicit check of every phase with traffic: do the clients and the backends tell the same story? */

import { type Join, requestLabel } from "./join.ts";
import { counted, ending, listed, type Outcome } from "./outcome.ts";
import { faultsAbout, type PhaseEvidence } from "./phase-evidence.ts";

/**
 * Every answered request in exactly one backend connection, no token twice, none that nobody sent, and the backend that an
 * answer names is the one that logged it. An unanswered request that was logged is a lost reply, not a contradiction.
 */
export function checkEvidence(evidence: PhaseEvidence, join: Join): Outcome {
	const end = ending("clients and backends agree on every request");
	const faults = [...faultsAbout(evidence, "log"), ...faultsAbout(evidence, "traffic")];
	if (faults.length > 0) return end.error(listed(faults));
	if (join.contradictions.length > 0) return end.inconsistent(listed(join.contradictions));
	const missing = missingRequests(evidence);
	if (missing) return end.error(missing);
	return end.pass(agreement(evidence, join));
}

/** Says so when fewer requests were recorded than the scenario sends. */
export function missingRequests({ requests, traffic }: PhaseEvidence): string | undefined {
	if (requests.length === 0) return "no request was recorded";
	if (traffic === undefined || requests.length === traffic.count) return undefined;
	return `${requests.length} of ${traffic.count} requests were recorded`;
}

function agreement({ requests }: PhaseEvidence, { joined, lostReplies, silent }: Join): string {
	const answered = requests.filter((request) => request.answered).length;
	const parts = [`${answered} of ${requests.length} requests answered, ${joined.length} found at backends`];
	if (lostReplies.length > 0) {
		const named = lostReplies.map(({ request, accept }) => `${requestLabel(request)} at ${accept.node}`);
		parts.push(`logged but without an answer (reply lost): ${listed(named)}`);
	}
	if (silent.length > 0) parts.push(`${counted(silent.length, "connection")} without a token`);
	return parts.join("; ");
}
