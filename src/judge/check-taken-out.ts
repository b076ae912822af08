/** A backend is taken out while connections are open: its own go elsewhere, and no others. */
import type { Frame } from "../model/observation.ts";
import type { Flow } from "./flow.ts";
import { counted, type Ending, type Outcome } from "./outcome.ts";
import { describeSpreads, spreadOf, total } from "./spread.ts";

/** Where a connection began: the backend that got its first segment. */
function homeOf(flow: Flow, backends: readonly string[]): string | undefined {
	const arrived = flow.request.filter((frame) => backends.includes(frame.node));
	return arrived.reduce<Frame | undefined>(
		(first, frame) => (first && first.time <= frame.time ? first : frame),
		undefined,
	)?.node;
}

/**
 * Connections of the backend that was taken out have no log to be joined with, so here a connection is known by where it began.
 * That some were there, and went elsewhere, shows that the backend was really taken out.
 */
export function judgeTakenOut(
	flows: readonly Flow[],
	backends: readonly string[],
	gone: string,
	minimum: number,
	end: Ending,
): Outcome {
	const spreads = flows.map((flow) => ({
		...spreadOf(flow, backends),
		home: homeOf(flow, backends),
	}));
	const own = spreads.filter(({ home }) => home === gone);
	const others = spreads.filter(({ home }) => home !== undefined && home !== gone);
	if (own.length === 0 || others.length === 0) {
		return end.error(
			`nothing to compare: ${counted(own.length, "connection")} began at ${gone}, ${others.length} elsewhere`,
		);
	}
	const stayed = own.filter((spread) => total(spread) === (spread.segments.get(gone) ?? 0));
	if (stayed.length > 0) return end.fail(`${stayed.length} of ${own.length} stayed: ${describeSpreads(stayed)}`);
	const moved = others.filter((spread) => total(spread) > (spread.segments.get(spread.home ?? "") ?? 0));
	if (moved.length > 0) return end.fail(`${moved.length} of ${others.length} moved: ${describeSpreads(moved)}`);
	const broken = others.filter(({ flow }) => !flow.answered);
	if (broken.length > 0)
		return end.fail(`${broken.length} of ${others.length} not answered: ${describeSpreads(broken)}`);
	const short = others.filter((spread) => total(spread) < minimum);
	if (short.length > 0) return end.fail(`${short.length} of ${others.length} too short: ${describeSpreads(short)}`);
	return end.pass(
		`${counted(own.length, "connection")} of ${gone} went elsewhere; ${others.length} others stayed, fewest segments ${Math.min(...others.map(total))}`,
	);
}
