import { describe, expect, it } from "vitest";
import { alternating, capture, NAT, world } from "../../test/judge/builders.ts";
import type { Frame } from "../model/observation.ts";
import { isWitnessable } from "./witness.ts";

const HOP = { from: "gw", to: "int1" };

/** Whether HOP could have been seen at these interfaces when `frames` is all that was. */
function witnessable(at: [node: string, name: string][], frames: Frame[] = [], hop = HOP): boolean {
	const captures = at.map(([node, name]) => capture(node, name));
	return isWitnessable({ observation: { captures, ports: NAT.ports }, frames }, hop);
}

/** Frames at the gateway's inner interface, to or from its reals. */
function seenInside(direction: "request" | "reply"): Frame[] {
	const { frames } = world(NAT, alternating(2, ["int1", "int2"]));
	const inside = frames.filter((frame) => frame.node === "gw" && frame.interface === "eth2");
	return inside.filter((frame) => (frame.source === NAT.clientAddress) === (direction === "request"));
}

describe("a hop could have been seen", () => {
	it("where all interfaces of either end were watched", () => {
		expect(
			witnessable([
				["gw", "eth1"],
				["gw", "eth2"],
			]),
		).toBe(true);
		expect(witnessable([["int1", "eth1"]])).toBe(true);
	});

	it("where frames between the two were, in either direction", () => {
		expect(witnessable([["gw", "eth2"]], seenInside("request"))).toBe(true);
		expect(witnessable([["gw", "eth2"]], seenInside("reply"))).toBe(true);
	});
});

describe("a hop could not have been seen", () => {
	it("where only some interfaces of an end were watched, or only other nodes", () => {
		expect(witnessable([])).toBe(false);
		expect(witnessable([["gw", "eth1"]])).toBe(false);
		expect(
			witnessable([
				["gw", "eth1"],
				["ext1", "eth1"],
				["ext1", "eth2"],
				["int2", "eth1"],
			]),
		).toBe(false);
	});

	it("where only frames of other pairs of nodes were", () => {
		const { frames } = world(NAT, ["int2"]);
		expect(witnessable([["gw", "eth1"]], frames)).toBe(false);
	});

	it("from or to a node without interfaces", () => {
		expect(witnessable([["gw", "eth1"]], [], { from: "gw", to: "ghost" })).toBe(false);
	});
});
