import { describe, expect, it } from "vitest";
import { alternating, judge, NAT, request, seen, world } from "../../test/judge/builders.ts";

const BACKENDS = ["int1", "int2"];

function share(picks: readonly string[], body: object, traffic: object = {}) {
	return seen(judge(world(NAT, picks, traffic), { share: body }), "share by backend");
}

function runOf(...counts: [string, number][]): string[] {
	return counts.flatMap(([backend, count]) => Array.from({ length: count }, () => backend));
}

describe("share: round-robin", () => {
	it("passes in strict turns", () => {
		expect(share(alternating(6, BACKENDS), { is: "round-robin" })).toEqual(["pass", "int1 3, int2 3; in strict turns"]);
	});

	it("names the first repeated pick, though the counts are even", () => {
		expect(share(["int1", "int2", "int2", "int1"], { is: "round-robin" })).toEqual([
			"fail",
			"int1 2, int2 2; #3 went to int2 again, right after #2",
		]);
	});

	it("goes by the order of sending, not of the records", () => {
		const run = world(NAT, alternating(4, BACKENDS));
		run.observation.requests.reverse();
		expect(seen(judge(run, { share: { is: "round-robin" } }), "share by backend")[0]).toBe("pass");
	});

	it("catches one duplicated pick among 2k, wherever it is", () => {
		for (let at = 1; at < 4; at++) {
			const picks = alternating(4, BACKENDS);
			picks[at] = picks[at - 1] ?? "";
			expect(share(picks, { is: "round-robin" })[0]).toBe("fail");
		}
	});

	it("is an error over less than two rounds", () => {
		expect(share(alternating(3, BACKENDS), { is: "round-robin" })).toEqual([
			"error",
			"int1 2, int2 1; 3 requests are too few: two rounds take 4",
		]);
	});

	it("compares counts only where requests were sent in parallel", () => {
		const parallel = { parallel: 2 };
		expect(share(["int1", "int1", "int2", "int2", "int1"], { is: "round-robin" }, parallel)).toEqual([
			"pass",
			"int1 3, int2 2; in parallel, so counts only",
		]);
		expect(share(runOf(["int1", 4], ["int2", 2]), { is: "round-robin" }, parallel)).toEqual([
			"fail",
			"int1 4, int2 2; counts differ by 2, more than 1",
		]);
	});

	it("takes every backend that one of the patterns names", () => {
		const picks = alternating(4, BACKENDS);
		expect(share(picks, { is: "round-robin", among: ["int1", "int2"] })[0]).toBe("pass");
		expect(share(picks, { is: "round-robin", among: ["int*"] })[0]).toBe("pass");
	});

	it("fails on a backend that does not take part", () => {
		expect(share(["int1", "int1", "int2"], { is: "round-robin", among: ["int1"] })).toEqual([
			"fail",
			"int1 2, int2 1; 1 request where none belongs, the first #3 at int2",
		]);
	});
});

describe("share: equal and weights", () => {
	it("passes with figures and says what it could have seen", () => {
		expect(share(runOf(["int1", 12], ["int2", 8]), { is: "equal" })).toEqual([
			"pass",
			"n=20: int1 12, int2 8; exact binomial test: p=0.503, false-alarm rate 0.0001; " +
				"a share off by 49.2 points would be seen with power 0.99",
		]);
	});

	it("judges three backends, and says that the power is an approximation", () => {
		const run = world(NAT, runOf(["int1", 20], ["int2", 22], ["int3", 18]));
		run.observation.backends = ["int1", "int2", "int3"];
		expect(seen(judge(run, { share: { is: "equal" } }), "share by backend")).toEqual([
			"pass",
			"n=60: int1 20, int2 22, int3 18; exact multinomial test: p=0.838, false-alarm rate 0.0001; " +
				"a share off by about 39.7 points would be seen with power 0.99",
		]);
	});

	it("fails below the false-alarm rate and not at it", () => {
		const picks = runOf(["int1", 16]);
		// Two of 2^16 outcomes are as extreme: p = 2 / 65536.
		expect(share(picks, { is: "equal" })).toEqual([
			"fail",
			"n=16: int1 16, int2 0; exact binomial test: p=0.0000305, false-alarm rate 0.0001",
		]);
		expect(share(picks, { is: "equal", "false-alarm": 0.00001 })).toEqual([
			"error",
			"n=16: int1 16, int2 0; exact binomial test: p=0.0000305, false-alarm rate 0.00001; " +
				"too few requests to fail even with all at one backend",
		]);
	});

	it("is an error when even the worst sample would pass", () => {
		expect(share(alternating(10, BACKENDS), { is: "equal" })[0]).toBe("error");
		expect(share(alternating(16, BACKENDS), { is: "equal" })[0]).toBe("pass");
	});

	it("judges weights", () => {
		expect(share(runOf(["int1", 75], ["int2", 25]), { is: { int1: 3, int2: 1 } })[0]).toBe("pass");
		expect(share(runOf(["int1", 75], ["int2", 25]), { is: { int1: 1, int2: 3 } })[0]).toBe("fail");
		// 9 to 1 over 20 requests: the light backend may well get nothing, so nothing can be said.
		expect(share(runOf(["int1", 18], ["int2", 2]), { is: { int1: 9, int2: 1 } })[0]).toBe("error");
	});

	it("weight 0 and backends without a weight take not a single request", () => {
		const weights = { is: { int1: 1, int2: 0 } };
		expect(share(runOf(["int1", 5]), weights)).toEqual(["pass", "int1 5, int2 0; all 5 where they belong"]);
		expect(share(runOf(["int1", 5], ["int2", 1]), weights)).toEqual([
			"fail",
			"int1 5, int2 1; 1 request where none belongs, the first #6 at int2",
		]);
		expect(share(runOf(["int1", 5], ["int2", 1]), { is: { int1: 1 } })[0]).toBe("fail");
	});

	it("is an error when nothing was answered, or a named backend logs nothing", () => {
		const run = world(NAT, alternating(4, BACKENDS));
		run.observation.requests = run.observation.requests.map(({ index }) => request(index, { answered: false }));
		expect(seen(judge(run, { share: { is: "round-robin" } }), "share by backend")).toEqual([
			"error",
			"nothing to judge: no answered request was found at a backend",
		]);
		expect(share(runOf(["int1", 5]), { is: { int1: 1, int9: 1 } })).toEqual(["error", "int9 logs no requests"]);
		run.observation.faults = ["log int2 web: gone"];
		expect(seen(judge(run, { share: { is: "equal" } }), "share by backend")).toEqual(["error", "log int2 web: gone"]);
	});

	it("leaves unanswered requests out", () => {
		const run = world(NAT, [...alternating(4, BACKENDS), "int1", "int1"]);
		for (const index of [4, 5]) run.observation.requests[index] = request(index, { answered: false });
		expect(seen(judge(run, { share: { is: "round-robin" } }), "share by backend")[0]).toBe("pass");
	});
});

describe("share: one-backend", () => {
	it("passes wherever all requests went together, and fails with a single one elsewhere", () => {
		expect(share(runOf(["int2", 4]), { is: "one-backend" })).toEqual(["pass", "int1 0, int2 4"]);
		expect(share(runOf(["int1", 3], ["int2", 1]), { is: "one-backend" })).toEqual([
			"fail",
			"int1 3, int2 1; 2 backends instead of one",
		]);
	});

	it("is an error for a single request", () => {
		expect(share(["int1"], { is: "one-backend" })).toEqual([
			"error",
			"int1 1, int2 0; a single request is always at one backend",
		]);
	});

	it("does not look away from a backend that takes no part", () => {
		expect(share(runOf(["int1", 3], ["int2", 1]), { is: "one-backend", among: ["int1"] })[0]).toBe("fail");
	});
});
