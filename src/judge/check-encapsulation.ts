/** How requests are wrapped between two neighbours. */

import { type ExpectationBody, endsOf, matchesHop } from "../model/expectation.ts";
import type { Frame } from "../model/observation.ts";
import { addressMatches } from "./address.ts";
import { counted, ending, listed, type Outcome } from "./outcome.ts";
import { type NodeOfMac, nodeOfMac } from "./path.ts";
import { faultsAbout, type PhaseEvidence } from "./phase-evidence.ts";

type Wrapping = ExpectationBody<"encapsulation">;

/** Every request frame seen on the hop, at either end or the one asked for, is wrapped as documented. */
export function checkEncapsulation(evidence: PhaseEvidence, body: Wrapping): Outcome {
	const seenAt = body.at === undefined ? "" : `, seen at ${body.at}`;
	const end = ending(`requests ${body.from} > ${body.to}: ${wanted(body)}${seenAt}`);
	const ends = evidence.observation.ports.map((port) => port.node).filter((node) => isEnd(body, node));
	const faults = faultsAbout(evidence, "capture", ends);
	if (faults.length > 0) return end.error(listed(faults));
	const nodeOf = nodeOfMac(evidence.observation.ports);
	const frames = evidence.flows
		.flatMap((flow) => flow.request)
		.filter((frame) => isEnd(body, frame.node) && isOnHop(frame, body, nodeOf));
	if (frames.length === 0) return end.error(`no request frame was captured from ${body.from} to ${body.to}`);
	const wrong = frames.filter((frame) => !isWrapped(frame, body));
	if (wrong.length === 0) return end.pass(`all ${counted(frames.length, "frame")}: ${listed(kinds(frames))}`);
	return end.fail(`${wrong.length} of ${counted(frames.length, "frame")} otherwise: ${listed(kinds(wrong))}`);
}

function wanted({ is, "outer-source": source, "outer-destination": destination }: Wrapping): string {
	const from = source === undefined ? "" : ` from ${source}`;
	const to = destination === undefined ? "" : ` to ${destination}`;
	return `${is}${from}${to}`;
}

function isEnd(body: Wrapping, node: string): boolean {
	return endsOf(body).some((pattern) => matchesHop(pattern, node));
}

function isOnHop({ sourceMac, destinationMac }: Frame, { from, to }: Wrapping, nodeOf: NodeOfMac): boolean {
	return matchesHop(from, nodeOf(sourceMac) ?? "") && matchesHop(to, nodeOf(destinationMac) ?? "");
}

function isWrapped(frame: Frame, body: Wrapping): boolean {
	const { is, "outer-source": source, "outer-destination": destination } = body;
	return (
		frame.encapsulation === is &&
		(source === undefined || addressMatches(frame.outerSource, source)) &&
		(destination === undefined || addressMatches(frame.outerDestination, destination))
	);
}

/** `ipip 10.111.221.11 > 10.111.222.11`, each once. */
function kinds(frames: readonly Frame[]): string[] {
	const outer = ({ outerSource, outerDestination }: Frame) =>
		outerSource === undefined ? "" : ` ${outerSource} > ${outerDestination}`;
	return [...new Set(frames.map((frame) => `${frame.encapsulation}${outer(frame)}`))];
}
