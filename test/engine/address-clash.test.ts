import { describe, expect, it } from "vitest";
import { clashError, findClashes, overlaps } from "../../src/engine/address-clash.ts";

const network = (name: string, subnets: string[], labels = {}) => ({ id: name, name, subnets, labels });

describe("address clashes", () => {
	it.each([
		["10.0.0.0/24", "10.0.0.128/25", true],
		["10.0.0.128/25", "10.0.0.0/8", true],
		["10.0.0.0/24", "10.0.1.0/24", false],
		["10.0.0.7/24", "10.0.0.9/24", true],
		["fd00::/64", "10.0.0.0/8", false],
		["fd00::/8", "fd00:1::/64", true],
	])("%s and %s: %s", (one, two, expected) => {
		expect(overlaps(one, two)).toBe(expected);
		expect(overlaps(two, one)).toBe(expected);
	});

	it("name every network in the way, but none of our own", () => {
		const own = { lab: "katran" };
		const clashes = findClashes(
			[
				{ name: "ext", subnet: "172.17.5.0/24" },
				{ name: "int", subnet: "10.10.0.0/24" },
			],
			[
				network("bridge", ["172.17.0.0/16", "fd00::/64"]),
				network("shop_default", ["10.0.0.0/8"]),
				network("ours", ["10.10.0.0/24"], { lab: "katran", more: "x" }),
				network("host", []),
			],
			own,
		);
		expect(clashes.map(({ planned, other }) => [planned, other])).toEqual([
			["ext", "bridge"],
			["int", "shop_default"],
		]);
		const error = clashError(clashes);
		expect(error).toMatchObject({ kind: "environment", code: "address-clash", exitCode: 3 });
		expect(error.message).toContain("int (10.10.0.0/24) overlaps the network shop_default (10.0.0.0/8)");
		expect(error.hint).toContain("docker network rm shop_default");
		expect(error.hint).not.toContain("rm bridge");
		expect(error.hint).toContain("--engine vm");
	});

	it("without labels of our own every network counts", () => {
		expect(findClashes([{ name: "a", subnet: "10.0.0.0/24" }], [network("b", ["10.0.0.0/24"])], {})).toHaveLength(1);
	});
});
