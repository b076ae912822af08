import { describe, expect, it } from "vitest";
import { seededRandom } from "../../test/judge/builders.ts";
import {
	binomialPower,
	binomialPValue,
	chiSquarePValue,
	detectableShift,
	exactPValue,
	outcomeCount,
	testShares,
} from "./statistics.ts";

/** Counts of `total` independent picks. */
function draw(random: () => number, total: number, shares: readonly number[]): number[] {
	const counts = shares.map(() => 0);
	const bounds = shares.map((_, i) => (i === shares.length - 1 ? 1 : shares.slice(0, i + 1).reduce((a, b) => a + b)));
	for (let i = 0; i < total; i++) {
		const point = random();
		const pick = bounds.findIndex((bound) => point < bound);
		counts[pick] = (counts[pick] ?? 0) + 1;
	}
	return counts;
}

/** Share of runs that fail at `alpha`; p-values are kept, as the same counts come again and again. */
function failureRate(runs: number, total: number, truth: readonly number[], shares: readonly number[], alpha: number) {
	const random = seededRandom(20240501);
	const known = new Map<string, number>();
	let failures = 0;
	for (let i = 0; i < runs; i++) {
		const counts = draw(random, total, truth);
		const key = counts.join();
		const pValue = known.get(key) ?? testShares(counts, shares).pValue;
		known.set(key, pValue);
		if (pValue < alpha) failures++;
	}
	return failures / runs;
}

const THIRDS = [1 / 3, 1 / 3, 1 / 3];

describe("exact tests", () => {
	it("agree with known values", () => {
		expect(binomialPValue(0, 10, 0.5)).toBeCloseTo(0.001953125, 12);
		// R: binom.test(7, 20)$p.value, binom.test(682, 925, p = 0.75)$p.value (the example of its manual).
		expect(binomialPValue(7, 20, 0.5)).toBeCloseTo(0.263176, 6);
		expect(binomialPValue(682, 925, 0.75)).toBeCloseTo(0.3825, 4);
		// By hand: of the 27 outcomes of three picks, the 3 + 18 that are not one each are 7/9.
		expect(exactPValue([2, 1, 0], THIRDS)).toBeCloseTo(7 / 9, 12);
		expect(exactPValue([3, 0, 0], THIRDS)).toBeCloseTo(1 / 9, 12);
		expect(exactPValue([1, 1, 1], THIRDS)).toBeCloseTo(1, 12);
	});

	it("count as many extreme outcomes on both sides: ties are not lost to rounding", () => {
		for (const total of [9, 30, 101, 1000]) {
			expect(binomialPValue(total, total, 0.5)).toBeCloseTo(binomialPValue(0, total, 0.5), 12);
			expect(binomialPValue(0, total, 0.5) / (2 * 0.5 ** total)).toBeCloseTo(1, 6);
		}
	});

	it("know how many outcomes there are", () => {
		expect(outcomeCount(20, 2)).toBe(21);
		expect(outcomeCount(20, 3)).toBe(231);
		expect(outcomeCount(100, 5)).toBe(4598126);
	});
});

describe("chi-square test", () => {
	it("agrees with the table", () => {
		// Tabulated 5 % and 1 % points: 3.841 for 1 degree of freedom, 9.210 for 2.
		const off = Math.sqrt(3.841459 * 25);
		expect(chiSquarePValue([50 + off, 50 - off], [0.5, 0.5])).toBeCloseTo(0.05, 5);
		const [a, b] = [Math.sqrt((9.21034 * 100) / 2), 100];
		expect(chiSquarePValue([b + a, b - a, b], THIRDS)).toBeCloseTo(0.01, 5);
	});
});

describe("choice of the test", () => {
	it("is exact where that is affordable, else chi-square, else per backend", () => {
		const quarters = [0.25, 0.25, 0.25, 0.25];
		expect(testShares([1000, 1000], [0.5, 0.5]).test).toBe("exact binomial test");
		expect(testShares([20, 20, 20], THIRDS).test).toBe("exact multinomial test");
		expect(testShares([50, 50, 50, 50], quarters).test).toBe("chi-square test");
		expect(testShares([188, 4, 4, 4], [0.94, 0.02, 0.02, 0.02]).test).toBe("exact binomial tests per backend");
	});

	it("takes the smallest of the tests per backend times their number", () => {
		const { pValue } = testShares([180, 12, 4, 4], [0.94, 0.02, 0.02, 0.02]);
		expect(pValue).toBeCloseTo(4 * binomialPValue(12, 200, 0.02), 12);
	});
});

describe("false alarms: healthy runs fail at no more than the stated rate", () => {
	// Three standard deviations of a rate of 0.01 over 20 000 runs are 0.0021.
	const bound = 0.0121;
	it.each([
		{ total: 40, shares: [0.5, 0.5] },
		{ total: 37, shares: [0.75, 0.25] },
		{ total: 30, shares: THIRDS },
		{ total: 50, shares: [0.5, 0.3, 0.2] },
		{ total: 400, shares: [0.25, 0.25, 0.25, 0.25] },
		{ total: 200, shares: [0.94, 0.02, 0.02, 0.02] },
	])("$total picks, shares $shares", ({ total, shares }) => {
		expect(failureRate(20_000, total, shares, shares, 0.01)).toBeLessThanOrEqual(bound);
	});
});

describe("power", () => {
	it("60/40 presented as 50/50 is caught at a false-alarm rate of 0.0001 with 1000 requests", () => {
		expect(binomialPower(1000, 0.5, 0.6, 1e-4)).toBeGreaterThanOrEqual(0.99);
		expect(binomialPower(900, 0.5, 0.6, 1e-4)).toBeLessThan(0.99);
		expect(failureRate(2000, 1000, [0.6, 0.4], [0.5, 0.5], 1e-4)).toBeGreaterThanOrEqual(0.985);
	});

	it("is certainty when everything goes to one backend, or nothing does", () => {
		expect(binomialPower(20, 0.5, 1, 1e-4)).toBe(1);
		expect(binomialPower(20, 0.5, 0, 1e-4)).toBe(1);
		expect(binomialPower(10, 0.5, 1, 1e-4)).toBe(0);
	});

	it("of a healthy lab is its false-alarm rate at most", () => {
		const rate = binomialPower(40, 0.5, 0.5, 0.01);
		// Exactly 2 P(X <= 11) = 0.00643; one more on each side would be 0.0166.
		expect(rate).toBeCloseTo(0.006426, 5);
	});

	it("the detectable shift is the smallest with that power, in both directions", () => {
		for (const [total, share] of [
			[100, 0.5],
			[300, 0.8],
			[1000, 0.25],
		] as const) {
			const shift = detectableShift(total, [share, 1 - share], 1e-4, 0.99);
			const weakest = (by: number) =>
				Math.min(binomialPower(total, share, share + by, 1e-4), binomialPower(total, share, share - by, 1e-4));
			expect(weakest(shift)).toBeGreaterThanOrEqual(0.99);
			expect(weakest(shift - 0.001)).toBeLessThan(0.99);
		}
	});

	it("the detectable shift among several backends is about right in a simulation", () => {
		const shift = detectableShift(120, THIRDS, 0.01, 0.99);
		const rest = (1 - (1 / 3 + shift)) / 2;
		const rate = failureRate(1000, 120, [1 / 3 + shift, rest, rest], THIRDS, 0.01);
		expect(rate).toBeGreaterThan(0.96);
		expect(rate).toBeLessThan(1);
	});
});
