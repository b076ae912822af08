/** Recorded runs of ipvs-nat: one that passes and the ways in which one can end otherwise. */
import type { EventBody, LabEvent } from "../../src/model/event.ts";
import type { CheckResult, CheckStatus, RunStatus } from "../../src/model/verdict.ts";
import { Recorder } from "./recorder.ts";

const LAB = "ipvs-nat";
const RUN = "20260301-100000-a1b2";
const RESULTS = `results/${RUN}`;
const ALTERNATE = "twenty connections alternate";
const REMOVED = "a removed backend gets nothing";
const ENGINE = {
	kind: "vm",
	kernel: "6.12.48+deb13-amd64",
	daemon: "26.1.5",
	reason: "the daemon at /var/run/docker.sock lacks ip_vs",
} as const;

function start(): Recorder {
	return new Recorder()
		.add(5, { type: "run-begin", run: RUN, results: RESULTS, command: "lab test ipvs-nat" })
		.add(
			400,
			{ type: "setup", message: { kind: "begin", phase: "packages", text: "installing qemu-system-x86 mmdebstrap" } },
			{ type: "setup", message: { kind: "line", phase: "packages", text: "Get:1 http://deb.debian.org trixie" } },
		)
		.add(
			11_800,
			{ type: "setup", message: { kind: "line", phase: "packages", text: "Unpacking qemu-system-x86 (1:10.0.3)" } },
			{ type: "setup", message: { kind: "end", phase: "packages", ok: true, durationMs: 23_600 } },
		)
		.add(10, { type: "setup", message: { kind: "begin", phase: "vm-restore", text: "restoring the embedded VM" } })
		.add(700, { type: "setup", message: { kind: "end", phase: "vm-restore", ok: true, durationMs: 700 } });
}

const NODES = [
	{ name: "ext1", role: "client", steps: 1 },
	{ name: "ext2", role: "client", steps: 1 },
	{ name: "gw", role: "balancer", steps: 2 },
	{ name: "int1", role: "real", steps: 2 },
	{ name: "int2", role: "real", steps: 2 },
];

const DEFAULT_ROUTE = "ip route replace default via 111.111.0.1 dev eth1 onlink";
const SERVICE = [
	"ipvsadm -A -t 111.111.0.1:80 -s rr",
	"ipvsadm -a -t 111.111.0.1:80 -r 10.10.0.2:8000 -m",
	"ipvsadm -a -t 111.111.0.1:80 -r 10.10.0.3:8000 -m",
];

function begin(node: string, step: string, ...commands: string[]): EventBody {
	return { type: "step-begin", lab: LAB, node, step, commands };
}

function done(node: string, step: string): EventBody {
	return { type: "step-end", lab: LAB, node, step, ok: true };
}

function state(node: string, state: "running" | "configured" | "removed"): EventBody {
	return { type: "node-state", lab: LAB, node, state };
}

function built(recorder: Recorder): Recorder {
	return recorder
		.add(
			20,
			{ type: "engine-chosen", engine: ENGINE },
			{ type: "phase-begin", phase: "up", lab: LAB },
			{ type: "lab-planned", lab: LAB, instance: LAB, nodes: NODES },
		)
		.add(300, ...NODES.map((node) => state(node.name, "running")))
		.add(
			40,
			begin("ext1", "default-route", DEFAULT_ROUTE),
			begin("gw", "forwarding", "sysctl -w net.ipv4.ip_forward=1"),
			begin("int1", "default-route", "ip route replace default via 10.10.0.1 dev eth1"),
			done("ext1", "default-route"),
			state("ext1", "configured"),
			done("gw", "forwarding"),
			begin("gw", "service", ...SERVICE),
			done("int1", "default-route"),
			begin("int1", "listener", "nc -l -k -n -v -p 8000"),
		);
}

function up(): Recorder {
	return built(start())
		.add(
			60,
			done("gw", "service"),
			state("gw", "configured"),
			done("int1", "listener"),
			state("int1", "configured"),
			begin("ext2", "default-route", DEFAULT_ROUTE),
			done("ext2", "default-route"),
			state("ext2", "configured"),
			begin("int2", "default-route", "ip route replace default via 10.10.0.1 dev eth1"),
			done("int2", "default-route"),
			begin("int2", "listener", "nc -l -k -n -v -p 8000"),
			done("int2", "listener"),
			state("int2", "configured"),
		)
		.add(10, { type: "phase-end", phase: "up", lab: LAB, ok: true, durationMs: 2_600 });
}

function check(scenario: string, result: CheckResult, evidence?: string[]): EventBody {
	return { type: "check", lab: LAB, scenario, result, ...(evidence ? { evidence } : {}) };
}

function result(phase: string, name: string, status: CheckStatus, expected: string, observed: string): CheckResult {
	return { phase, check: name, status, expected, observed };
}

const ANSWERED = result(ALTERNATE, "answered", "pass", "all 20 requests answered", "20 of 20 answered");
const SHARE = result(ALTERNATE, "share", "pass", "strict alternation of int1, int2", "int1 10, int2 10, alternating");
const SOURCE = result(ALTERNATE, "source", "pass", "100.100.100.1 at int1, int2", "100.100.100.1 in 20 of 20");
const DROPPED = result(REMOVED, "share", "pass", "int1 all, int2 none", "int1 6, int2 0");

/** Traffic of the first phase, up to `sent` of its twenty requests, of which int2 gets `second`. */
function traffic(recorder: Recorder, sent = 20, second = sent / 2): Recorder {
	const at = { lab: LAB, scenario: "round-robin", phase: ALTERNATE } as const;
	recorder.add(
		30,
		{
			type: "scenario-begin",
			lab: LAB,
			scenario: "round-robin",
			intent: "replies come from both backends in strict alternation",
		},
		{ type: "scenario-phase", ...at, requests: 20 },
	);
	for (let count = 5; count <= sent; count += 5) {
		recorder.add(200, { type: "traffic", ...at, sent: count, answered: count, total: 20 });
	}
	const bands = { int1: { low: 10, high: 10 }, int2: { low: 10, high: 10 } };
	return recorder.add(20, { type: "shares", ...at, shares: { int1: sent - second, int2: second }, bands });
}

function finish(recorder: Recorder, status: RunStatus): LabEvent[] {
	recorder.add(
		50,
		{ type: "scenario-end", lab: LAB, scenario: "round-robin", status, durationMs: 2_150 },
		{ type: "phase-begin", phase: "down", lab: LAB },
		...NODES.map((node) => state(node.name, "removed")),
		{ type: "phase-end", phase: "down", lab: LAB, ok: true, durationMs: 250 },
	);
	return recorder.add(10, { type: "lab-end", lab: LAB, status, durationMs: 6_400 }).events;
}

function secondPhase(recorder: Recorder): Recorder {
	const at = { lab: LAB, scenario: "round-robin", phase: REMOVED } as const;
	return recorder.add(
		150,
		{ type: "scenario-phase", ...at, requests: 6 },
		{ type: "traffic", ...at, sent: 6, answered: 6, total: 6 },
		{ type: "shares", ...at, shares: { int1: 6, int2: 0 } },
		check("round-robin", DROPPED),
	);
}

export function passingRun(): LabEvent[] {
	const recorder = traffic(up()).add(20, ...[ANSWERED, SHARE, SOURCE].map((one) => check("round-robin", one)));
	return finish(secondPhase(recorder), "passed");
}

export function failingRun(): LabEvent[] {
	const share = result(ALTERNATE, "share", "fail", SHARE.expected, "int1 20, int2 0: 19 repeats, first at request 2");
	const source = result(ALTERNATE, "source", "error", SOURCE.expected, "int2 logged nothing, so nothing to compare");
	const recorder = traffic(up(), 20, 0).add(
		20,
		check("round-robin", ANSWERED),
		check("round-robin", share, ["observations/round-robin-1.json", "captures/round-robin-1-gw-eth2.pcap"]),
		check("round-robin", source),
	);
	return finish(secondPhase(recorder), "failed");
}

export function inconsistentRun(): LabEvent[] {
	const counters = result(
		ALTERNATE,
		"counters",
		"inconsistent",
		"ipvs counters of gw agree with the clients",
		"clients saw int1 10, int2 10; <ipvsadm> counted 11 & 10 \u001b[31m",
	);
	return finish(traffic(up()).add(20, check("round-robin", ANSWERED), check("round-robin", counters)), "inconsistent");
}

/** Ctrl-C amid the traffic; the lab is cleaned up but there is no verdict. */
export function interruptedRun(): LabEvent[] {
	return traffic(up(), 10).add(
		30,
		{ type: "interrupted", by: "SIGINT" },
		{ type: "phase-begin", phase: "down", lab: LAB },
		...NODES.map((node) => state(node.name, "removed")),
		{ type: "phase-end", phase: "down", lab: LAB, ok: true, durationMs: 180 },
	).events;
}

/** A step fails while the lab is being built. */
export function brokenRun(): LabEvent[] {
	const output =
		"Memory allocation problem\nipvsadm: Protocol not available\nAre you sure that IP Virtual Server is built in?";
	return built(start())
		.add(40, { type: "step-end", lab: LAB, node: "gw", step: "service", ok: false, output })
		.add(10, { type: "phase-end", phase: "up", lab: LAB, ok: false, durationMs: 1_900 })
		.add(5, {
			type: "failure",
			lab: LAB,
			kind: "broken",
			code: "step-failed",
			message: "step service of node gw failed with exit code 255",
			hint: "lab up ipvs-nat --keep leaves the node running; lab shell gw to look at it.",
		})
		.add(10, { type: "lab-end", lab: LAB, status: "error", durationMs: 3_000, reason: "step service of gw failed" })
		.events;
}

/** No engine: set-up work fails before any lab is known. */
export function engineErrorRun(): LabEvent[] {
	return new Recorder().add(5, { type: "run-begin", run: RUN, results: RESULTS, command: "lab test ipvs-nat" }).add(
		200,
		{ type: "setup", message: { kind: "begin", phase: "packages", text: "installing qemu-system-x86" } },
		{ type: "setup", message: { kind: "line", phase: "packages", text: "Reading package lists..." } },
		{
			type: "setup",
			message: { kind: "line", phase: "packages", text: "E: Unable to locate package qemu-system-x86" },
		},
		{
			type: "setup",
			message: { kind: "end", phase: "packages", ok: false, durationMs: 900, text: "apt-get ended with 100" },
		},
		{
			type: "failure",
			kind: "environment",
			code: "packages-missing",
			message: "qemu-system-x86 could not be installed",
			hint: "Check the package sources, then run\napt-get update && apt-get install qemu-system-x86",
		},
	).events;
}

export const RECORDED = {
	passing: passingRun,
	failing: failingRun,
	inconsistent: inconsistentRun,
	interrupted: interruptedRun,
	broken: brokenRun,
	"engine-error": engineErrorRun,
};
