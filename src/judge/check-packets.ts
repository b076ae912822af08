/** Packets at one interface. */

import type { ExpectationBody } from "../model/expectation.ts";
import type { Frame } from "../model/observation.ts";
import { counted, ending, listed, type Outcome } from "./outcome.ts";
import { describeMatch, matchesPacket } from "./packet-match.ts";
import { faultsAbout, type PhaseEvidence } from "./phase-evidence.ts";

type Packets = ExpectationBody<"packets">;

/**
 * Counts the frames of one capture that match, only those from or to the node's own MAC addresses. A TCP segment and its
 * repetitions count as one.
 * `none` says something only when the capture demonstrably worked: it shows other frames, or another check of the phase that
 * expects packets passes; and only when it lost no frame.
 */
export function checkPackets(evidence: PhaseEvidence, body: Packets): Outcome {
	const end = ending(`${body.count} of: ${describeMatch(body.match)}`);
	const capture = captureOf(evidence, body);
	const faults = faultsAbout(evidence, "capture", [body.at]);
	if (faults.length > 0) return end.error(listed(faults));
	if (!capture) return end.error(`no capture was taken at ${body.at} ${body.interface}`);
	const frames = framesAt(evidence, body);
	const all = matchingFrames(evidence, body);
	const matching = withoutRepeats(all);
	const again = all.length - matching.length;
	const observed = `${matching.length} of ${counted(frames.length, "frame")}${again === 0 ? "" : `, besides ${again} sent again`}`;
	const loss = `${observed}, and the capture lost ${capture.dropped}`;
	if (body.count === "none" && matching.length > 0) return end.fail(`${observed}; first ${describe(matching[0])}`);
	if (capture.dropped > 0 && !(body.count === "some" && matching.length > 0)) return end.error(loss);
	if (body.count === "none" && frames.length === 0 && !hasPositiveControl(evidence)) {
		return end.error(`${observed}: nothing shows that the capture worked`);
	}
	return isMet(body.count, matching.length) ? end.pass(observed) : end.fail(observed);
}

/** The frames without TCP segments that were sent again, as a kernel does after a stall of a second: no new packet of the sender. */
function withoutRepeats(frames: readonly Frame[]): Frame[] {
	const seen = new Set<string>();
	return frames.filter((frame) => {
		const segment = segmentOf(frame);
		if (segment === undefined) return true;
		if (seen.has(segment)) return false;
		seen.add(segment);
		return true;
	});
}

/** What a segment and its repetition share on one wire. Empty acknowledgements use up no sequence number, so they have none. */
function segmentOf(frame: Frame): string | undefined {
	const { flags, payload, sequence, sourceMac, destinationMac, outerSource, outerDestination } = frame;
	if (!flags || !(flags.syn || flags.fin || payload > 0)) return undefined;
	const { source, sourcePort, destination, destinationPort } = frame;
	const wire = [sourceMac, destinationMac, outerSource, outerDestination];
	return [...wire, source, sourcePort, destination, destinationPort, sequence, payload, flags.syn, flags.fin].join();
}

function isMet(count: Packets["count"], seen: number): boolean {
	if (count === "none") return seen === 0;
	return count === "some" ? seen > 0 : seen === count;
}

function captureOf({ observation }: PhaseEvidence, { at, interface: name }: Packets) {
	return observation.captures.find((capture) => capture.node === at && capture.interface === name);
}

function framesAt({ frames }: PhaseEvidence, { at, interface: name }: Packets): Frame[] {
	return frames.filter((frame) => frame.node === at && frame.interface === name);
}

function matchingFrames(evidence: PhaseEvidence, body: Packets): Frame[] {
	return framesAt(evidence, body).filter((frame) => matchesPacket(frame, body.match));
}

function hasPositiveControl(evidence: PhaseEvidence): boolean {
	const others = evidence.phase.expect.flatMap(({ packets }) => (packets && packets.count !== "none" ? [packets] : []));
	return others.some((body) => isMet(body.count, withoutRepeats(matchingFrames(evidence, body)).length));
}

function describe(frame: Frame | undefined): string {
	if (!frame) return "";
	const end = (address: string | undefined, port: number | undefined) =>
		port === undefined ? `${address}` : `${address}:${port}`;
	const { protocol, source, destination, sourcePort, destinationPort } = frame;
	return `${protocol} ${end(source, sourcePort)} > ${end(destination, destinationPort)}`;
}
