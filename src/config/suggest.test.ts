import { describe, expect, test } from "vitest";
import { closest, didYouMean, editDistance } from "./suggest.ts";

test.each([
	["", "", 0],
	["kitten", "sitting", 3],
	["adress", "address", 1],
	["cleint", "client", 1],
	["abc", "", 3],
])("%j and %j are %d edits apart", (left, right, distance) => {
	expect(editDistance(left, right)).toBe(distance);
	expect(editDistance(right, left)).toBe(distance);
});

describe("closest", () => {
	test.each([
		["tset", ["test", "list"], "test"],
		["IP_VS", ["ipip", "ip_vs"], "ip_vs"],
		["min_segments", ["min-segments"], "min-segments"],
		["ipvs-nta", ["ipvs-nat", "katran-dsr"], "ipvs-nat"],
	])("%s of %j is %s", (word, candidates, expected) => {
		expect(closest(word, candidates)).toBe(expected);
	});

	test("nothing far away is suggested", () => {
		expect(closest("haproxy", ["ipvs-nat", "katran-dsr"])).toBeUndefined();
		expect(closest("x", ["y"])).toBeUndefined();
		expect(closest("up", [])).toBeUndefined();
		expect(didYouMean("haproxy", ["katran"])).toBe("");
	});
});
