/** The way of a connection from node to node, read from the MAC addresses of captured frames. */

import { matchesHop } from "../model/expectation.ts";
import type { Frame, PortRecord } from "../model/observation.ts";

/** A hop between two neighbours. */
export interface Edge {
	from: string;
	to: string;
	/** Seconds since the epoch, first time seen. */
	first: number;
	/** Frames seen, a frame captured at both ends twice. */
	frames: number;
}

/** A hop of the documented path; both ends may be patterns. */
export interface ExpectedEdge {
	from: string;
	to: string;
}

/** Tells which node a MAC address belongs to. */
export type NodeOfMac = (mac: string) => string | undefined;

/** Resolution of a capture's time stamps in seconds, and a little more for the rounding of seconds since 1970. */
const CLOCK_RESOLUTION = 1.5e-6;

export function nodeOfMac(ports: readonly PortRecord[]): NodeOfMac {
	const nodes = new Map(ports.map((port) => [port.mac.toLowerCase(), port.node]));
	return (mac) => nodes.get(mac);
}

/** `client > gateway`. */
export function edgeName({ from, to }: ExpectedEdge): string {
	return `${from} > ${to}`;
}

/**
 * The hops that frames show, in the order of first sight. The sender of a frame is told by its source MAC and the receiver by its
 * destination MAC, so that either end of a wire is witness enough: an XDP program's own interface shows neither what it drops
 * nor what it sends back. Frames from or to a MAC that is no node's are left out.
 */
export function edgesOf(frames: readonly Frame[], nodeOf: NodeOfMac): Edge[] {
	const edges = new Map<string, Edge>();
	for (const frame of frames) {
		const from = nodeOf(frame.sourceMac);
		const to = nodeOf(frame.destinationMac);
		if (from === undefined || to === undefined || from === to) continue;
		const edge = edges.get(edgeName({ from, to })) ?? { from, to, first: frame.time, frames: 0 };
		edge.first = Math.min(edge.first, frame.time);
		edge.frames++;
		edges.set(edgeName(edge), edge);
	}
	return [...edges.values()].sort((a, b) => a.first - b.first);
}

/** The hops of a documented path, with the backend's own name where a pattern stands for it. */
export function expectedEdges(hops: readonly string[], backend: string | undefined): ExpectedEdge[] {
	const named = hops.map((hop) => (backend !== undefined && matchesHop(hop, backend) ? backend : hop));
	return named.slice(1).map((to, i) => ({ from: named[i] ?? "", to }));
}

export function matchesEdge(expected: ExpectedEdge, edge: ExpectedEdge): boolean {
	return matchesHop(expected.from, edge.from) && matchesHop(expected.to, edge.to);
}

/** True when the hops were first seen in the order of the path, as far as the clock can tell. */
export function inExpectedOrder(expected: readonly ExpectedEdge[], edges: readonly Edge[]): boolean {
	const firsts = expected.map((hop) => edges.find((edge) => matchesEdge(hop, edge))?.first ?? 0);
	return firsts.every((first, i) => i === 0 || first >= (firsts[i - 1] ?? 0) - CLOCK_RESOLUTION);
}

/** `client > gateway > real1`, breaking the chain with a comma where a hop does not start where the last one ended. */
export function chainOf(edges: readonly ExpectedEdge[]): string {
	let chain = edges[0]?.from ?? "nothing";
	let last = chain;
	for (const { from, to } of edges) {
		chain += from === last ? ` > ${to}` : `, ${from} > ${to}`;
		last = to;
	}
	return chain;
}
