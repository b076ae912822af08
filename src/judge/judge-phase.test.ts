import { describe, expect, it } from "vitest";
import { alternating, judge, NAT, world } from "../../test/judge/builders.ts";
import { Phase } from "../model/scenario.ts";
import { judgePhase } from "./judge-phase.ts";

const PACKETS = { at: "gw", interface: "eth1", count: "some" };

describe("judgePhase", () => {
	it("gives one result per expectation, in order, behind the evidence", () => {
		const expectations = [
			{ answered: "all" },
			{ share: { is: "round-robin" } },
			{ source: { at: ["int1", "int2"], is: "100.100.100.1" } },
			{ path: { request: ["ext1", "gw", "int*"], reply: ["int*", "gw", "ext1"] } },
			{ encapsulation: { from: "gw", to: "int*", is: "none" } },
			{ packets: { ...PACKETS, match: {} } },
			{ sticky: { "min-segments": 2 } },
			{ counters: { at: "gw", ipvs: "111.111.0.1:80/tcp", "agrees-with": "clients" } },
			{ upload: "intact" },
			{ state: { at: "gw", run: "true", equals: "" } },
			{ outage: { within: 1 } },
			{ delay: { at: "gw", run: "true", "at-most": 1 } },
		];
		const results = judge(world(NAT, alternating(4, ["int1", "int2"])), ...expectations);
		expect(results.map(({ check, status }) => `${check}: ${status}`)).toEqual([
			"evidence: pass",
			"answered: pass",
			"share by backend: pass",
			"source at int1, int2: pass",
			"path: pass",
			"encapsulation gw > int*: pass",
			"packets at gw eth1: pass",
			"sticky: pass",
			"counters at gw: error",
			"upload: error",
			"state at gw: true: error",
			"outage: error",
			"delay at gw: true: error",
		]);
		expect(results.every((result) => result.phase === "a phase" && result.expected !== "")).toBe(true);
	});

	it("is the same for the same observation, which it leaves alone", () => {
		const run = world(NAT, alternating(4, ["int1", "int2"]));
		const before = structuredClone(run.observation);
		const expectations = [{ answered: "all" }, { path: { request: ["ext1", "gw"], reply: ["gw", "ext1"] } }];
		expect(judge(run, ...expectations)).toEqual(judge(run, ...expectations));
		expect(run.observation).toEqual(before);
	});

	it("passes nothing when nothing was observed", () => {
		const run = world(NAT, []);
		const phase = Phase.parse({
			name: "nothing",
			traffic: { from: "ext1", nc: "111.111.0.1:80", count: 4 },
			expect: [
				{ answered: "none" },
				{ share: { is: "equal" } },
				{ source: { at: ["int*"], is: "0.0.0.0/0" } },
				{ path: { request: ["ext1", "gw"], reply: ["gw", "ext1"] } },
				{ encapsulation: { from: "ext1", to: "gw", is: "none" } },
				{ packets: { ...PACKETS, match: {}, count: "none" } },
				{ sticky: { "min-segments": 1 } },
				{ counters: { at: "gw", ipvs: "111.111.0.1:80/tcp", "agrees-with": "clients" } },
				{ upload: "intact" },
				{ state: { at: "gw", run: "true", equals: "" } },
				{ outage: { within: 1 } },
				{ delay: { at: "gw", run: "true", "at-most": 1 } },
			],
		});
		for (const { observation, frames } of [run, { observation: { ...run.observation, captures: [] }, frames: [] }]) {
			expect(new Set(judgePhase(phase, observation, frames).map((result) => result.status))).toEqual(
				new Set(["error"]),
			);
		}
	});
});

describe("what a check expects", () => {
	function expected(...expectations: unknown[]) {
		return judge(world(NAT, alternating(4, ["int1", "int2"])), ...expectations).map((result) => result.expected);
	}

	it("reads as a person would say it", () => {
		const outer = { "outer-source": "10.0.0.1", "outer-destination": "10.0.0.0/8" };
		expect(
			expected(
				{ answered: "all" },
				{ answered: "none" },
				{ answered: { "at-least": 3 } },
				{ share: { is: "round-robin" } },
				{ share: { is: "equal", among: ["int2"] } },
				{ share: { is: { int1: 3, int2: 1 } } },
				{ source: { at: ["int1", "int2"], is: "100.100.100.1" } },
				{ path: { request: ["ext1", "gw"], reply: ["gw", "ext1"] } },
				{ encapsulation: { from: "gw", to: "int*", is: "none" } },
				{ encapsulation: { from: "gw", to: "int1", is: "ipip", ...outer } },
				{ packets: { ...PACKETS, match: { syn: true, port: 80 } } },
				{ packets: { ...PACKETS, match: {} } },
				{ sticky: { "min-segments": 2 } },
				{ sticky: { "min-segments": 1 } },
				{ counters: { at: "gw", ipvs: "111.111.0.1:80/tcp", "agrees-with": "clients" } },
				{ upload: "intact" },
				{ state: { at: "gw", run: "true", equals: " on\n" } },
				{ state: { at: "gw", run: "true", matches: "^on" } },
			),
		).toEqual([
			"clients and backends agree on every request",
			"all 4 requests answered",
			"no request answered",
			"at least 3 requests answered",
			"round-robin over int1, int2",
			"equal shares over int2",
			"shares int1:3 int2:1",
			"int1, int2 see 100.100.100.1",
			"requests ext1 > gw; replies gw > ext1",
			"requests gw > int*: none",
			"requests gw > int1: ipip from 10.0.0.1 to 10.0.0.0/8",
			"some of: port 80, syn true",
			"some of: any",
			"each connection has at least 2 segments, all at one backend",
			"each connection has at least 1 segment, all at one backend",
			"the counters at gw agree with the clients",
			"every upload arrives intact",
			'says "on"',
			"matches /^on/",
		]);
	});
});

describe("names of checks", () => {
	function names(...expectations: unknown[]) {
		return judge(world(NAT, ["int1"]), ...expectations).map((result) => result.check);
	}

	it("are the author's where given", () => {
		expect(names({ answered: "all", name: "everybody is served" })).toEqual(["evidence", "everybody is served"]);
	});

	it("tell packets checks on one interface apart by their match", () => {
		expect(
			names(
				{ packets: { ...PACKETS, match: { syn: true, port: 80 } } },
				{ packets: { ...PACKETS, match: { protocol: "udp" } } },
				{ packets: { ...PACKETS, interface: "eth2", match: {} } },
			),
		).toEqual([
			"evidence",
			"packets at gw eth1 (port 80, syn true)",
			"packets at gw eth1 (protocol udp)",
			"packets at gw eth2",
		]);
	});

	it("get a number when they are still the same", () => {
		expect(names({ answered: "all" }, { answered: { "at-least": 1 } })).toEqual([
			"evidence",
			"answered",
			"answered (2)",
		]);
	});
});
