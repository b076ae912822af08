/** How the data segments of connections are spread over the backends. */
import type { Frame } from "../model/observation.ts";
import type { Flow } from "./flow.ts";
import { listed } from "./outcome.ts";

/** A connection and how many data segments of it each backend received. */
export interface Spread {
	flow: Flow;
	segments: Map<string, number>;
}

/** The spread of one connection. */
export function spreadOf(flow: Flow, backends: readonly string[]): Spread {
	const data = flow.request.filter((frame) => frame.payload > 0);
	const segments = new Map(
		backends.map((backend) => [backend, distinct(data.filter((frame) => frame.node === backend))]),
	);
	return { flow, segments };
}

/** A segment that was sent again, or captured both wrapped and unwrapped, counts once. */
function distinct(frames: readonly Frame[]): number {
	return new Set(frames.map((frame) => frame.sequence)).size;
}

/** Segments at all backends. */
export function total({ segments }: Spread): number {
	return [...segments.values()].reduce((sum, count) => sum + count, 0);
}

/** `10.111.220.11:40000 had 3 at real1, 1 at real2; ...` */
export function describeSpreads(spreads: readonly Spread[]): string {
	return listed(spreads.map(describe));
}

/** One of them. */
export function describe({ flow, segments }: Spread): string {
	const seen = [...segments].filter(([, count]) => count > 0).map(([backend, count]) => `${count} at ${backend}`);
	return `${flow.label} had ${seen.length === 0 ? "none" : seen.join(", ")}`;
}
