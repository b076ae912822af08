import { describe, expect, it } from "vitest";
import type { EventBody } from "../../src/model/event.ts";
import { memoryOf } from "../../src/ui/state/state.ts";
import { bindingsOf } from "../../src/ui/state/update.ts";
import { counters, event, play, ui } from "./support.ts";

const LAB = "ipvs-nat";

describe("the catalogue", () => {
	it("opens the lab under the cursor, which stops at both ends", () => {
		const { state } = play(ui("iptables-single", LAB), "up", "down", "down", "down", "enter");
		expect([state.cursor, state.open]).toEqual([1, LAB]);
		expect(play(state, "escape").state.open).toBeUndefined();
	});

	it("does not open a lab whose files have mistakes, and says what to do", () => {
		const broken = { ...ui(LAB), labs: [{ name: "broken", problem: "line 3" }] };
		const { state } = play(broken, "enter");
		expect([state.open, state.notice?.text]).toEqual([undefined, "broken has mistakes; see: lab validate broken"]);
	});

	it("takes over what is up, and forgets what is no more", () => {
		const live = { [LAB]: { engine: "docker" as const, nodes: { gw: "running" } } };
		const { state } = play(ui(LAB), { type: "looked", live });
		expect(state.labs[0]?.live).toEqual(live[LAB]);
		expect(play(state, { type: "looked", live: structuredClone(live) }).state).toBe(state);
		expect(play(state, { type: "looked", live: {} }).state.labs[0]?.live).toBeUndefined();
	});
});

describe("a job", () => {
	it("is begun once, and told to be under way to whoever wants another", () => {
		const first = play(ui(LAB), "enter", "u");
		expect(first.wishes).toEqual([{ do: "up", lab: LAB }]);
		const second = play(first.state, "5", "enter");
		expect(second.wishes).toEqual([]);
		expect(second.state.notice?.text).toBe("First let it end: ipvs-nat is coming up. x stops it.");
	});

	it("is folded from its events and remembered when it ends", () => {
		const planned: EventBody = {
			type: "lab-planned",
			lab: LAB,
			instance: LAB,
			nodes: [{ name: "gw", role: "balancer", steps: 4 }],
		};
		const { state } = play(ui(LAB), "enter", "u", event(planned));
		expect(state.job?.run.labs[0]?.nodes[0]).toMatchObject({ name: "gw", steps: 4 });
		const ended = play(state, { type: "job-end", ok: true, text: "ipvs-nat is up." }).state;
		expect([ended.job, ended.notice]).toEqual([undefined, { tone: "good", text: "ipvs-nat is up." }]);
		expect(memoryOf(ended, LAB).up?.labs[0]?.nodes).toHaveLength(1);
	});

	it("is stopped by x, and only x", () => {
		const { state, wishes } = play(ui(LAB), "enter", "u", "x");
		expect([wishes.at(-1), state.job?.stopping]).toEqual([{ do: "stop" }, true]);
		expect(play(ui(LAB), "enter", "x").wishes).toEqual([]);
	});

	it("keeps nobody who insists: q asks, y leaves, n stays, Ctrl-C leaves at once", () => {
		const { state } = play(ui(LAB), "enter", "u", "q");
		expect(state.overlay).toMatchObject({ kind: "ask", question: expect.stringContaining("clean up and leave?") });
		expect(play(state, "y").wishes).toEqual([{ do: "leave" }]);
		expect(play(state, "n")).toMatchObject({ wishes: [], state: { open: LAB } });
		expect(play(state, "ctrl-c").wishes).toEqual([{ do: "leave" }]);
		expect(play(ui(LAB), "q").wishes).toEqual([{ do: "leave" }]);
	});

	it("that takes a lab down is asked for first, and what was counted goes with it", () => {
		const counted = play(ui(`up:${LAB}`), "enter", counters(LAB, "gw", {})).state;
		const asked = play(counted, "d");
		expect(asked.wishes).toEqual([]);
		const { state, wishes } = play(asked.state, "y", { type: "job-end", ok: true });
		expect(wishes).toEqual([{ do: "down", lab: LAB }]);
		expect(memoryOf(state, LAB).counters).toEqual({});
	});
});

describe("traffic", () => {
	const open = () => play(ui(`up:${LAB}`), "enter", "3").state;

	it("is chosen field by field and sent with the chosen count", () => {
		const { wishes } = play(open(), "right", "down", "down", "right", "enter");
		expect(wishes).toMatchObject([
			{ do: "send", lab: LAB, count: 50, choice: { from: "ext2", target: "nc 111.111.0.1:80" } },
		]);
	});

	it("is counted from its beginning, not from what was before", () => {
		const sent = play(open(), counters(LAB, "int1", { logged: 7 }), "enter").state;
		expect(memoryOf(sent, LAB).before).toEqual({});
		const { state } = play(sent, counters(LAB, "int1", { logged: 9 }, true), counters(LAB, "int1", { logged: 12 }));
		expect(memoryOf(state, LAB)).toMatchObject({ before: { int1: { logged: 9 } }, counters: { int1: { logged: 12 } } });
	});

	it("that has not gone on draws nothing anew", () => {
		const { state } = play(open(), counters(LAB, "gw", { logged: 1 }));
		expect(play(state, counters(LAB, "gw", { logged: 1 })).state).toBe(state);
		expect(play(state, counters(LAB, "gw", { logged: 2 })).state).not.toBe(state);
	});

	it("takes a lab that is up", () => {
		const { state, wishes } = play(ui(LAB), "enter", "3", "enter");
		expect([wishes, state.notice?.text]).toEqual([[], "ipvs-nat is down; u brings it up."]);
	});

	it("can be followed, with the client and target that are chosen on either tab", () => {
		const { wishes } = play(open(), "4", "right", "enter");
		expect(wishes).toMatchObject([{ do: "trace", choice: { from: "ext2" } }]);
	});
});

describe("scenarios and shells", () => {
	it("run by name, and all at once", () => {
		const state = play(ui(`up:${LAB}`), "enter", "5").state;
		expect(play(state, "down", "enter").wishes).toEqual([{ do: "test", lab: LAB, scenario: "no-forwarding" }]);
		expect(play(state, "a").wishes).toEqual([{ do: "test", lab: LAB }]);
	});

	it("show the evidence of the first check that did not pass", () => {
		const check = (status: "pass" | "fail", name: string) =>
			event({
				type: "check",
				lab: LAB,
				scenario: "alternation",
				result: { phase: "p", check: name, status, expected: "e", observed: "o" },
				evidence: [`${name}.json`],
			});
		const run = event({ type: "run-begin", run: "r", results: "/results/r", command: "lab test" });
		const begun = play(ui(`up:${LAB}`), "enter", "5", "enter", run, check("pass", "good"), check("fail", "bad")).state;
		const ended = play(begun, { type: "job-end", ok: false }).state;
		expect(play(ended, "e").wishes).toEqual([
			{ do: "evidence", title: "FAIL bad", results: "/results/r", files: ["bad.json"] },
		]);
		expect(play(ui(LAB), "enter", "5", "e").state.notice?.text).toContain("nothing to read yet");
	});

	it("open in the node that is chosen, by cursor or by number, in a lab that is up", () => {
		const state = play(ui(`up:${LAB}`), "enter", "s").state;
		expect(play(state, "down", "down", "enter").wishes).toEqual([{ do: "shell", lab: LAB, node: "gw" }]);
		expect(play(state, "3").wishes).toEqual([{ do: "shell", lab: LAB, node: "gw" }]);
		expect(play(ui(LAB), "enter", "s").state.overlay).toBeUndefined();
	});
});

describe("keys", () => {
	it("have one meaning each on every screen", () => {
		const up = play(ui(`up:${LAB}`), "enter").state;
		const screens = [ui(LAB), up, ...["2", "3", "4", "5", "s", "?", "d"].map((key) => play(up, key).state)];
		for (const state of screens) {
			const keys = bindingsOf(state).flatMap((binding) => binding.keys);
			expect(keys.filter((key, index) => keys.indexOf(key) !== index)).toEqual([]);
		}
	});

	it("without a meaning change nothing at all", () => {
		const state = ui(LAB);
		expect(play(state, "Z").state).toBe(state);
	});
});
