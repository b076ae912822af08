import { describe, expect, it } from "vitest";
import { alternating, judge, NAT, request, seen, type World, world } from "../../test/judge/builders.ts";

function nat(unanswered: readonly number[] = []): World {
	const run = world(NAT, alternating(4, ["int1", "int2"]));
	for (const index of unanswered) {
		run.observation.requests[index] = request(index, { answered: false, exitCode: 1, message: "Connection timed out" });
	}
	return run;
}

function answered(run: World, is: unknown) {
	return seen(judge(run, { answered: is }), "answered");
}

describe("answered", () => {
	it("all: passes with every answer and fails with one less", () => {
		expect(answered(nat(), "all")).toEqual(["pass", "4 of 4 answered"]);
		expect(answered(nat([2, 3]), "all")).toEqual(["fail", "2 of 4 answered; first failure #3: Connection timed out"]);
	});

	it("names the HTTP status or exit code where the tool said nothing", () => {
		const run = nat();
		run.observation.requests[0] = request(0, { answered: false, status: 503 });
		expect(answered(run, "all")[1]).toBe("3 of 4 answered; first failure #1: HTTP status 503");
		run.observation.requests[0] = request(0, { answered: false, exitCode: 28 });
		expect(answered(run, "all")[1]).toBe("3 of 4 answered; first failure #1: exit code 28");
	});

	it("none: passes without and fails with an answer", () => {
		expect(answered(nat([0, 1, 2, 3]), "none")).toEqual(["pass", "0 of 4 answered"]);
		const run = nat([0, 1, 2]);
		run.observation.requests[3] = request(3, { answeredBy: "int2" });
		expect(answered(run, "none")).toEqual(["fail", "1 of 4 answered; first answer #4 by int2"]);
	});

	it("at-least: the bound itself passes", () => {
		expect(answered(nat([3]), { "at-least": 3 })[0]).toBe("pass");
		expect(answered(nat([2, 3]), { "at-least": 3 })).toEqual([
			"fail",
			"2 of 4 answered; first failure #3: Connection timed out",
		]);
	});

	it("is an error when nothing was sent, whatever is expected", () => {
		const run = nat();
		run.observation.requests = [];
		for (const is of ["all", "none", { "at-least": 1 }]) {
			expect(answered(run, is)).toEqual(["error", "no request was recorded"]);
		}
	});

	it("is an error when the tool could not be run", () => {
		const run = nat([0, 1, 2, 3]);
		run.observation.requests[1] = request(1, { answered: false, exitCode: 127, message: "nc: not found" });
		expect(answered(run, "none")).toEqual(["error", "#2 could not be sent: nc: not found"]);
	});

	it("is an error when requests are missing or the traffic went wrong", () => {
		const short = nat();
		short.observation.requests.pop();
		expect(answered(short, "all")).toEqual(["error", "3 of 4 requests were recorded"]);
		const fault = nat();
		fault.observation.faults = ["traffic ext1: killed"];
		expect(answered(fault, "all")).toEqual(["error", "traffic ext1: killed"]);
	});
});
