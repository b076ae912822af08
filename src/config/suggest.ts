/** Did-you-mean: the known word closest to a mistyped one. */

/** Optimal string alignment distance: insert, delete, replace or swap two neighbours, each at cost 1. */
export function editDistance(left: string, right: string): number {
	let beforeLast: number[] = [];
	let last = Array.from({ length: right.length + 1 }, (_, index) => index);
	for (let row = 1; row <= left.length; row++) {
		const current = [row];
		for (let column = 1; column <= right.length; column++) {
			const same = left[row - 1] === right[column - 1];
			let cost = Math.min(
				(last[column] ?? 0) + 1,
				(current[column - 1] ?? 0) + 1,
				(last[column - 1] ?? 0) + (same ? 0 : 1),
			);
			const swapped =
				row > 1 && column > 1 && left[row - 1] === right[column - 2] && left[row - 2] === right[column - 1];
			if (swapped) cost = Math.min(cost, (beforeLast[column - 2] ?? 0) + 1);
			current.push(cost);
		}
		beforeLast = last;
		last = current;
	}
	return last[right.length] ?? 0;
}

/**
 * The candidate that `word` was most likely meant to be, or undefined when none is near: at most a third of the letters
 * may differ. Case and the difference between `-` and `_` do not count; of equally near ones the first wins.
 */
export function closest(word: string, candidates: Iterable<string>): string | undefined {
	const plain = normalise(word);
	let best: { candidate: string; distance: number } | undefined;
	for (const candidate of candidates) {
		const other = normalise(candidate);
		const allowed = Math.max(1, Math.floor(Math.max(plain.length, other.length) / 3));
		const distance = editDistance(plain, other);
		if (Math.min(plain.length, other.length) < 2 && distance > 0) continue;
		if (distance <= allowed && (best === undefined || distance < best.distance)) best = { candidate, distance };
	}
	return best?.candidate;
}

/** `; did you mean "x"?`, or nothing when no candidate is near. */
export function didYouMean(word: string, candidates: Iterable<string>): string {
	const candidate = closest(word, candidates);
	return candidate === undefined ? "" : `; did you mean "${candidate}"?`;
}

function normalise(word: string): string {
	return word.toLowerCase().replaceAll("_", "-");
}
