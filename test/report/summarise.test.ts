import { describe, expect, it } from "vitest";
import type { EventBody } from "../../src/model/event.ts";
import { printable } from "../../src/report/printable.ts";
import { formatDuration, INITIAL_STATE, KEPT_LINES, type RunState, reduce } from "../../src/report/summarise.ts";
import { Recorder } from "./recorder.ts";
import { brokenRun, failingRun, inconsistentRun, interruptedRun, passingRun } from "./runs.ts";

function fold(...bodies: EventBody[]): RunState {
	return new Recorder().add(100, ...bodies).events.reduce(reduce, INITIAL_STATE);
}

describe("the state of a run", () => {
	it("knows set-up phases with their times and the engine", () => {
		const state = passingRun().reduce(reduce, INITIAL_STATE);
		expect(state.setup.map(({ name, progress, durationMs }) => [name, progress, durationMs])).toEqual([
			["packages", "done", 23_600],
			["vm-restore", "done", 700],
		]);
		expect(state.engine?.reason).toContain("lacks ip_vs");
		expect(state.phases.map(({ name, lab, durationMs }) => [name, lab, durationMs])).toEqual([
			["up", "ipvs-nat", 2_600],
			["down", "ipvs-nat", 250],
		]);
	});

	it("knows the step each node is at", () => {
		const events = passingRun();
		const at = events.findIndex((event) => event.type === "step-begin" && event.step === "service");
		const nodes = events.slice(0, at + 1).reduce(reduce, INITIAL_STATE).labs[0]?.nodes ?? [];
		const gw = nodes.find((node) => node.name === "gw");
		expect(gw?.step?.commands[0]).toBe("ipvsadm -A -t 111.111.0.1:80 -s rr");
		expect([gw?.stepsDone, gw?.steps]).toEqual([1, 2]);
		expect(nodes.find((node) => node.name === "ext1")?.state).toBe("configured");
	});

	it("keeps a failed step with its output after the node is gone", () => {
		const gone: EventBody = { type: "node-state", lab: "ipvs-nat", node: "gw", state: "removed" };
		const end = { ...gone, seq: 99, at: "2026-03-01T10:01:00.000Z" };
		const gw = [...brokenRun(), end].reduce(reduce, INITIAL_STATE).labs[0]?.nodes.find(({ name }) => name === "gw");
		expect(gw?.failedStep?.output).toContain("Protocol not available");
		expect(gw?.state).toBe("removed");
	});

	it("groups checks, traffic and shares by phase", () => {
		const [scenario] = failingRun().reduce(reduce, INITIAL_STATE).labs[0]?.scenarios ?? [];
		expect(scenario?.status).toBe("failed");
		expect(scenario?.phases.map((phase) => phase.checks.map((check) => check.status))).toEqual([
			["pass", "fail", "error"],
			["pass"],
		]);
		expect(scenario?.phases[0]).toMatchObject({ sent: 20, total: 20, shares: { int1: 20, int2: 0 } });
		expect(scenario?.phases[0]?.bands.int1).toEqual({ low: 10, high: 10 });
	});

	it("leaves a scenario that was cut short without a status", () => {
		const state = interruptedRun().reduce(reduce, INITIAL_STATE);
		expect(state.interruptedBy).toBe("SIGINT");
		expect(state.labs[0]?.scenarios[0]?.status).toBeUndefined();
	});

	it("keeps the last lines of set-up output only", () => {
		const lines = Array.from({ length: 100 }, (_, index): EventBody => {
			return { type: "setup", message: { kind: "line", phase: "rootfs", text: `line ${index}` } };
		});
		const state = fold({ type: "setup", message: { kind: "begin", phase: "rootfs", text: "building" } }, ...lines);
		expect(state.setup[0]?.lines).toHaveLength(KEPT_LINES);
		expect(state.setup[0]?.lines.at(-1)).toBe("line 99");
	});

	it("times a phase anew when it is run again", () => {
		const begin: EventBody = { type: "setup", message: { kind: "begin", phase: "vm-restore", text: "restoring" } };
		const end = (ok: boolean): EventBody => {
			return { type: "setup", message: { kind: "end", phase: "vm-restore", ok, durationMs: 5 } };
		};
		const state = fold(begin, end(false), begin, end(true));
		expect(state.setup.map((phase) => phase.progress)).toEqual(["failed", "done"]);
	});

	it("is not changed by reading on: earlier states stay as they were", () => {
		const events = passingRun();
		const states = events.map((_, index) => JSON.stringify(events.slice(0, index).reduce(reduce, INITIAL_STATE)));
		let state = INITIAL_STATE;
		const kept = events.map((event) => {
			const before = state;
			state = reduce(state, event);
			return before;
		});
		expect(kept.map((before) => JSON.stringify(before))).toEqual(states);
	});

	it("makes control characters of programs visible", () => {
		const [scenario] = inconsistentRun().reduce(reduce, INITIAL_STATE).labs[0]?.scenarios ?? [];
		expect(scenario?.phases[0]?.checks[1]?.observed).toBe("clients saw int1 10, int2 10; <ipvsadm> counted 11 & 10 ");
		expect(printable("a\u001b[2Jb\rc\u0007\td\r\n")).toBe("a\\x1b[2Jb\nc\\x07\td\n");
	});
});

describe("durations", () => {
	it.each([
		[0, "0.0 s"],
		[-5, "0.0 s"],
		[2_150, "2.1 s"],
		[59_940, "59.9 s"],
		[59_960, "1 min 00 s"],
		[125_000, "2 min 05 s"],
	])("%d ms", (milliseconds, text) => {
		expect(formatDuration(milliseconds)).toBe(text);
	});
});
