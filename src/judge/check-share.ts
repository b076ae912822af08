/** How the answered requests are distributed over the backends. */
import { DEFAULT_FALSE_ALARM, type ExpectationBody, matchesHop } from "../model/expectation.ts";
import { type JoinedRequest, requestLabel } from "./join.ts";
import { counted, type Ending, ending, listed, type Outcome } from "./outcome.ts";
import { faultsAbout, type PhaseEvidence } from "./phase-evidence.ts";
import { checkRotation } from "./rotation.ts";
import { detectableShift, type ShareTestResult, testShares } from "./statistics.ts";

/** Probability with which a verdict's "would have been seen" holds. */
const POWER = 0.99;

export function checkShare(evidence: PhaseEvidence, body: ExpectationBody<"share">): Outcome {
	const backends = takingPart(evidence.observation.backends, body);
	const end = ending(expectation(body, backends));
	const faults = [...faultsAbout(evidence, "log"), ...faultsAbout(evidence, "traffic")];
	if (faults.length > 0) return end.error(listed(faults));
	const answered = (evidence.join?.joined ?? []).filter(({ request }) => request.answered);
	if (answered.length === 0) return end.error("nothing to judge: no answered request was found at a backend");
	const silent = backends.filter((backend) => !evidence.observation.backends.includes(backend));
	if (silent.length > 0) return end.error(`${silent.join(", ")} logs no requests`);
	const outside = answered.filter(({ accept }) => !backends.includes(accept.node) || shareOf(body, accept.node) === 0);
	if (outside.length > 0) return end.fail(`${shown(countBy(answered, backends))}; ${misplaced(outside)}`);
	const picks = answered.map(({ request, accept }) => ({ label: requestLabel(request), backend: accept.node }));
	if (body.is === "round-robin") return checkRotation(picks, backends, evidence.traffic?.parallel ?? 1, end);
	if (body.is === "one-backend") return checkPinned(countBy(answered, backends), end);
	return checkDistribution(countBy(answered, backends), body, end);
}

/** Two requests at one backend are the least that shows that they stay together. */
function checkPinned(counts: Map<string, number>, end: Ending): Outcome {
	const used = [...counts.values()].filter((count) => count > 0);
	if (used.length > 1) return end.fail(`${shown(counts)}; ${counted(used.length, "backend")} instead of one`);
	return used[0] === 1
		? end.error(`${shown(counts)}; a single request is always at one backend`)
		: end.pass(shown(counts));
}

/** The backends that a share is about: those named with a weight, else all that `among` names, else all of the lab. */
function takingPart(backends: readonly string[], { is, among }: ExpectationBody<"share">): string[] {
	const named = typeof is === "string" ? [...backends] : Object.keys(is);
	return among ? named.filter((backend) => among.some((pattern) => matchesHop(pattern, backend))) : named;
}

function expectation({ is }: ExpectationBody<"share">, backends: string[]): string {
	if (is === "one-backend") return `every request at the same one of ${backends.join(", ")}`;
	if (typeof is === "string") return `${is === "equal" ? "equal shares" : is} over ${backends.join(", ")}`;
	return `shares ${backends.map((backend) => `${backend}:${is[backend]}`).join(" ")}`;
}

function shareOf({ is }: ExpectationBody<"share">, backend: string): number {
	return typeof is === "string" ? 1 : (is[backend] ?? 0);
}

function countBy(answered: JoinedRequest[], backends: string[]): Map<string, number> {
	const counts = new Map(backends.map((backend) => [backend, 0]));
	for (const { accept } of answered) counts.set(accept.node, (counts.get(accept.node) ?? 0) + 1);
	return counts;
}

function shown(counts: Map<string, number>): string {
	return [...counts].map(([backend, count]) => `${backend} ${count}`).join(", ");
}

function misplaced(outside: JoinedRequest[]): string {
	const first = outside[0];
	const which = first ? `, the first ${requestLabel(first.request)} at ${first.accept.node}` : "";
	return `${counted(outside.length, "request")} where none belongs${which}`;
}

function checkDistribution(counts: Map<string, number>, body: ExpectationBody<"share">, end: Ending): Outcome {
	const alpha = body["false-alarm"] ?? DEFAULT_FALSE_ALARM;
	const sharing = [...counts].filter(([backend]) => shareOf(body, backend) > 0);
	const numbers = sharing.map(([, count]) => count);
	const total = numbers.reduce((sum, count) => sum + count, 0);
	if (sharing.length === 1) return end.pass(`${shown(counts)}; all ${total} where they belong`);
	const weights = sharing.map(([backend]) => shareOf(body, backend));
	const whole = weights.reduce((sum, weight) => sum + weight, 0);
	const shares = weights.map((weight) => weight / whole);
	const result = testShares(numbers, shares);
	const figures = `n=${total}: ${shown(counts)}; ${describe(result, alpha)}`;
	if (result.pValue < alpha) return end.fail(figures);
	if (!couldFail(total, shares, alpha)) {
		return end.error(`${figures}; too few requests to fail even with all at one backend`);
	}
	const points = (100 * detectableShift(total, shares, alpha, POWER)).toFixed(1);
	const about = sharing.length > 2 ? "about " : "";
	return end.pass(`${figures}; a share off by ${about}${points} points would be seen with power ${POWER}`);
}

/** Whether the least surprising of the gross faults, everything at the backend with the largest share, would be noticed. */
function couldFail(total: number, shares: number[], alpha: number): boolean {
	const largest = shares.indexOf(Math.max(...shares));
	return (
		testShares(
			shares.map((_, i) => (i === largest ? total : 0)),
			shares,
		).pValue < alpha
	);
}

function describe({ test, pValue }: ShareTestResult, alpha: number): string {
	return `${test}: p=${pValue.toPrecision(3)}, false-alarm rate ${alpha}`;
}
