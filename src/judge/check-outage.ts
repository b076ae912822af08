/** How long requests failed because of the change that was made while the traffic was under way. */

import type { ExpectationBody } from "../model/expectation.ts";
import type { RequestRecord } from "../model/observation.ts";
import { missingRequests } from "./check-evidence.ts";
import { requestLabel } from "./join.ts";
import { counted, ending, listed, type Outcome } from "./outcome.ts";
import { faultsAbout, type PhaseEvidence } from "./phase-evidence.ts";

/**
 * No request fails that was sent later than `within` after the change, nor one that was over before it. That needs requests sent
 * later: without any, nothing shows that the outage had ended.
 */
export function checkOutage(evidence: PhaseEvidence, { within }: ExpectationBody<"outage">): Outcome {
	const end = ending(`no request fails later than ${within} s after the change`);
	const faults = faultsAbout(evidence, "traffic");
	if (faults.length > 0) return end.error(listed(faults));
	const missing = missingRequests(evidence);
	if (missing) return end.error(missing);
	const { changedAt } = evidence.observation;
	if (changedAt === undefined) return end.error("no change was made during the traffic");
	const age = ({ sentAt }: RequestRecord) => (sentAt ?? Number.NaN) - changedAt;
	if (evidence.requests.some((request) => Number.isNaN(age(request)))) {
		return end.error("when the requests were sent is not known");
	}
	const timeout = evidence.traffic?.timeout ?? 0;
	const failed = evidence.requests.filter((request) => !request.answered);
	const later = evidence.requests.filter((request) => age(request) > within);
	const observed = describe(failed, later, age);
	const stray = failed.filter((request) => age(request) > within || age(request) < -timeout);
	if (stray.length > 0) {
		const named = stray.map((request) => `${requestLabel(request)} ${fromChange(age(request))}`);
		return end.fail(`${observed}; outside of it: ${listed(named)}`);
	}
	if (later.length === 0) return end.error(`${observed}: nothing shows that the outage had ended`);
	return end.pass(observed);
}

function describe(failed: RequestRecord[], later: RequestRecord[], age: (request: RequestRecord) => number): string {
	const after = `${counted(later.length, "request")} sent later than that`;
	const last = failed.at(-1);
	if (!last) return `no request failed; ${after}`;
	return `${counted(failed.length, "request")} failed, the last was sent ${fromChange(age(last))}; ${after}`;
}

/** `3.42 s after the change`, `0.10 s before the change`; `age` in seconds. */
export function fromChange(age: number): string {
	return `${Math.abs(age).toFixed(2)} s ${age < 0 ? "before" : "after"} the change`;
}
