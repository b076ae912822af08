/** Predictions: the phase that measures an answer, and the answer read from what the phase has shown. Pure. */

import { matchesPacket } from "../judge/packet-match.ts";
import { chainOf, edgesOf, nodeOfMac } from "../judge/path.ts";
import { gatherEvidence, type PhaseEvidence } from "../judge/phase-evidence.ts";
import { type Expectation, matchesHop } from "../model/expectation.ts";
import type { Lab } from "../model/lab.ts";
import { type Answer, type AnswerKind, answerKind, type FrameField, type Predict } from "../model/lesson.ts";
import type { Frame, PhaseObservation } from "../model/observation.ts";
import type { Phase } from "../model/scenario.ts";

/** What was measured, or why nothing was. */
export type Measured =
	| {
			ok: true;
			/** As options name it: a node, an address, a number, yes or no. */
			value: string;
			/** What it was read from, a sentence each. */
			seen: string[];
	  }
	| { ok: false; why: string };

/** The phase whose traffic shows the answer. Its expectations only say what to watch; nobody judges them. */
export function measurementPhase(predict: Predict, lab: Lab): Phase {
	const { change, traffic, answer } = predict.measure;
	return {
		name: predict.question.slice(0, 100),
		expect: [watched(answer, lab)],
		...(change ? { change } : {}),
		...(traffic ? { traffic } : {}),
	};
}

/** The phase of the requests that are sent before the question. */
export function shownPhase(predict: Predict, lab: Lab): Phase | undefined {
	const phase = measurementPhase(predict, lab);
	if (predict.shown === undefined || !phase.traffic) return undefined;
	return { ...phase, name: "before the question", traffic: { ...phase.traffic, count: predict.shown } };
}

/** The question once some requests have been sent: those that are left, counted from there. */
export function afterShown(predict: Predict): Predict {
	const { shown, measure } = predict;
	const { traffic, answer } = measure;
	if (shown === undefined || !traffic || answer.backend === undefined) return predict;
	const rest = { ...traffic, count: traffic.count - shown };
	return { ...predict, measure: { ...measure, traffic: rest, answer: { backend: answer.backend - shown } } };
}

function watched(answer: Answer, lab: Lab): Expectation {
	const frames = answer.seen ?? answer.header;
	if (frames) {
		const { at, interface: dev, match } = frames;
		return { packets: { at, interface: dev, match, count: "some" } };
	}
	if (answer.output) return { state: { at: answer.output.at, run: answer.output.run, matches: "" } };
	// The whole way is shown, so every node is watched.
	const nodes = Object.keys(lab.nodes);
	return answer.passes ? { path: { request: nodes, reply: nodes } } : { answered: "all" };
}

/** What a phase has shown. */
export interface Shown {
	observation: PhaseObservation;
	frames: readonly Frame[];
}

/** Reads the answer from what the phase has shown; `sent` requests were sent before it and count in the numbers told. */
export function readAnswer(answer: Answer, phase: Phase, { observation, frames }: Shown, sent = 0): Measured {
	const evidence = gatherEvidence(phase, observation, frames);
	const [contradiction] = evidence.join?.contradictions ?? [];
	const [fault] = observation.faults;
	if (fault !== undefined) return { ok: false, why: fault };
	if (contradiction !== undefined) return { ok: false, why: contradiction };
	return READERS[answerKind(answer)](answer, evidence, sent);
}

/** Where each request went, in order: `request 1 to int2, 2 to int1`. */
function wentTo({ join }: PhaseEvidence, sent: number): string {
	const joined = join?.joined ?? [];
	return `request ${joined.map(({ request, accept }) => `${request.index + 1 + sent} to ${accept.node}`).join(", ")}`;
}

const nothing = (why: string): Measured => ({ ok: false, why });
const found = (value: string | number, ...seen: string[]): Measured => ({ ok: true, value: String(value), seen });

const READERS: Record<AnswerKind, (answer: Answer, evidence: PhaseEvidence, sent: number) => Measured> = {
	backend: ({ backend = 0 }, evidence, sent) => {
		const joined = (evidence.join?.joined ?? []).find(({ request }) => request.index === backend - 1);
		if (!joined) return nothing(`request ${backend + sent} reached no backend`);
		return found(joined.accept.node, `Measured: ${wentTo(evidence, sent)}.`);
	},
	backends: (_, evidence) => {
		const nodes = new Set((evidence.join?.joined ?? []).map(({ accept }) => accept.node));
		return found(nodes.size, `${sharesOf(evidence)}.`);
	},
	share: ({ share = "" }, evidence) => {
		const joined = evidence.join?.joined ?? [];
		if (joined.length === 0) return nothing("no request reached a backend");
		return found(joined.filter(({ accept }) => accept.node === share).length, `${sharesOf(evidence)}.`);
	},
	answered: (_, { requests }) => {
		if (requests.length === 0) return nothing("no request was sent");
		const count = requests.filter((request) => request.answered).length;
		return found(count, `${count} of ${requests.length} requests were answered.`);
	},
	source: ({ source }, { join }) => {
		const asked = (node: string) => source?.at.some((pattern) => matchesHop(pattern, node)) ?? false;
		const seen = (join?.joined ?? []).filter(({ accept }) => asked(accept.node));
		const pairs = new Set(seen.map(({ accept }) => `${accept.node} saw the client as ${accept.peerAddress}`));
		if (pairs.size === 0) return nothing(`no request was logged at ${source?.at.join(", ")}`);
		return found(distinct(seen.map(({ accept }) => accept.peerAddress)), ...[...pairs].map((pair) => `${pair}.`));
	},
	passes: ({ passes }, evidence) => readPasses(passes ?? { node: "", direction: "request" }, evidence),
	seen: ({ seen }, { frames, requests }) => {
		if (requests.length === 0 || !seen) return nothing("no request was sent");
		const count = frames.filter((frame) => isAt(frame, seen) && matchesPacket(frame, seen.match)).length;
		const where = `${seen.at}, interface ${seen.interface}`;
		return found(count > 0 ? "yes" : "no", `${where}: ${count === 0 ? "no such frame" : `${count} such frames`}.`);
	},
	header: ({ header }, { frames }) => {
		if (!header) return nothing("no field is asked for");
		const matching = frames.filter((frame) => isAt(frame, header) && matchesPacket(frame, header.match));
		if (matching.length === 0) return nothing(`no such frame was seen at ${header.at}, interface ${header.interface}`);
		const values = matching.flatMap((frame) => fieldOf(frame, header.field) ?? []);
		// A segment size is only in segments that open a connection; where no frame has the field, that is the answer.
		const value = values.length === 0 ? "none" : distinct(values.map(String));
		const where = `${header.at}, interface ${header.interface}`;
		return found(value, `${where}: ${header.field} of ${matching.length} frames is ${value}.`);
	},
	output: ({ output }, { observation }) => {
		const state = observation.states.find(({ node, command }) => node === output?.at && command === output.run);
		if (!state || !output) return nothing("the command was not run");
		const match = output.matches === undefined ? undefined : new RegExp(output.matches, "m").exec(state.output);
		if (output.matches !== undefined && !match) {
			return nothing(`\`${output.run}\` on ${output.at} says something else: ${state.output.slice(0, 200)}`);
		}
		return found(match?.[1] ?? match?.[0] ?? state.output, `Seen on ${output.at}:`, ...state.output.split("\n"));
	},
};

function isAt(frame: Frame, { at, interface: dev }: { at: string; interface: string }): boolean {
	return frame.node === at && frame.interface === dev;
}

function fieldOf(frame: Frame, field: FrameField): string | number | undefined {
	if (field === "outer-source") return frame.outerSource;
	if (field === "outer-destination") return frame.outerDestination;
	return frame[field];
}

function distinct(values: readonly string[]): string {
	return [...new Set(values)].sort().join(", ");
}

function sharesOf({ join, observation }: PhaseEvidence): string {
	const joined = join?.joined ?? [];
	const count = (name: string) => joined.filter(({ accept }) => accept.node === name).length;
	return `Requests per backend: ${observation.backends.map((name) => `${name} ${count(name)}`).join(", ")}`;
}

function readPasses({ node, direction }: NonNullable<Answer["passes"]>, evidence: PhaseEvidence): Measured {
	const nodeOf = nodeOfMac(evidence.observation.ports);
	const followed = evidence.flows.filter((flow) => flow.answered);
	const ways = (followed.length > 0 ? followed : evidence.flows)
		.map((flow) => edgesOf(flow[direction], nodeOf))
		.filter((edges) => edges.length > 0);
	if (ways.length === 0) return nothing(`no ${direction} was seen anywhere`);
	const passing = ways.filter((edges) => edges.some(({ from, to }) => from === node || to === node)).length;
	const value = passing === ways.length ? "yes" : passing === 0 ? "no" : "some";
	const direct = { request: "Requests", reply: "Replies" }[direction];
	return found(value, `${direct} were seen going ${[...new Set(ways.map(chainOf))].join("; ")}.`);
}
