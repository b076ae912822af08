/** Distribution: who takes part, and whether there are enough requests for the verdict to mean something. */
import { DEFAULT_FALSE_ALARM, type ExpectationBody, matchesHop } from "../model/expectation.ts";
import type { PhaseScene } from "./check-scenario.ts";
import type { Path } from "./tree.ts";
import { counted } from "./words.ts";

/** Most requests the traffic of a phase can have. */
const MAX_COUNT = 2000;

export function checkShare(share: ExpectationBody<"share">, path: Path, scene: PhaseScene): void {
	const { scene: scenario, report } = scene;
	// That a ping has no share is said elsewhere; counting its requests would be noise.
	if (scene.phase.traffic?.ping !== undefined) return;
	share.among?.forEach((hop, index) => void scenario.checkBackend(hop, [...path, "among", index]));
	if (scenario.backends.length === 0) {
		report.addAtKey(
			path,
			"share needs backends, but the lab has none",
			"a backend has a service step with records: nc or http",
		);
		return;
	}
	const members = scenario.backends.filter((node) => share.among?.some((hop) => matchesHop(hop, node)) ?? true);
	if (typeof share.is === "object") checkWeights(share.is, members, path, scene, alphaOf(share));
	else if (members.length === 1) {
		const hint = `the only one is ${members[0]}; to say that all goes there, write is: { ${members[0]}: 1 }`;
		report.add([...path, "is"], `${share.is} needs at least two backends`, hint);
	} else if (share.is === "round-robin") checkRoundRobin(members.length, path, scene);
	else if (share.is === "one-backend") checkPinned(path, scene);
	else
		checkPower(
			members.map(() => 1),
			path,
			scene,
			alphaOf(share),
		);
}

function alphaOf(share: ExpectationBody<"share">): number {
	return share["false-alarm"] ?? DEFAULT_FALSE_ALARM;
}

function checkWeights(
	weights: Record<string, number>,
	members: readonly string[],
	path: Path,
	scene: PhaseScene,
	alpha: number,
): void {
	const { scene: scenario, report } = scene;
	for (const name of Object.keys(weights)) {
		if (!scenario.nodes.includes(name)) report.unknown([...path, "is", name], "node", name, scenario.nodes);
		else if (!scenario.backends.includes(name)) scenario.checkBackend(name, [...path, "is", name]);
		else if (!members.includes(name)) {
			report.addAtKey([...path, "is", name], `${name} has a weight, but does not take part`, "add it to among");
		}
	}
	const missing = members.filter((name) => !(name in weights));
	// A name that is no node is most likely the missing one, mistyped.
	if (missing.length > 0 && Object.keys(weights).every((name) => scenario.nodes.includes(name))) {
		const hint = `write ${missing[0]}: 0 when it must get nothing, or leave it out with among`;
		report.absent([...path, "is"], `${missing.join(", ")} takes part, but has no weight`, hint);
	}
	const positive = Object.values(weights).filter((weight) => weight > 0);
	if (positive.length === 0) {
		const message = "all weights are 0: no request could be answered";
		report.addAtKey([...path, "is"], message, "give at least one a weight above 0, or expect answered: none");
	}
	if (positive.length > 1) checkPower(positive, path, scene, alpha);
}

function checkRoundRobin(backends: number, path: Path, { phase, report }: PhaseScene): void {
	const count = phase.traffic?.count;
	if (count === undefined || count >= 2 * backends) return;
	const message = `round-robin over ${backends} backends needs at least ${2 * backends} requests, the traffic has ${count}`;
	report.add([...path, "is"], message, `each backend must have had its turn twice; set count: ${2 * backends} or more`);
}

function checkPinned(path: Path, { phase, report }: PhaseScene): void {
	if (phase.traffic?.count !== 1) return;
	report.add([...path, "is"], "a single request is always at one backend", "set count: 2 or more");
}

/**
 * With too few requests even the worst outcome, all on one backend, is likely enough by chance that no test at this
 * false-alarm rate could ever fail: the check would always pass.
 */
function checkPower(weights: readonly number[], path: Path, { phase, report }: PhaseScene, alpha: number): void {
	const count = phase.traffic?.count;
	if (count === undefined || allOnOne(weights, count) < alpha) return;
	const needed = neededCount(weights, alpha);
	const message =
		`${counted(count, "request")} ${count === 1 ? "is" : "are"} too few to judge the share over ${weights.length} backends ` +
		`at a false-alarm rate of ${alpha}`;
	if (needed === undefined) {
		const hint = `even ${MAX_COUNT} requests would not do; use weights closer to each other or a higher false-alarm`;
		report.add([...path, "is"], message, hint);
		return;
	}
	const hint = `set count: ${needed} or more; with ${count} a healthy lab may send everything to one backend by chance`;
	report.add([...path, "is"], message, hint);
}

/** Probability that a healthy lab sends all of `count` requests to one backend. */
function allOnOne(weights: readonly number[], count: number): number {
	const total = weights.reduce((sum, weight) => sum + weight, 0);
	return weights.reduce((sum, weight) => sum + (weight / total) ** count, 0);
}

function neededCount(weights: readonly number[], alpha: number): number | undefined {
	for (let count = 1; count <= MAX_COUNT; count++) if (allOnOne(weights, count) < alpha) return count;
	return undefined;
}
