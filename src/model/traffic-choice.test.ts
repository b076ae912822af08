import { describe, expect, it } from "vitest";
import { Phase } from "./scenario.ts";
import { MOST_REQUESTS, sendPhase, trafficChoices } from "./traffic-choice.ts";

function scenario(name: string, ...phases: object[]) {
	const whole = phases.map((phase, index) =>
		Phase.parse({ name: `phase ${index}`, expect: [{ answered: "all" }], ...phase }),
	);
	return { name, intent: "What is shown here.", phases: whole };
}

const traffic = { from: "client", nc: "10.0.0.1:80", count: 4 };
const share = { share: { is: "equal" } };

describe("what can be sent", () => {
	it("is each client and target once, with the expectations that a share is part of", () => {
		const choices = trafficChoices([
			scenario("first", { traffic, expect: [{ answered: "all" }] }),
			scenario(
				"second",
				{ traffic, expect: [{ answered: "all" }, share] },
				{ traffic: { from: "other", ping: "10.0.0.1", count: 1 } },
			),
		]);
		expect(choices.map(({ from, target, scenario: name }) => [from, target, name])).toEqual([
			["client", "nc 10.0.0.1:80", "second"],
			["other", "ping 10.0.0.1", "second"],
		]);
	});

	it("is not what a scenario sends once it has changed the lab", () => {
		const change = { on: "gw", run: "ipvsadm -d", undo: "ipvsadm -a" };
		const changed = scenario("changed", { change, traffic, expect: [share] }, { traffic, expect: [share] });
		expect(trafficChoices([changed])).toEqual([]);
		const zeroed = scenario("zeroed", { change: { ...change, undo: "true" }, traffic, expect: [share] });
		expect(trafficChoices([zeroed])).toHaveLength(1);
	});

	it("becomes a phase that is judged as the scenario judges, but for what depends on its count", () => {
		const packets = { packets: { at: "gw", interface: "eth1", match: {}, count: 4 } };
		const [choice] = trafficChoices([scenario("one", { traffic: { ...traffic, lines: 5 }, expect: [share, packets] })]);
		if (!choice) throw new Error("no choice");
		const phase = sendPhase(choice, 9999);
		expect(phase.traffic).toMatchObject({ count: MOST_REQUESTS, lines: 1, nc: "10.0.0.1:80" });
		expect(phase.expect).toHaveLength(1);
		expect(Phase.safeParse(phase).success).toBe(true);
	});
});
