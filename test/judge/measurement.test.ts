/** Answers of predictions, read from what a phase has shown; and what is watched for them. */
import { describe, expect, it } from "vitest";
import { openLesson } from "../../src/config/find-labs.ts";
import { afterShown, measurementPhase, readAnswer, shownPhase } from "../../src/learn/measurement.ts";
import type { Answer, Predict } from "../../src/model/lesson.ts";
import { DSR, NAT, type World, world } from "./builders.ts";

const TURNS = ["int2", "int1", "int2", "int1"];

function read(answer: Answer, { phase, observation, frames }: World, sent = 0) {
	return readAnswer(answer, phase([{ answered: "all" }]), { observation, frames }, sent);
}

function measuredIn(answer: Answer, from: World): string {
	const measured = read(answer, from);
	return measured.ok ? measured.value : `not measured: ${measured.why}`;
}

describe("an answer", () => {
	const nat = () => world(NAT, TURNS);
	const dsr = () => world(DSR, ["real1", "real2", "real1"]);

	it.each<[string, Answer, World, string]>([
		["the backend of a request", { backend: 3 }, nat(), "int2"],
		["how many backends there were", { backends: "count" }, nat(), "2"],
		["the share of one", { share: "int1" }, nat(), "2"],
		["how many were answered", { answered: "count" }, nat(), "4"],
		["the client as the backends see it", { source: { at: ["int*"] } }, nat(), "100.100.100.1"],
		["replies pass the gateway", { passes: { node: "gw", direction: "reply" } }, nat(), "yes"],
		["requests pass the balancer", { passes: { node: "katran", direction: "request" } }, dsr(), "yes"],
		["replies do not", { passes: { node: "katran", direction: "reply" } }, dsr(), "no"],
		["some requests pass a real", { passes: { node: "int1", direction: "request" } }, nat(), "some"],
		["a frame is seen", { seen: { at: "gw", interface: "eth1", match: { syn: true } } }, nat(), "yes"],
		["none is seen", { seen: { at: "gw", interface: "eth1", match: { protocol: "udp" } } }, nat(), "no"],
		[
			"a field of an outer header",
			{
				header: { at: "real1", interface: "eth0", match: { syn: true, encapsulation: "ipip" }, field: "outer-source" },
			},
			dsr(),
			"10.111.221.11",
		],
		[
			"the encapsulation",
			{ header: { at: "gateway", interface: "eth2", match: { syn: true }, field: "encapsulation" } },
			dsr(),
			"ipip",
		],
		["no VNI", { header: { at: "gw", interface: "eth1", match: { syn: true }, field: "vni" } }, nat(), "none"],
	])("%s", (_, answer, from, value) => expect(measuredIn(answer, from)).toBe(value));

	it("follows the lab, not the lesson", () => {
		expect(measuredIn({ backend: 3 }, world(NAT, ["int1", "int1", "int1"]))).toBe("int1");
	});

	it("is told with all the requests it was read from, counted with those that were shown before", () => {
		expect(read({ backend: 1 }, world(NAT, ["int1", "int2"]), 4)).toEqual({
			...{ ok: true, value: "int1", seen: ["Measured: request 5 to int1, 6 to int2."] },
		});
	});

	it("is a command's output, or the first group of its pattern", () => {
		const from = nat();
		from.observation.states.push({
			node: "gw",
			command: "ip link",
			exitCode: 0,
			output: "lo mtu 65536\neth0 mtu 1450",
		});
		expect(measuredIn({ output: { at: "gw", run: "ip link", matches: "^eth0 mtu (\\d+)$" } }, from)).toBe("1450");
		expect(measuredIn({ output: { at: "gw", run: "ip link", matches: "^eth1" } }, from)).toMatch(
			/^not measured: .*eth0 mtu/s,
		);
		expect(measuredIn({ output: { at: "gw", run: "ip rule" } }, from)).toBe("not measured: the command was not run");
	});
});

describe("nothing is measured", () => {
	it("where the witnesses contradict each other", () => {
		const from = world(NAT, TURNS);
		from.observation.accepts.pop();
		expect(measuredIn({ backend: 1 }, from)).toMatch(/^not measured: #4 .* was answered but no backend logged it$/);
	});

	it("where a capture was lost", () => {
		const from = world(NAT, TURNS);
		from.observation.faults.push("capture gw eth1: was lost");
		expect(measuredIn({ passes: { node: "gw", direction: "reply" } }, from)).toBe(
			"not measured: capture gw eth1: was lost",
		);
	});

	it("where no packet was seen: that replies do not pass a node is no matter of seeing nothing", () => {
		const from = { ...world(NAT, TURNS), frames: [] };
		expect(measuredIn({ passes: { node: "ext2", direction: "reply" } }, from)).toMatch(
			/^not measured: no reply was seen/,
		);
	});

	it("where the frames asked for were not seen", () => {
		const header = { at: "gw", interface: "eth1", match: { protocol: "udp" }, field: "source" } as const;
		expect(measuredIn({ header }, world(NAT, TURNS))).toMatch(/^not measured: no such frame/);
	});
});

describe("the phase of a prediction", () => {
	const { lab, lesson } = openLesson("ipvs-nat", ".");
	const predict = (id: string) => lesson.steps.find((step) => step.id === id)?.predict as Predict;

	it("watches every node where a way is asked for", () => {
		const phase = measurementPhase(predict("way-back"), lab);
		expect(phase.expect).toEqual([{ path: { request: Object.keys(lab.nodes), reply: Object.keys(lab.nodes) } }]);
		expect(phase.traffic).toEqual(predict("way-back").measure.traffic);
	});

	it("sends what is shown before the question, and then the rest", () => {
		const turn = predict("in-turn");
		expect(shownPhase(turn, lab)?.traffic?.count).toBe(4);
		const rest = afterShown(turn);
		expect([rest.measure.traffic?.count, rest.measure.answer]).toEqual([2, { backend: 1 }]);
		expect(shownPhase(predict("way-back"), lab)).toBeUndefined();
		expect(afterShown(predict("way-back"))).toBe(predict("way-back"));
	});
});
