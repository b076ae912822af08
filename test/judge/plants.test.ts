/**
 * Faults planted into a healthy run: for each the checks that notice it, with what they say, and the proof that every other
 * check of the run comes out as before.
 */
import { describe, expect, it } from "vitest";
import type { CounterRecord, Frame } from "../../src/model/observation.ts";
import type { CheckResult } from "../../src/model/verdict.ts";
import { alternating, connection, crossing, DSR, judge, macOf, request, type World, world } from "./builders.ts";

const REQUESTS = 20;
const SERVICE = "192.168.10.1:80/tcp";
const TRAFFIC = { nc: undefined, curl: "http://192.168.10.1/", upload: 1000 };

const EXPECTED = [
	{ answered: "all" },
	{ share: { is: "equal" } },
	{ source: { at: ["real*"], is: "10.111.220.11" } },
	{ path: { request: ["client", "gateway", "katran", "gateway", "real*"], reply: ["real*", "gateway", "client"] } },
	{ encapsulation: { from: "katran", to: "gateway", is: "ipip", "outer-source": "10.111.221.11" } },
	{ packets: { at: "gateway", interface: "eth1", match: { source: DSR.vip }, count: "none" } },
	{ sticky: { "min-segments": 5 } },
	{ counters: { at: "katran", xdp: SERVICE, "agrees-with": "clients" } },
	{ upload: "intact" },
	{ state: { at: "real1", run: "sysctl -n net.ipv4.conf.all.rp_filter", equals: "0" } },
];

function readings(real1: number, real2: number): CounterRecord[] {
	const at = (address: string, connections: number) => ({ address, connections, packets: 0, bytes: 0 });
	const record = (when: "before" | "after", reals: CounterRecord["reals"]): CounterRecord => ({
		node: "katran",
		kind: "xdp",
		service: SERVICE,
		when,
		reals,
	});
	const before = [at("10.111.222.11", 100), at("10.111.222.21", 50)];
	return [
		record("before", before),
		record("after", [at("10.111.222.11", 100 + real1), at("10.111.222.21", 50 + real2)]),
	];
}

/** A healthy run in which request i went to `picks[i]`. */
function healthy(picks = alternating(REQUESTS, DSR.backends)): World {
	const run = world(DSR, picks, { ...TRAFFIC, count: picks.length });
	const { observation } = run;
	for (const entry of observation.requests)
		Object.assign(entry, { digest: `d${entry.index}`, answeredBy: picks[entry.index] });
	for (const [i, entry] of observation.accepts.entries()) entry.digest = `d${i}`;
	const count = (backend: string) => picks.filter((pick) => pick === backend).length;
	observation.counters = readings(count("real1"), count("real2"));
	observation.states = [
		{ node: "real1", command: "sysctl -n net.ipv4.conf.all.rp_filter", exitCode: 0, output: "0\n" },
	];
	return { ...run, frames: picks.flatMap((pick, i) => connection(DSR, pick, i, 5)) };
}

/** Nothing comes back from a backend: its requests are neither answered nor logged; only what it was sent is in captures. */
function silence(run: World, backend: string): void {
	const lost = new Set(run.observation.accepts.filter(({ node }) => node === backend).flatMap(({ tokens }) => tokens));
	run.observation.accepts = run.observation.accepts.filter(({ node }) => node !== backend);
	run.observation.requests = run.observation.requests.map((entry) =>
		lost.has(entry.token)
			? request(entry.index, {
					answered: false,
					exitCode: 28,
					digest: `d${entry.index}`,
					message: "Connection timed out",
				})
			: entry,
	);
	const ports = new Set([...lost].map((token) => 40000 + Number(token.slice(1))));
	const isOpening = ({ flags }: Frame) => flags?.syn === true && !flags.ack;
	run.frames = run.frames.filter(
		(frame) => isOpening(frame) || !(ports.has(frame.sourcePort ?? 0) || ports.has(frame.destinationPort ?? 0)),
	);
}

function table(results: readonly CheckResult[]): Record<string, string> {
	return Object.fromEntries(results.map(({ check, status, observed }) => [check, `${status}: ${observed}`]));
}

/** The checks that changed their status, with what they say now. */
function noticed(run: World): Record<string, string> {
	const before = judge(healthy(), ...EXPECTED);
	const after = judge(run, ...EXPECTED);
	return table(after.filter(({ status }, i) => status !== before[i]?.status));
}

describe("a healthy run", () => {
	it("passes every check", () => {
		expect(new Set(judge(healthy(), ...EXPECTED).map(({ status }) => status))).toEqual(new Set(["pass"]));
	});
});

describe("a planted fault is noticed by the checks it concerns and by no other", () => {
	it("a backend that is down", () => {
		const run = healthy();
		silence(run, "real2");
		expect(noticed(run)).toEqual({
			answered: "fail: 10 of 20 answered; first failure #2: Connection timed out",
			"share by backend":
				"error: n=10: real1 10, real2 0; exact binomial test: p=0.00195, false-alarm rate 0.0001; " +
				"too few requests to fail even with all at one backend",
			upload: "fail: 10 of 20 intact; #2 did not arrive; #4 did not arrive; #6 did not arrive and 7 more",
		});
	});

	it("a backend left out by the balancer", () => {
		expect(noticed(healthy(alternating(REQUESTS, ["real1"])))).toEqual({
			"share by backend": "fail: n=20: real1 20, real2 0; exact binomial test: p=0.00000191, false-alarm rate 0.0001",
		});
	});

	it("a wrong weight", () => {
		const picks = alternating(200, ["real1", "real1", "real1", "real2"]);
		expect(noticed(healthy(picks))).toEqual({
			"share by backend": "fail: n=200: real1 150, real2 50; exact binomial test: p=8.39e-13, false-alarm rate 0.0001",
		});
	});

	it("rp_filter=1 at a real, which drops what leaves the tunnel", () => {
		const run = healthy();
		silence(run, "real1");
		for (const state of run.observation.states) state.output = "1\n";
		expect(Object.keys(noticed(run))).toEqual([
			"answered",
			"share by backend",
			"upload",
			"state at real1: sysctl -n net.ipv4.conf.all.rp_filter",
		]);
		expect(noticed(run)["state at real1: sysctl -n net.ipv4.conf.all.rp_filter"]).toBe('fail: "1"');
	});

	it("a reply forced through the balancer", () => {
		const run = healthy();
		const detour = [
			{ from: ["gateway", "eth1"], to: ["katran", "eth0"] },
			{ from: ["katran", "eth0"], to: ["gateway", "eth1"] },
		] as const;
		const flags = { syn: true, ack: true, fin: false, rst: false };
		run.frames.push(...crossing(DSR, [...detour], 0, { time: 1_700_000_000.010_015, flags, reply: true }));
		expect(noticed(run)).toEqual({
			path:
				"fail: reply of 10.111.220.11:40000: gateway > katran (1 frame), katran > gateway (1 frame) not on the path; " +
				"seen real1 > gateway > client, gateway > katran > gateway",
			"packets at gateway eth1": "fail: 2 of 242 frames; first tcp 192.168.10.1:80 > 10.111.220.11:40000",
		});
	});

	it("XDP detached: nothing gets beyond the balancer, and what cannot be measured is no pass", () => {
		const run = healthy();
		for (const backend of DSR.backends) silence(run, backend);
		const toKatran = macOf(DSR, ["katran", "eth0"]);
		run.frames = run.frames.filter(({ node, destinationMac }) => node === "client" || destinationMac === toKatran);
		run.observation.counters = readings(0, 0);
		expect(noticed(run)).toEqual({
			answered: "fail: 0 of 20 answered; first failure #1: Connection timed out",
			"share by backend": "error: nothing to judge: no answered request was found at a backend",
			"source at real*": "error: no request was logged at real*",
			path: "error: no answered connection to follow, only 20 attempts",
			"encapsulation katran > gateway": "error: no request frame was captured from katran to gateway",
			sticky: "error: no data segment of an answered connection was captured",
			"counters at katran":
				"error: nothing to compare: counted 10.111.222.11 (real1) 0, 10.111.222.21 (real2) 0; logged nothing",
			upload: "error: no upload was logged",
		});
	});

	it("a backend that lies about its name", () => {
		const run = healthy();
		run.observation.requests[0] = { ...request(0, { digest: "d0" }), answeredBy: "real2" };
		expect(noticed(run)).toEqual({
			evidence: "inconsistent: #1 (t0) was answered in the name of real2 but logged by real1",
		});
	});

	it("a source address rewritten on the way", () => {
		const run = healthy();
		const rewritten = run.observation.accepts[0];
		if (rewritten) rewritten.peerAddress = "10.111.222.12";
		run.observation.requests[0] = { ...request(0, { digest: "d0" }), localAddress: "10.111.220.11", localPort: 40000 };
		expect(noticed(run)).toEqual({
			"source at real*": "fail: 1 of 20 from elsewhere: real1 saw 10.111.222.12 for #1",
		});
	});

	it("a frame that is not wrapped", () => {
		const run = healthy();
		const fromKatran = macOf(DSR, ["katran", "eth0"]);
		const bare = run.frames.find(({ sourceMac }) => sourceMac === fromKatran);
		Object.assign(bare ?? {}, { encapsulation: "none", outerSource: undefined, outerDestination: undefined });
		expect(noticed(run)).toEqual({ "encapsulation katran > gateway": "fail: 1 of 120 frames otherwise: none" });
	});

	it("stale counters", () => {
		const run = healthy();
		run.observation.counters = readings(0, 0);
		expect(noticed(run)).toEqual({
			"counters at katran":
				"inconsistent: real1: 0 counted, 10 logged; real2: 0 counted, 10 logged; " +
				"counted 10.111.222.11 (real1) 0, 10.111.222.21 (real2) 0; logged real1 10, real2 10",
		});
	});

	it("an upload damaged on the way", () => {
		const run = healthy();
		Object.assign(run.observation.accepts[4] ?? {}, { digest: "other" });
		expect(noticed(run)).toEqual({ upload: "fail: 19 of 20 intact; #5 differs at real1" });
	});

	it("a connection that changes its real half way", () => {
		const run = healthy();
		const [last] = run.frames.filter(({ node, sequence }) => node === "real1" && sequence === 41);
		if (last) run.frames.push({ ...last, node: "real2", destinationMac: macOf(DSR, ["real2", "eth0"]), sequence: 51 });
		expect(noticed(run)).toEqual({
			path:
				"fail: request of 10.111.220.11:40000: gateway > real2 (1 frame) not on the path; " +
				"seen client > gateway > katran > gateway > real1, gateway > real2",
			sticky: "fail: 1 of 20 split: 10.111.220.11:40000 had 5 at real1, 1 at real2",
		});
	});
});
