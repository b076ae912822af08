/** The way that every connection took, hop by hop, in both directions. */

import type { ExpectationBody } from "../model/expectation.ts";
import type { Flow } from "./flow.ts";
import { counted, ending, listed, type Outcome } from "./outcome.ts";
import {
	chainOf,
	type Edge,
	type ExpectedEdge,
	edgeName,
	edgesOf,
	expectedEdges,
	inExpectedOrder,
	matchesEdge,
	type NodeOfMac,
	nodeOfMac,
} from "./path.ts";
import { faultsAbout, lossyCaptures, type PhaseEvidence } from "./phase-evidence.ts";
import { isWitnessable } from "./witness.ts";

type Path = ExpectationBody<"path">;

/** What is wrong with one direction of one connection. */
interface Deviation {
	kind: "unexpected" | "missing" | "order";
	text: string;
	/** The hops that are missing. */
	hops?: ExpectedEdge[];
}

/**
 * Every answered connection shows exactly the documented hops, requests and replies apart; a connection without an answer must
 * at least show no other hop. A pattern such as `real*` stands for the backend that logged the connection.
 */
export function checkPath(evidence: PhaseEvidence, path: Path): Outcome {
	const end = ending(`requests ${path.request.join(" > ")}; replies ${path.reply.join(" > ")}`);
	const unusable = notFollowable(evidence);
	if (unusable) return end.error(unusable);
	const nodeOf = nodeOfMac(evidence.observation.ports);
	const deviations = evidence.flows.flatMap((flow) => deviationsOf(flow, path, nodeOf));
	const wrong = deviations.filter(({ kind }) => kind !== "missing");
	if (wrong.length > 0) return end.fail(listed(wrong.map(({ text }) => text)));
	const answered = evidence.flows.filter((flow) => flow.answered);
	if (answered.length === 0) {
		return end.error(`no answered connection to follow, only ${counted(evidence.flows.length, "attempt")}`);
	}
	const lossy = lossyCaptures(evidence);
	if (lossy.length > 0) return end.error(listed(lossy));
	const missing = deviations.filter(({ kind }) => kind === "missing");
	const unseen = missing.flatMap(({ hops = [] }) => hops).find((hop) => !isWitnessable(evidence, hop));
	if (unseen) return end.error(`no capture could have seen ${edgeName(unseen)}`);
	if (missing.length > 0) return end.fail(listed(missing.map(({ text }) => text)));
	return end.pass(description(answered, nodeOf));
}

function notFollowable(evidence: PhaseEvidence): string | undefined {
	const faults = faultsAbout(evidence, "capture");
	if (faults.length > 0) return listed(faults);
	const seen = evidence.flows.filter((flow) => flow.request.length + flow.reply.length > 0);
	if (seen.length === 0) return "no connection of the client was captured";
	const hidden = evidence.flows.find((flow) => !flow.clientKnown);
	return hidden && `the client's side of ${hidden.label} is not known: its address was rewritten on the way`;
}

function deviationsOf(flow: Flow, path: Path, nodeOf: NodeOfMac): Deviation[] {
	const judge = (direction: "request" | "reply") => {
		const name = `${direction} of ${flow.label}`;
		return compare(name, flow, path[direction], edgesOf(flow[direction], nodeOf));
	};
	return [...judge("request"), ...judge("reply")];
}

function compare(name: string, flow: Flow, hops: readonly string[], edges: Edge[]): Deviation[] {
	const ways = (flow.backends.length > 0 ? flow.backends : [undefined]).map((backend) => expectedEdges(hops, backend));
	const expected = ways.flat();
	const unexpected = edges.filter((edge) => !expected.some((hop) => matchesEdge(hop, edge)));
	const seen = `seen ${chainOf(edges)}`;
	if (unexpected.length > 0) {
		const named = unexpected.map((edge) => `${edgeName(edge)} (${counted(edge.frames, "frame")})`);
		return [{ kind: "unexpected", text: `${name}: ${named.join(", ")} not on the path; ${seen}` }];
	}
	if (!flow.answered) return [];
	const missing = expected.filter((hop) => !edges.some((edge) => matchesEdge(hop, edge)));
	if (missing.length > 0) {
		return [{ kind: "missing", hops: missing, text: `${name}: ${missing.map(edgeName).join(", ")} not seen; ${seen}` }];
	}
	const ordered = ways.length > 1 || inExpectedOrder(expected, edges);
	return ordered ? [] : [{ kind: "order", text: `${name}: hops in another order; ${seen}` }];
}

function description(answered: Flow[], nodeOf: NodeOfMac): string {
	const ways = new Set(
		answered.map(({ request, reply }) => `${chainOf(edgesOf(request, nodeOf))}; ${chainOf(edgesOf(reply, nodeOf))}`),
	);
	return `${counted(answered.length, "connection")}: ${listed([...ways].map((way) => `(${way})`))}`;
}
