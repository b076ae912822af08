import { describe, expect, it } from "vitest";
import { judge, NAT, seen, world } from "../../test/judge/builders.ts";

const RUN = "ctl when real1";

function delay(output: string, bounds: object = { "at-most": 6 }, exitCode = 0) {
	const run = world(NAT, ["int1"]);
	run.observation.changedAt = 100.25;
	run.observation.states = [{ node: "gw", command: RUN, exitCode, output }];
	const result = judge(run, { delay: { at: "gw", run: RUN, ...bounds } }).find(({ check }) =>
		check.startsWith("delay"),
	);
	return { run, expected: result?.expected, seen: [result?.status, result?.observed] };
}

describe("delay", () => {
	it("tells the seconds between the change and what the command says", () => {
		expect(delay("104.00\n").seen).toEqual(["pass", "3.75 s after the change"]);
		expect(delay("107").seen).toEqual(["fail", "6.75 s after the change"]);
		expect(delay("104", { "at-least": 7, "at-most": 13 }).seen).toEqual(["fail", "3.75 s after the change"]);
		expect(delay("109", { "at-least": 7, "at-most": 13 }).seen[0]).toBe("pass");
		expect(delay("109", { "at-least": 7, "at-most": 13 }).expected).toBe(
			"at least 7 and at most 13 s after the change",
		);
	});

	it("fails when it has not happened since the change", () => {
		expect(delay("90.25").seen).toEqual([
			"fail",
			"has not happened since: the last time was 10.00 s before the change",
		]);
	});

	it("is an error when the command prints no time", () => {
		expect(delay("").seen).toEqual(["error", 'the command printed no time: exit code 0, ""']);
	});

	it("is an error when the command failed, was not run, or no change was made", () => {
		expect(delay("104", { "at-most": 6 }, 1).seen).toEqual([
			"error",
			'the command printed no time: exit code 1, "104"',
		]);
		const name = `delay at gw: ${RUN}`;
		const expectation = { delay: { at: "gw", run: RUN, "at-most": 6 } };
		const silent = world(NAT, ["int1"]);
		expect(seen(judge(silent, expectation), name)).toEqual(["error", "no change was made during the traffic"]);
		silent.observation.changedAt = 1;
		expect(seen(judge(silent, expectation), name)).toEqual(["error", "the command was not run"]);
	});
});
