import { describe, expect, it } from "vitest";
import { shareBands } from "./share-band.ts";
import { testShares } from "./statistics.ts";

describe("the band of a share", () => {
	it("is the even share in strict turns, rounded both ways", () => {
		expect(shareBands({ is: "round-robin" }, ["a", "b"], 20)).toEqual({
			a: { low: 10, high: 10 },
			b: { low: 10, high: 10 },
		});
		expect(shareBands({ is: "round-robin" }, ["a", "b"], 5).a).toEqual({ low: 2, high: 3 });
	});

	it("with two backends ends exactly where the verdict turns", () => {
		const alpha = 0.001;
		const { low, high } = shareBands({ is: "equal", "false-alarm": alpha }, ["a", "b"], 60).a ?? { low: 0, high: 0 };
		const passes = (count: number) => testShares([count, 60 - count], [0.5, 0.5]).pValue >= alpha;
		expect([passes(low - 1), passes(low), passes(high), passes(high + 1)]).toEqual([false, true, true, false]);
	});

	it("follows the weights, and is nothing for weight 0 and for those who take no part", () => {
		const bands = shareBands({ is: { a: 3, b: 1, c: 0 } }, ["a", "b", "c"], 200);
		expect((bands.a?.low ?? 0) > (bands.b?.high ?? 0)).toBe(true);
		expect(bands.c).toEqual({ low: 0, high: 0 });
		expect(shareBands({ is: "equal", among: ["a*"] }, ["a1", "a2", "z"], 10).z).toEqual({ low: 0, high: 0 });
	});

	it("is everything for the only backend, and unknown where any one backend will do", () => {
		expect(shareBands({ is: { a: 1, b: 0 } }, ["a", "b"], 12).a).toEqual({ low: 12, high: 12 });
		expect(shareBands({ is: "one-backend" }, ["a", "b"], 12)).toEqual({});
	});
});
