import { expect, test } from "vitest";
import { boundsOf, overlap, reservedAs, unusableAs } from "./subnet.ts";

test.each([
	["10.0.0.7/24", "10.0.0.0", "10.0.0.255", 254],
	["172.17.42.1/16", "172.17.0.0", "172.17.255.255", 65534],
	["10.0.0.5/30", "10.0.0.4", "10.0.0.7", 2],
	["255.255.255.255/0", "0.0.0.0", "255.255.255.255", 4294967294],
])("%s is from %s to %s", (cidr, first, last, hosts) => {
	expect(boundsOf(cidr)).toEqual({ first, last, hosts });
});

test("IPv6 has no bounds here", () => {
	expect(boundsOf("fd00::1/64")).toBeUndefined();
	expect(reservedAs("fd00::", "fd00::/64")).toBeUndefined();
});

test("a /31 and a /32 have no reserved addresses", () => {
	expect(reservedAs("10.0.0.0", "10.0.0.0/24")).toBeDefined();
	expect(reservedAs("10.0.0.0", "10.0.0.0/31")).toBeUndefined();
	expect(reservedAs("10.0.0.1", "10.0.0.1/32")).toBeUndefined();
});

test("subnets overlap whichever is the larger", () => {
	expect(overlap("10.0.0.0/8", "10.1.0.0/16")).toBe(true);
	expect(overlap("10.1.0.0/16", "10.0.0.0/8")).toBe(true);
	expect(overlap("10.1.0.0/16", "10.2.0.0/16")).toBe(false);
});

test("addresses that no service can have", () => {
	for (const address of ["0.0.0.0", "127.0.0.1", "224.0.0.1", "255.255.255.255"])
		expect(unusableAs(address)).toBeDefined();
	expect(unusableAs("111.111.0.1")).toBeUndefined();
});
