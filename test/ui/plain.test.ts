import { describe, expect, it } from "vitest";
import { menuOf } from "../../src/ui/plain/menu.ts";
import { plainScreen } from "../../src/ui/plain/plain-text.ts";
import { chosenCount, chosenTraffic, memoryOf, openEntry, type UiState } from "../../src/ui/state/state.ts";
import { counters, play, ui } from "./support.ts";
import { TRACE } from "./trace.ts";

const LAB = "ipvs-nat";

/** The state and wishes after the menu item whose words start like this. */
function choose(state: UiState, words: string) {
	const found = menuOf(state).find((item) => item.words.startsWith(words));
	if (!found)
		throw new Error(
			`no "${words}" in: ${menuOf(state)
				.map((item) => item.words)
				.join("; ")}`,
		);
	return play(state, ...found.keys);
}

describe("the menus", () => {
	it("lead to every lab, wherever the cursor is", () => {
		for (const name of ["iptables-single", LAB, "katran-dsr"]) {
			const moved = play(ui("iptables-single", LAB, "katran-dsr"), "down").state;
			expect(choose(moved, `${name}:`).state.open).toBe(name);
		}
	});

	it("do what the keys of the screen do", () => {
		const down = choose(ui(LAB), `${LAB}:`).state;
		expect(choose(down, "Bring it up").wishes).toEqual([{ do: "up", lab: LAB }]);
		const up = choose(ui(`up:${LAB}`), `${LAB}:`).state;
		expect(choose(up, "Shell in int1").wishes).toEqual([{ do: "shell", lab: LAB, node: "int1" }]);
		expect(choose(choose(up, "Take it down").state, "Yes").wishes).toEqual([{ do: "down", lab: LAB }]);
		expect(choose(up, "Leave").wishes).toEqual([{ do: "leave" }]);
		expect(memoryOf(choose(up, "Steps of gw").state, LAB)).toMatchObject({ tab: "steps", node: 2 });
	});

	it("choose client and count, send, and come back", () => {
		const traffic = choose(play(ui(`up:${LAB}`), "enter").state, "Send traffic").state;
		const chosen = choose(choose(traffic, "From ext2").state, "100 requests").state;
		const memory = memoryOf(chosen, LAB);
		const facts = openEntry(chosen)?.facts;
		expect([facts && chosenTraffic(facts, memory)?.from, chosenCount(memory)]).toEqual(["ext2", 100]);
		expect(choose(chosen, "Send 100 requests from ext2").wishes).toMatchObject([{ do: "send", count: 100 }]);
		expect(memoryOf(choose(chosen, "Back to the lab").state, LAB).tab).toBe("topology");
	});

	it("run each scenario by its name", () => {
		const scenarios = choose(play(ui(`up:${LAB}`), "enter").state, "Scenarios").state;
		expect(choose(scenarios, "Run removed-backend").wishes).toEqual([
			{ do: "test", lab: LAB, scenario: "removed-backend" },
		]);
		expect(choose(scenarios, "Run all").wishes).toEqual([{ do: "test", lab: LAB }]);
	});
});

describe("the screens in words", () => {
	it("name nodes, addresses, the VIP and what was counted, without a drawing", () => {
		const rows = [{ name: "10.10.0.2:8000", node: "int1", connections: 4 }];
		const balancers = [{ node: "gw", kind: "ipvs" as const, service: "111.111.0.1:80/tcp", rows }];
		const text = plainScreen(play(ui(`up:${LAB}`), "enter", counters(LAB, "gw", { balancers })).state).join("\n");
		expect(text).toContain("eth2 10.10.0.1/24 on int");
		expect(text).toContain("VIP 111.111.0.1:80/tcp IPVS rr, NAT to int1 (4)");
		expect(text).not.toMatch(/[─-╿█]/);
	});

	it("tell the way of a request hop by hop", () => {
		const state = play(ui("up:katran-dsr"), "enter", "4", { type: "trace", lab: "katran-dsr", trace: TRACE }).state;
		const text = plainScreen(state).join("\n");
		expect(text).toMatch(/Hop 3, request: katran to gateway/);
		expect(text).toContain("The reply does not pass katran");
		expect(text).not.toMatch(/[─-╿█]/);
	});

	it("show a question before what cannot be taken back", () => {
		expect(plainScreen(play(ui(`up:${LAB}`), "enter", "d").state)).toEqual(["Take ipvs-nat down?"]);
	});
});
