import { describe, expect, it } from "vitest";
import { accept, alternating, judge, NAT, request, seen, type World, world } from "../../test/judge/builders.ts";

const ANSWERED = { answered: "all" };

function nat(): World {
	return world(NAT, alternating(4, ["int1", "int2"]));
}

function evidence(run: World) {
	return seen(judge(run, ANSWERED), "evidence");
}

describe("evidence", () => {
	it("comes first and passes when clients and backends agree", () => {
		const results = judge(nat(), ANSWERED);
		expect(results.map((result) => result.check)).toEqual(["evidence", "answered"]);
		expect(results[0]).toMatchObject({ phase: "a phase", status: "pass" });
		expect(results[0]?.observed).toBe("4 of 4 requests answered, 4 found at backends");
	});

	it("is inconsistent when no backend logged an answered request", () => {
		const run = nat();
		run.observation.accepts.splice(2, 1);
		expect(evidence(run)).toEqual(["inconsistent", "#3 (t2) was answered but no backend logged it"]);
	});

	it("is inconsistent when a token is in two connections", () => {
		const run = nat();
		run.observation.accepts.push(accept(2, "int2", "100.100.100.1"));
		expect(evidence(run)).toEqual(["inconsistent", "#3 (t2) is in 2 connections, at int1 and int2"]);
	});

	it("is inconsistent when a token doubles even without an answer", () => {
		const run = nat();
		run.observation.requests[2] = request(2, { answered: false });
		run.observation.accepts.push(accept(2, "int1", "100.100.100.1"));
		expect(evidence(run)).toEqual(["inconsistent", "#3 (t2) is in 2 connections, at int1"]);
	});

	it("is inconsistent when a backend logged what nobody sent", () => {
		const run = nat();
		run.observation.accepts.push(accept(77, "int2", "100.100.100.1"));
		expect(evidence(run)).toEqual(["inconsistent", "int2 logged t77, which no client sent"]);
	});

	it("is inconsistent when two requests carry one token", () => {
		const run = nat();
		run.observation.requests[3] = request(3, { token: "t2" });
		run.observation.accepts.splice(3, 1);
		expect(evidence(run)).toEqual(["inconsistent", "#3 and #4 carry the same token t2"]);
	});

	it("is inconsistent when two tokens share a connection", () => {
		const run = nat();
		run.observation.accepts.splice(2, 2, accept(2, "int1", "100.100.100.1", { tokens: ["t2", "t3"] }));
		expect(evidence(run)).toEqual(["inconsistent", "int1 logged t2 and t3 on one connection"]);
	});

	it("is inconsistent when a backend lies about its name", () => {
		const run = nat();
		run.observation.requests[1] = request(1, { answeredBy: "int1" });
		expect(evidence(run)).toEqual(["inconsistent", "#2 (t1) was answered in the name of int1 but logged by int2"]);
	});

	it("tells a lost reply from a contradiction", () => {
		const run = nat();
		run.observation.requests[1] = request(1, { answered: false });
		expect(evidence(run)).toEqual([
			"pass",
			"3 of 4 requests answered, 4 found at backends; logged but without an answer (reply lost): #2 at int2",
		]);
	});

	it("mentions connections without a token", () => {
		const run = nat();
		run.observation.accepts.push(accept(9, "int2", "10.10.0.1", { tokens: [] }));
		expect(evidence(run)).toEqual([
			"pass",
			"4 of 4 requests answered, 4 found at backends; 1 connection without a token",
		]);
	});

	it("is an error when a log could not be read, or requests were not recorded", () => {
		const run = nat();
		run.observation.accepts = [];
		run.observation.faults = ["log int1 web: no such file"];
		expect(evidence(run)).toEqual(["error", "log int1 web: no such file"]);
		const short = nat();
		short.observation.requests.pop();
		short.observation.accepts.pop();
		expect(evidence(short)).toEqual(["error", "3 of 4 requests were recorded"]);
		const none = nat();
		none.observation.requests = [];
		none.observation.accepts = [];
		expect(evidence(none)).toEqual(["error", "no request was recorded"]);
	});

	it("is not affected by a fault of a capture", () => {
		const run = nat();
		run.observation.faults = ["capture gw eth1: no such device", "something odd"];
		expect(evidence(run)[0]).toBe("pass");
	});

	it("is left out where there is nothing to join", () => {
		const ping = world(NAT, ["int1"], { nc: undefined, ping: "111.111.0.1" });
		expect(judge(ping, ANSWERED).map((result) => result.check)).toEqual(["answered"]);
		const silent = nat();
		silent.observation.backends = [];
		expect(judge(silent, ANSWERED).map((result) => result.check)).toEqual(["answered"]);
	});
});
