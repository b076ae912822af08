/** Strict round robin: every backend once before any has its next turn. */
import type { Ending, Outcome } from "./outcome.ts";

/** A request and the backend it went to. */
export interface Pick {
	label: string;
	backend: string;
}

/**
 * Judges picks in the order of sending. One request at a time: each window of k consecutive requests has k distinct backends.
 * Several at once: the order of arrival is not known, so only that no two counts differ by more than 1.
 * Fewer than two rounds show no rotation: any violation in them fails, none is an error.
 */
export function checkRotation(
	picks: readonly Pick[],
	backends: readonly string[],
	parallel: number,
	end: Ending,
): Outcome {
	const counts = backends.map((backend) => picks.filter((pick) => pick.backend === backend).length);
	const figures = backends.map((backend, i) => `${backend} ${counts[i]}`).join(", ");
	const violation = parallel > 1 ? unevenness(counts) : repetition(picks, backends.length);
	if (violation) return end.fail(`${figures}; ${violation}`);
	if (picks.length < 2 * backends.length) {
		return end.error(`${figures}; ${picks.length} requests are too few: two rounds take ${2 * backends.length}`);
	}
	return end.pass(parallel > 1 ? `${figures}; in parallel, so counts only` : `${figures}; in strict turns`);
}

function repetition(picks: readonly Pick[], backends: number): string | undefined {
	for (const [i, pick] of picks.entries()) {
		const earlier = picks.slice(Math.max(0, i - backends + 1), i).find(({ backend }) => backend === pick.backend);
		if (earlier) return `${pick.label} went to ${pick.backend} again, right after ${earlier.label}`;
	}
	return undefined;
}

function unevenness(counts: readonly number[]): string | undefined {
	const difference = Math.max(...counts) - Math.min(...counts);
	return difference > 1 ? `counts differ by ${difference}, more than 1` : undefined;
}
