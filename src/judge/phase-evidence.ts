/** Everything that the checks of one phase look at, prepared once. */
import {
	FAULT_SUBJECTS,
	type FaultSubject,
	type Frame,
	type PhaseObservation,
	type RequestRecord,
} from "../model/observation.ts";
import type { Phase, Traffic } from "../model/scenario.ts";
import { type Flow, flowsOf, ownFrames } from "./flow.ts";
import { inOrder, type Join, joinRequests } from "./join.ts";
import { counted } from "./outcome.ts";

export interface PhaseEvidence {
	phase: Phase;
	observation: PhaseObservation;
	traffic: Traffic | undefined;
	/** In the order of sending. */
	requests: RequestRecord[];
	/** Undefined where nothing ties a request to a backend's log: ping, no traffic, no backend that logs. */
	join: Join | undefined;
	/** Frames from or to a MAC address of the node that captured them. */
	frames: Frame[];
	/** Connections of the client. */
	flows: Flow[];
}

/** Prepares the observation of a phase for its checks. */
export function gatherEvidence(
	phase: Phase,
	observation: PhaseObservation,
	allFrames: readonly Frame[],
): PhaseEvidence {
	const { traffic } = phase;
	const frames = ownFrames(allFrames, observation.ports);
	const joinable = traffic !== undefined && traffic.ping === undefined && observation.backends.length > 0;
	const join = joinable ? joinRequests(observation) : undefined;
	return {
		phase,
		observation,
		traffic,
		requests: inOrder(observation.requests),
		join,
		frames,
		flows: traffic ? flowsOf(traffic, observation, join?.joined ?? [], frames) : [],
	};
}

/**
 * The faults that spoil a check.
 * @param subject what the check rests on; a fault that names no subject counts as one of a capture
 * @param nodes the nodes the check rests on; all of them when left out
 */
export function faultsAbout(
	{ observation }: PhaseEvidence,
	subject: FaultSubject,
	nodes?: readonly string[],
): string[] {
	return observation.faults.filter((fault) => {
		const [, word, node = ""] = /^(\w+)(?: at)? ([^\s:]+)/.exec(fault) ?? [];
		const known = FAULT_SUBJECTS.find((name) => name === word);
		if (!known) return subject === "capture";
		return known === subject && (nodes === undefined || nodes.includes(node));
	});
}

/** Names of the captures that lost frames, for checks that claim that something did not happen. */
export function lossyCaptures({ observation }: PhaseEvidence, nodes?: readonly string[]): string[] {
	return observation.captures
		.filter((capture) => capture.dropped > 0 && (nodes === undefined || nodes.includes(capture.node)))
		.map((capture) => `${capture.node} ${capture.interface} lost ${counted(capture.dropped, "frame")}`);
}
