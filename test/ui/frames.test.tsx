import { Console } from "node:console";
import chalk from "chalk";
import { renderToString } from "ink";
import { afterEach, describe, expect, it, vi } from "vitest";
import { Lines } from "../../src/ui/lines.tsx";
import { frameLines } from "../../src/ui/screens/frame.ts";
import type { UiState } from "../../src/ui/state/state.ts";
import { counters, event, LABS, play, ui } from "./support.ts";
import { TRACE } from "./trace.ts";

// ink captures the console; the one that vitest puts in its place lacks the constructor for that.
vi.stubGlobal("console", Object.assign(console, { Console }));

afterEach(() => {
	chalk.level = 0;
});

function drawn(state: UiState, columns: number, rows: number, color = false): string {
	const lines = frameLines(state, { columns, rows }, 1_700_000_009_000);
	return renderToString(<Lines lines={lines} columns={columns} color={color} />, { columns });
}

/** Without colours, and without the spaces at the end of a line that ink leaves where they have a colour. */
function bare(text: string): string {
	// biome-ignore lint/suspicious/noControlCharactersInRegex: the escape character is what is being removed
	return text.replaceAll(/\u001b\[\d+m/g, "").replaceAll(/ +$/gm, "");
}

const LAB = "ipvs-nat";

/** A sending under way: 12 of 20 sent, with what backends and balancer have counted so far. */
function sending(): UiState {
	const place = { lab: LAB, scenario: "traffic", phase: "20 requests" };
	const band = { low: 10, high: 10 };
	const ipvs = (int1: number, int2: number) => ({
		balancers: [
			{
				node: "gw",
				kind: "ipvs" as const,
				service: "111.111.0.1:80/tcp",
				rows: [
					{ name: "10.10.0.2:8000", node: "int1", connections: int1 },
					{ name: "10.10.0.3:8000", node: "int2", connections: int2 },
				],
			},
		],
	});
	return play(
		ui(`up:${LAB}`),
		...["enter", "3", "enter"],
		event({ type: "run-begin", run: "r", results: "/r", command: "lab ui" }),
		event({ type: "shares", ...place, shares: { int1: 6, int2: 0 }, bands: { int1: band, int2: band } }),
		event({ type: "traffic", ...place, sent: 12, answered: 11, total: 20 }),
		counters(LAB, "gw", ipvs(100, 100), true),
		counters(LAB, "gw", ipvs(106, 106)),
		counters(LAB, "int1", { logged: 3 }, true),
		counters(LAB, "int1", { logged: 9 }),
	).state;
}

function comingUp(): UiState {
	const place = { lab: "katran-dsr", node: "katran" };
	return play(
		ui("katran-dsr"),
		...["enter", "u"],
		event({ type: "run-begin", run: "r", results: "/r", command: "lab up" }),
		event({
			type: "lab-planned",
			lab: "katran-dsr",
			instance: "katran-dsr",
			nodes: [
				{ name: "client", role: "client", steps: 1 },
				{ name: "katran", role: "balancer", steps: 3 },
			],
		}),
		event({ type: "node-state", lab: "katran-dsr", node: "client", state: "configured" }),
		event({ type: "node-state", ...place, state: "running" }),
		event({ type: "step-begin", ...place, step: "offloads", commands: ["ethtool -K eth0 tso off gso off gro off"] }),
	).state;
}

function failed(): UiState {
	const place = { lab: LAB, scenario: "alternation" };
	const phase = "twenty connections from ext1 alternate strictly";
	return play(
		ui(`up:${LAB}`),
		...["enter", "5", "enter"],
		event({ type: "run-begin", run: "r", results: "/r", command: "lab test" }),
		event({ type: "scenario-begin", ...place, intent: "Connections alternate." }),
		event({
			type: "check",
			...place,
			result: {
				phase,
				check: "share by backend",
				status: "fail",
				expected: "round-robin over int1, int2",
				observed: "int1 20, int2 0; #2 went to int1 again, right after #1",
			},
		}),
		event({ type: "scenario-end", ...place, status: "failed", durationMs: 2100 }),
		{ type: "job-end", ok: false, text: "alternation: failed; e shows the evidence" },
	).state;
}

const MOMENTS: Record<string, () => UiState> = {
	catalogue: () => ui("iptables-single", `up:${LAB}`, "katran-dsr", "lvs-tun-gateway"),
	topology: () =>
		play(
			ui("up:katran-dsr"),
			"enter",
			counters("katran-dsr", "client", { interfaces: { eth0: { received: 12, sent: 14 } } }),
		).state,
	"coming-up": comingUp,
	steps: () => play(ui(LAB), "enter", "2", "right", "right").state,
	traffic: sending,
	path: () =>
		play(ui("up:katran-dsr"), "enter", "4", { type: "trace", lab: "katran-dsr", trace: TRACE }, "down", "down").state,
	scenarios: failed,
	help: () => play(ui(LAB), "enter", "?").state,
	shell: () => play(ui(`up:${LAB}`), "enter", "s", "down").state,
	question: () => play(ui(`up:${LAB}`), "enter", "d").state,
};

describe.each(Object.entries(MOMENTS))("the screen %s", (name, moment) => {
	it.each([
		[80, 24],
		[120, 40],
	])("at %d x %d", async (columns, rows) => {
		await expect(`${drawn(moment(), columns, rows)}\n`).toMatchFileSnapshot(`golden/${name}.${columns}x${rows}.txt`);
	});

	it("says the same without colour, which shows in colour only", () => {
		chalk.level = 1;
		const coloured = drawn(moment(), 80, 24, true);
		expect(coloured).toContain("\u001b[");
		expect(bare(coloured)).toBe(bare(drawn(moment(), 80, 24, false)));
	});
});

describe("every lab", () => {
	const sizes = [
		[80, 24],
		[120, 40],
		[200, 60],
		[60, 16],
		[20, 5],
	] as const;

	it.each(LABS)("%s fits every size on every tab, to the line", (name) => {
		const state = play(ui(`up:${name}`), "enter").state;
		for (const [columns, rows] of sizes) {
			for (const tab of ["1", "2", "3", "4", "5"]) {
				const lines = drawn(play(state, tab).state, columns, rows).split("\n");
				expect(lines).toHaveLength(rows);
				for (const line of lines) expect([...line].length).toBeLessThanOrEqual(columns);
			}
		}
	});

	it.each(LABS)("%s shows every node, interface, segment, tunnel and VIP of its plan", (name) => {
		const state = play(ui(`up:${name}`), "enter").state;
		const shown = drawn(state, 160, 60);
		const plan = state.labs[0]?.facts?.plan;
		for (const node of plan?.nodes ?? []) {
			expect(shown).toContain(node.name);
			for (const port of node.ports) for (const address of port.addresses) expect(shown).toContain(address);
		}
		for (const network of plan?.networks ?? []) expect(shown).toContain(`━ ${network.name}`);
		const kinds = (plan?.nodes ?? []).flatMap((node) => node.steps.map((step) => step.kind));
		if (kinds.includes("tunnel")) expect(shown).toContain("tunnel");
		if (kinds.includes("ipvs") || kinds.includes("xdp")) expect(shown).toMatch(/VIP +(\d|fwmark)/);
	});
});
