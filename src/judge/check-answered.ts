/** How many requests got an answer. */

import type { ExpectationBody } from "../model/expectation.ts";
import type { RequestRecord } from "../model/observation.ts";
import { missingRequests } from "./check-evidence.ts";
import { requestLabel } from "./join.ts";
import { ending, listed, type Outcome } from "./outcome.ts";
import { faultsAbout, type PhaseEvidence } from "./phase-evidence.ts";

/** Exit codes of a shell that could not run the tool: such a request says nothing about the lab. */
const NOT_RUN = [126, 127];

export function checkAnswered(evidence: PhaseEvidence, is: ExpectationBody<"answered">): Outcome {
	const { requests } = evidence;
	const end = ending(expectation(is, requests.length));
	const unusable = unusableRequests(evidence);
	if (unusable) return end.error(unusable);
	const answered = requests.filter((request) => request.answered);
	const observed = describe(requests, is === "none" ? answered[0] : requests.find((request) => !request.answered));
	return isMet(is, answered.length, requests.length) ? end.pass(observed) : end.fail(observed);
}

function expectation(is: ExpectationBody<"answered">, sent: number): string {
	if (is === "all") return `all ${sent} requests answered`;
	if (is === "none") return "no request answered";
	return `at least ${is["at-least"]} requests answered`;
}

function isMet(is: ExpectationBody<"answered">, answered: number, sent: number): boolean {
	if (is === "all") return answered === sent;
	if (is === "none") return answered === 0;
	return answered >= is["at-least"];
}

function unusableRequests(evidence: PhaseEvidence): string | undefined {
	const faults = faultsAbout(evidence, "traffic");
	if (faults.length > 0) return listed(faults);
	const notRun = evidence.requests.find((request) => NOT_RUN.includes(request.exitCode));
	if (notRun) return `${requestLabel(notRun)} could not be sent: ${reasonOf(notRun)}`;
	return missingRequests(evidence);
}

function describe(requests: RequestRecord[], notable: RequestRecord | undefined): string {
	const answered = requests.filter((request) => request.answered).length;
	const count = `${answered} of ${requests.length} answered`;
	if (!notable) return count;
	if (!notable.answered) return `${count}; first failure ${requestLabel(notable)}: ${reasonOf(notable)}`;
	const by = notable.answeredBy === undefined ? "" : ` by ${notable.answeredBy}`;
	return `${count}; first answer ${requestLabel(notable)}${by}`;
}

function reasonOf({ message, status, exitCode }: RequestRecord): string {
	if (message) return message;
	return status === undefined ? `exit code ${exitCode}` : `HTTP status ${status}`;
}
