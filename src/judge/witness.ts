/** Tells a hop that was not taken from a hop that nobody could have seen. */
import type { Frame, PhaseObservation } from "../model/observation.ts";
import { type ExpectedEdge, matchesEdge, nodeOfMac } from "./path.ts";

/** What was watched, and what was seen there. */
interface Watch {
	observation: Pick<PhaseObservation, "captures" | "ports">;
	frames: readonly Frame[];
}

/**
 * True when a capture at either end would have shown the hop: one that did show frames between the two nodes, in either
 * direction, or captures on all interfaces of one of them. Which of its interfaces leads to the other is not known.
 */
export function isWitnessable({ observation, frames }: Watch, hop: ExpectedEdge): boolean {
	const nodeOf = nodeOfMac(observation.ports);
	const isBetween = ({ sourceMac, destinationMac }: Frame) => {
		const [from, to] = [nodeOf(sourceMac) ?? "", nodeOf(destinationMac) ?? ""];
		return matchesEdge(hop, { from, to }) || matchesEdge(hop, { from: to, to: from });
	};
	return frames.some(isBetween) || isWatched(observation, hop.from) || isWatched(observation, hop.to);
}

/** True when captures were taken on all interfaces of the node. */
function isWatched({ captures, ports }: Watch["observation"], node: string): boolean {
	const watched = new Set(captures.filter((capture) => capture.node === node).map((capture) => capture.interface));
	const own = ports.filter((port) => port.node === node);
	return own.length > 0 && own.every((port) => watched.has(port.interface));
}
