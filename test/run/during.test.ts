/** A change made while the traffic of a phase is under way: when it is made, that it is timed, and that it is taken back. */
import { expect, it } from "vitest";
import type { Engine, ExecRequest } from "../../src/engine/engine.ts";
import { Scenario } from "../../src/model/scenario.ts";
import type { RunContext } from "../../src/run/context.ts";
import type { LiveLab } from "../../src/run/live-lab.ts";
import type { ResultsFolder } from "../../src/run/results-folder.ts";
import { runScenario } from "../../src/run/run-scenario.ts";

const NODES = ["client", "gw"];

function run(exec: (container: string, request: ExecRequest) => Promise<string>, after = 2) {
	const engine = {
		exec: async (container: string, request: ExecRequest) => {
			try {
				return { exitCode: 0, stdout: Buffer.from(await exec(container, request)), stderr: Buffer.alloc(0) };
			} catch (error) {
				return { exitCode: 1, stdout: Buffer.alloc(0), stderr: Buffer.from(String(error)) };
			}
		},
	} as unknown as Engine;
	const context = { engine, signal: new AbortController().signal, emit: () => {} } as unknown as RunContext;
	const live = {
		lab: { name: "lab", nodes: Object.fromEntries(NODES.map((name) => [name, { interfaces: {} }])) },
		containers: new Map(NODES.map((name) => [name, { id: name }])),
		ports: [],
	} as unknown as LiveLab;
	const results = { nextTokenPrefix: () => "lab-x-1", saveObservation: () => {} } as unknown as ResultsFolder;
	const scenario = Scenario.parse({
		intent: "Something changes while requests are under way.",
		phases: [
			{
				name: "a change in the middle",
				traffic: { from: "client", nc: "10.0.0.1:80", count: 4 },
				during: { after, on: "gw", run: "plug out", undo: "plug in" },
				expect: [{ outage: { within: 1 } }],
			},
		],
	});
	return runScenario(context, live, { ...scenario, name: "during" }, results);
}

/** Sends four requests, one a second from 100 s on; `between` is awaited after each. */
async function traffic(request: ExecRequest, between: () => void) {
	for (let index = 0; index < 4; index++) {
		between();
		request.onStdout?.(Buffer.from(`R\t${index}\tt${index}\t0\t\t\t\t\t\t\t${100 + index}\n`));
		await new Promise((resolve) => setImmediate(resolve));
	}
	return "";
}

const isTraffic = (container: string, { command }: ExecRequest) =>
	container === "client" && command.join().includes("nc ");

it("is made once, after so many requests, with its time taken first, and taken back at the end", async () => {
	const order: string[] = [];
	const result = await run(async (container, request) => {
		if (isTraffic(container, request)) return traffic(request, () => order.push("request"));
		order.push(`${container}: ${request.command.at(-1)}`);
		return order.length < 5 ? "101.50\n" : "";
	});
	expect(order).toEqual([
		"request",
		"request",
		"gw: cut -d ' ' -f 1 /proc/uptime\nplug out",
		"request",
		"request",
		"gw: plug in",
	]);
	expect(result.checks.map(({ check, status, observed }) => `${check} ${status}: ${observed}`)).toEqual([
		"outage pass: no request failed; 1 request sent later than that",
	]);
});

it("a change that fails ends the scenario with its words, and is taken back all the same", async () => {
	const asked: string[] = [];
	const result = await run(async (container, request) => {
		if (isTraffic(container, request)) return traffic(request, () => {});
		asked.push(request.command.at(-1) ?? "");
		if (asked.length === 1) throw "no such plug";
		return "";
	});
	expect(result.status).toBe("error");
	expect(result.reason).toMatch(
		/^change during phase "a change in the middle": on gw, .* ended with 1: no such plug$/s,
	);
	expect(asked.at(-1)).toBe("plug in");
});

it("begins with the traffic when no request is to end before it", async () => {
	const order: string[] = [];
	await run(async (container, request) => {
		if (isTraffic(container, request)) return traffic(request, () => order.push("request"));
		order.push(request.command.at(-1) ?? "");
		return "100.50\n";
	}, 0);
	expect(order.indexOf("cut -d ' ' -f 1 /proc/uptime\nplug out")).toBeLessThan(2);
	expect(order.filter((entry) => entry === "request")).toHaveLength(4);
});
