/** From the captures of one request to its way, hop by hop, with the headers as they are on each wire. Pure. */
import type { Frame, PhaseObservation, PortRecord } from "../model/observation.ts";
import type { Phase, Traffic } from "../model/scenario.ts";
import type { Trace, TraceHop } from "../model/trace.ts";
import { targetOf } from "../model/traffic-choice.ts";
import type { Flow } from "./flow.ts";
import { edgeName, nodeOfMac } from "./path.ts";
import { gatherEvidence } from "./phase-evidence.ts";
import { changesBetween, headersOf } from "./trace-headers.ts";
import { remarksOn } from "./trace-remarks.ts";

/** A hop with the frame that stands for it. */
export interface SeenHop {
	direction: "request" | "reply";
	from: string;
	to: string;
	frame: Frame;
	seenAt: string[];
}

/**
 * Follows the first connection of a phase that sends one request. Of each hop the opening segment (SYN, and SYN-ACK on the way
 * back) is shown, which every connection has; where there is none, the first frame.
 * @param frames all captures of the phase, decoded
 */
export function traceRequest(phase: Phase, observation: PhaseObservation, frames: readonly Frame[]): Trace {
	const { flows, traffic } = gatherEvidence(phase, observation, frames);
	const flow = flows.find((candidate) => candidate.answered) ?? flows[0];
	const seen = flow ? hopsOf(flow, observation.ports) : [];
	const backend = flow?.backends[0];
	const answered = observation.requests.some((request) => request.answered);
	const from = traffic?.from ?? "";
	return {
		lab: observation.lab,
		sent: traffic ? targetOf(traffic) : "",
		from,
		answered,
		...(backend === undefined ? {} : { backend }),
		nodes: [...new Set([from, ...seen.flatMap((hop) => [hop.from, hop.to])])],
		hops: seen.map((hop, index) => describe(hop, seen, index, observation.ports, traffic)),
		remarks: remarksOn(seen, { from, answered, traffic, observation }),
		faults: observation.faults,
	};
}

function hopsOf(flow: Flow, ports: readonly PortRecord[]): SeenHop[] {
	return [...directionHops("request", flow.request, ports), ...directionHops("reply", flow.reply, ports)];
}

function directionHops(direction: TraceHop["direction"], frames: Frame[], ports: readonly PortRecord[]): SeenHop[] {
	const nodeOf = nodeOfMac(ports);
	const opening = frames.filter(({ flags }) => flags?.syn === true && flags.ack === (direction === "reply"));
	const hops = new Map<string, SeenHop>();
	const inTime = [...(opening.length > 0 ? opening : frames)].sort((a, b) => a.time - b.time);
	for (const frame of inTime) {
		const [from, to] = [nodeOf(frame.sourceMac), nodeOf(frame.destinationMac)];
		if (from === undefined || to === undefined || from === to) continue;
		const place = `${frame.node} ${frame.interface}`;
		const known = hops.get(edgeName({ from, to }));
		if (!known) hops.set(edgeName({ from, to }), { direction, from, to, frame, seenAt: [place] });
		else if (!known.seenAt.includes(place)) known.seenAt.push(place);
	}
	return [...hops.values()];
}

function describe(
	hop: SeenHop,
	all: readonly SeenHop[],
	index: number,
	ports: readonly PortRecord[],
	traffic: Traffic | undefined,
): TraceHop {
	const { direction, from, to, frame, seenAt } = hop;
	const before = all[index - 1]?.direction === direction ? all[index - 1]?.frame : undefined;
	const { encapsulation } = frame;
	return {
		direction,
		from,
		to,
		seenAt,
		at: Math.max(0, (frame.time - (all[0]?.frame.time ?? frame.time)) * 1000),
		wrapped: encapsulation !== "none",
		...(encapsulation === "none" ? {} : { encapsulation }),
		headers: headersOf(frame, before, ports),
		changes: changesBetween(hop, before, traffic),
	};
}
