import { expect, it } from "vitest";
import { inLanes } from "../../src/cli/in-lanes.ts";

/** Work that ends when it is told to. */
function held() {
	const begun: number[] = [];
	const ends = new Map<number, () => void>();
	const work = (item: number) => {
		begun.push(item);
		return new Promise<number>((resolve) => ends.set(item, () => resolve(item * 10)));
	};
	const end = async (item: number) => {
		ends.get(item)?.();
		for (let turn = 0; turn < 5; turn++) await Promise.resolve();
	};
	return { begun, end, work };
}

const never = new AbortController().signal;

it("runs so many at once, the next when one has ended, and answers in their order", async () => {
	const { begun, end, work } = held();
	const all = inLanes([1, 2, 3, 4], 2, never, work);
	expect(begun).toEqual([1, 2]);
	await end(2);
	expect(begun).toEqual([1, 2, 3]);
	await end(3);
	await end(1);
	await end(4);
	expect(await all).toEqual([10, 20, 30, 40]);
});

it("begins nothing after an abort, and waits for what runs", async () => {
	const { begun, end, work } = held();
	const controller = new AbortController();
	const all = inLanes([1, 2, 3], 2, controller.signal, work);
	controller.abort();
	await end(2);
	await end(1);
	expect(await all).toEqual([10, 20]);
	expect(begun).toEqual([1, 2]);
});
