import { describe, expect, it } from "vitest";
import { alternating, judge, NAT, request, seen, type World, world } from "../../test/judge/builders.ts";
import type { CounterRecord } from "../model/observation.ts";

const SERVICE = "111.111.0.1:80/tcp";

type Counts = Record<string, number>;

function reading(when: "before" | "after", counts: Counts, more: Partial<CounterRecord> = {}): CounterRecord {
	const reals = Object.entries(counts).map(([address, connections]) => ({
		address,
		port: 8000,
		connections,
		packets: 5 * connections,
		bytes: 300 * connections,
	}));
	return { node: "gw", kind: "ipvs", service: SERVICE, when, reals, ...more };
}

function nat(before: Counts, after: Counts): World {
	const run = world(NAT, alternating(4, ["int1", "int2"]));
	run.observation.counters = [reading("before", before), reading("after", after)];
	return run;
}

/** Readings that agree with two requests at each backend. */
function healthy(): World {
	return nat({ "10.10.0.2": 10, "10.10.0.3": 7 }, { "10.10.0.2": 12, "10.10.0.3": 9 });
}

function counters(run: World, body: object = { ipvs: SERVICE }) {
	return seen(judge(run, { counters: { at: "gw", "agrees-with": "clients", ...body } }), "counters at gw");
}

/** Takes the answer and the log entry of a request away: nobody but the balancer may have seen it. */
function vanish(run: World, index: number): void {
	run.observation.requests[index] = request(index, { answered: false });
	run.observation.accepts = run.observation.accepts.filter((entry) => !entry.tokens.includes(`t${index}`));
}

const FIGURES = "counted 10.10.0.2:8000 (int1) 2, 10.10.0.3:8000 (int2) 2; logged int1 2, int2 2";

describe("counters", () => {
	it("pass when each real gained what its node logged", () => {
		expect(counters(healthy())).toEqual(["pass", FIGURES]);
	});

	it("count a real that is new since the first reading from 0", () => {
		expect(counters(nat({ "10.10.0.2": 10 }, { "10.10.0.2": 12, "10.10.0.3": 2 }))).toEqual(["pass", FIGURES]);
	});

	it("are inconsistent when a connection was counted at the other real", () => {
		const run = nat({ "10.10.0.2": 0, "10.10.0.3": 0 }, { "10.10.0.2": 3, "10.10.0.3": 1 });
		expect(counters(run)).toEqual([
			"inconsistent",
			"int1: 3 counted, 2 logged; int2: 1 counted, 2 logged; " +
				"counted 10.10.0.2:8000 (int1) 3, 10.10.0.3:8000 (int2) 1; logged int1 2, int2 2",
		]);
	});

	it("are inconsistent when they stand still", () => {
		const run = nat({ "10.10.0.2": 5, "10.10.0.3": 5 }, { "10.10.0.2": 5, "10.10.0.3": 5 });
		expect(counters(run)[0]).toBe("inconsistent");
		expect(counters(run)[1]).toContain("int1: 0 counted, 2 logged; int2: 0 counted, 2 logged");
	});

	it("are inconsistent when a backend served what no real was given, or a real is no node", () => {
		expect(counters(nat({ "10.10.0.2": 0 }, { "10.10.0.2": 2 }))[1]).toContain("int2: 0 counted, 2 logged");
		const run = nat({}, { "10.10.0.2": 2, "10.10.0.3": 2, "10.10.0.9": 1 });
		expect(counters(run)[0]).toBe("inconsistent");
		expect(counters(run)[1]).toMatch(/^10\.10\.0\.9:8000: 1 counted, 0 logged; counted/);
		expect(counters(nat({}, { "10.10.0.2": 2, "10.10.0.3": 2, "10.10.0.9": 0 }))[0]).toBe("pass");
	});

	it("may count requests that vanished behind the balancer, but no more than that", () => {
		const run = healthy();
		vanish(run, 3);
		expect(counters(run)).toEqual(["pass", FIGURES.replace("logged int1 2, int2 2", "logged int1 2, int2 1")]);
		const more = nat({}, { "10.10.0.2": 2, "10.10.0.3": 3 });
		vanish(more, 3);
		expect(counters(more)[0]).toBe("inconsistent");
		const less = nat({}, { "10.10.0.2": 1, "10.10.0.3": 1 });
		vanish(less, 3);
		expect(counters(less)[0]).toBe("inconsistent");
	});

	it("of XDP may count a vanished request's repeated openings", () => {
		const run = nat({}, {});
		const asXdp = { kind: "xdp" } as const;
		run.observation.counters = [
			reading("before", { "10.10.0.2": 0, "10.10.0.3": 0 }, asXdp),
			reading("after", { "10.10.0.2": 2, "10.10.0.3": 4 }, asXdp),
		];
		expect(counters(run, { xdp: SERVICE })[0]).toBe("inconsistent");
		vanish(run, 3);
		expect(counters(run, { xdp: SERVICE })[0]).toBe("pass");
	});

	it("count a lost reply where it was logged", () => {
		const run = healthy();
		run.observation.requests[3] = request(3, { answered: false });
		expect(counters(run)[0]).toBe("pass");
		run.observation.counters = [reading("before", {}), reading("after", { "10.10.0.2": 3, "10.10.0.3": 2 })];
		expect(counters(run)[0]).toBe("inconsistent");
	});

	it("agree when every request vanished behind one real", () => {
		const run = nat({}, { "10.10.0.2": 0, "10.10.0.3": 4 });
		for (const index of [0, 1, 2, 3]) vanish(run, index);
		expect(counters(run)[0]).toBe("pass");
	});

	it("are an error when a reading is missing", () => {
		const run = healthy();
		const [before, after] = run.observation.counters;
		run.observation.counters = before ? [before] : [];
		expect(counters(run)).toEqual(["error", "no reading after the traffic"]);
		run.observation.counters = after ? [after] : [];
		expect(counters(run)).toEqual(["error", "no reading before the traffic"]);
		expect(counters(healthy(), { ipvs: "111.111.0.1:81/tcp" })[0]).toBe("error");
		expect(counters(healthy(), { xdp: SERVICE })[0]).toBe("error");
	});

	it("are an error when they were reset or a real is gone", () => {
		expect(counters(nat({ "10.10.0.2": 3, "10.10.0.3": 0 }, { "10.10.0.2": 2, "10.10.0.3": 2 }))).toEqual([
			"error",
			"counters were reset: 10.10.0.2:8000",
		]);
		expect(counters(nat({ "10.10.0.2": 3, "10.10.0.3": 0 }, { "10.10.0.2": 5 }))).toEqual([
			"error",
			"counters were reset: 10.10.0.3:8000",
		]);
	});

	it("are an error when there is nothing to compare", () => {
		const run = nat({ "10.10.0.2": 0 }, { "10.10.0.2": 0 });
		for (const index of [0, 1, 2, 3]) vanish(run, index);
		expect(counters(run)).toEqual(["error", "nothing to compare: counted 10.10.0.2:8000 (int1) 0; logged nothing"]);
		const unlogged = healthy();
		unlogged.observation.backends = [];
		expect(counters(unlogged)).toEqual(["error", "no request can be joined to a backend"]);
	});

	it("are an error when reading them or a log went wrong", () => {
		for (const fault of ["counters gw: ipvsadm failed", "log int1 web: gone"]) {
			const run = healthy();
			run.observation.faults = [fault];
			expect(counters(run)).toEqual(["error", fault]);
		}
		const elsewhere = healthy();
		elsewhere.observation.faults = ["counters katran: gone", "capture gw eth1: gone"];
		expect(counters(elsewhere)[0]).toBe("pass");
	});
});
