/** Several jobs at a time. */

/**
 * Runs `work` for every item, at most `lanes` at once, the next as soon as one has ended. Results come in the order of the
 * items; those behind an abort are not begun and have none.
 */
export async function inLanes<T, R>(
	items: readonly T[],
	lanes: number,
	signal: AbortSignal,
	work: (item: T) => Promise<R>,
): Promise<R[]> {
	const results: (R | undefined)[] = items.map(() => undefined);
	let next = 0;
	const lane = async () => {
		while (next < items.length && !signal.aborted) {
			const index = next++;
			results[index] = await work(items[index] as T);
		}
	};
	await Promise.all(Array.from({ length: Math.min(lanes, items.length) }, lane));
	return results.filter((result) => result !== undefined);
}
