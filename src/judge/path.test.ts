import { describe, expect, it } from "vitest";
import { macOf, NAT, world } from "../../test/judge/builders.ts";
import { chainOf, edgesOf, inExpectedOrder, nodeOfMac } from "./path.ts";

const NODE_OF = nodeOfMac(NAT.ports);
const [CLIENT, INSIDE, OUTSIDE] = [
	macOf(NAT, ["ext1", "eth1"]),
	macOf(NAT, ["gw", "eth2"]),
	macOf(NAT, ["gw", "eth1"]),
];

/** The hops that one frame between two MAC addresses shows. */
function hops(sourceMac: string, destinationMac: string): string {
	const [frame] = world(NAT, ["int1"]).frames;
	return chainOf(edgesOf(frame ? [{ ...frame, sourceMac, destinationMac }] : [], NODE_OF));
}

describe("hops", () => {
	it("lie between two different nodes with known MAC addresses", () => {
		expect(hops(CLIENT, OUTSIDE)).toBe("ext1 > gw");
		expect(hops(CLIENT, "ff:ff:ff:ff:ff:ff")).toBe("nothing");
		expect(hops("02:aa:00:00:00:01", OUTSIDE)).toBe("nothing");
		expect(hops(INSIDE, OUTSIDE)).toBe("nothing");
	});

	it("are known by MAC address whatever its case", () => {
		const port = { node: "gw", interface: "eth1", mac: "02:AB:00:00:00:01", addresses: [] };
		expect(nodeOfMac([port])("02:ab:00:00:00:01")).toBe("gw");
	});

	it("keep the order of the path, each after the one before", () => {
		const path = ["a", "b", "c", "d"].map((from, i, all) => ({ from, to: all[i + 1] ?? "e" }));
		const seen = (...firsts: number[]) => path.map((hop, i) => ({ ...hop, first: firsts[i] ?? 0, frames: 1 }));
		expect(inExpectedOrder(path, seen(1, 2, 3, 4))).toBe(true);
		expect(inExpectedOrder(path, seen(1, 1, 1, 1))).toBe(true);
		expect(inExpectedOrder(path, seen(2, 1, 3, 4))).toBe(false);
		expect(inExpectedOrder(path, seen(1, 3, 2, 4))).toBe(false);
		expect(inExpectedOrder(path, seen(1, 2, 4, 3))).toBe(false);
	});
});
