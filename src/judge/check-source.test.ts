import { describe, expect, it } from "vitest";
import { accept, alternating, judge, NAT, seen, type World, world } from "../../test/judge/builders.ts";

const CLIENT = "100.100.100.1";

function nat(): World {
	return world(NAT, alternating(4, ["int1", "int2"]));
}

function source(run: World, is: string, at: string[] = ["int1", "int2"]) {
	return seen(judge(run, { source: { at, is } }), `source at ${at.join(", ")}`);
}

describe("source", () => {
	it("passes for the address and for a subnet around it", () => {
		expect(source(nat(), CLIENT)).toEqual(["pass", "4 requests from 100.100.100.1"]);
		expect(source(nat(), "100.100.100.0/24", ["int*"])[0]).toBe("pass");
		expect(source(nat(), "100.100.101.0/24")[0]).toBe("fail");
	});

	it("names what a backend saw instead", () => {
		const run = nat();
		run.observation.accepts[1] = accept(1, "int2", "10.10.0.1");
		expect(source(run, CLIENT)).toEqual(["fail", "1 of 4 from elsewhere: int2 saw 10.10.0.1 for #2"]);
		expect(source(run, CLIENT, ["int1"])).toEqual(["pass", "2 requests from 100.100.100.1"]);
	});

	it("takes an IPv4 address mapped into IPv6 for what it is", () => {
		const run = nat();
		run.observation.accepts = run.observation.accepts.map((entry) => ({ ...entry, peerAddress: `::ffff:${CLIENT}` }));
		expect(source(run, CLIENT)[0]).toBe("pass");
	});

	it("fails on what is no address", () => {
		const run = nat();
		run.observation.accepts[0] = accept(0, "int1", "localhost");
		expect(source(run, "0.0.0.0/0")[0]).toBe("fail");
	});

	it("is an error when the backends asked logged nothing, or their log is lost", () => {
		expect(source(world(NAT, ["int1", "int1"]), CLIENT, ["int2"])).toEqual(["error", "no request was logged at int2"]);
		const run = nat();
		run.observation.faults = ["log int2 web: gone"];
		expect(source(run, CLIENT)).toEqual(["error", "log int2 web: gone"]);
		expect(source(run, CLIENT, ["int1"])[0]).toBe("pass");
	});

	it("does not count connections without a token", () => {
		const run = nat();
		run.observation.accepts.push(accept(9, "int1", "10.10.0.1", { tokens: [] }));
		expect(source(run, CLIENT)[0]).toBe("pass");
	});
});
