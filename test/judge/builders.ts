/** Observations and frames of two small labs as a healthy run shows them, to be spoilt by the tests. */

import { judgePhase } from "../../src/judge/judge-phase.ts";
import type { Expectation } from "../../src/model/expectation.ts";
import type {
	AcceptRecord,
	CaptureRecord,
	Frame,
	PhaseObservation,
	PortRecord,
	RequestRecord,
} from "../../src/model/observation.ts";
import { Phase } from "../../src/model/scenario.ts";
import type { CheckResult } from "../../src/model/verdict.ts";

/** A hop of a lab: the interfaces at its ends and how frames are wrapped on it. */
interface Hop {
	from: readonly [node: string, name: string];
	to: readonly [node: string, name: string];
	wrapped?: readonly [source: string, destination: string];
}

/** A lab as far as the judge sees it. */
interface Picture {
	ports: PortRecord[];
	backends: string[];
	client: string;
	clientAddress: string;
	vip: string;
	port: number;
	captures: readonly (readonly [node: string, name: string])[];
	request: (backend: string) => Hop[];
	reply: (backend: string) => Hop[];
}

/** Everything that a phase is judged from. */
export interface World {
	picture: Picture;
	phase: (expect: readonly unknown[]) => Phase;
	observation: PhaseObservation;
	frames: Frame[];
}

let macs = 0;

function port(node: string, name: string, ...addresses: string[]): PortRecord {
	macs++;
	return { node, interface: name, mac: `02:00:00:00:00:${macs.toString(16).padStart(2, "0")}`, addresses };
}

/** ipvs-nat: ext1 - gw - int1, int2; requests and replies both pass the gateway. */
export const NAT: Picture = {
	ports: [
		port("ext1", "eth1", "100.100.100.1/24"),
		port("gw", "eth1", "111.111.0.1/24"),
		port("gw", "eth2", "10.10.0.1/24"),
		port("int1", "eth1", "10.10.0.2/24"),
		port("int2", "eth1", "10.10.0.3/24"),
	],
	backends: ["int1", "int2"],
	client: "ext1",
	clientAddress: "100.100.100.1",
	vip: "111.111.0.1",
	port: 80,
	captures: [
		["ext1", "eth1"],
		["gw", "eth1"],
		["gw", "eth2"],
		["int1", "eth1"],
		["int2", "eth1"],
	],
	request: (backend) => [
		{ from: ["ext1", "eth1"], to: ["gw", "eth1"] },
		{ from: ["gw", "eth2"], to: [backend, "eth1"] },
	],
	reply: (backend) => [
		{ from: [backend, "eth1"], to: ["gw", "eth2"] },
		{ from: ["gw", "eth1"], to: ["ext1", "eth1"] },
	],
};

/** katran-dsr: requests pass the balancer in IPIP, replies go from the real straight to the gateway. */
export const DSR: Picture = {
	ports: [
		port("client", "eth0", "10.111.220.11/24"),
		port("gateway", "eth0", "10.111.220.12/24"),
		port("gateway", "eth1", "10.111.221.12/24"),
		port("gateway", "eth2", "10.111.222.12/24"),
		port("katran", "eth0", "10.111.221.11/24"),
		port("real1", "eth0", "10.111.222.11/24"),
		port("real2", "eth0", "10.111.222.21/24"),
	],
	backends: ["real1", "real2"],
	client: "client",
	clientAddress: "10.111.220.11",
	vip: "192.168.10.1",
	port: 80,
	// None at katran: its own interface shows neither what XDP takes nor what it sends back.
	captures: [
		["client", "eth0"],
		["gateway", "eth0"],
		["gateway", "eth1"],
		["gateway", "eth2"],
		["real1", "eth0"],
		["real2", "eth0"],
	],
	request: (backend) => {
		const wrapped = ["10.111.221.11", backend === "real1" ? "10.111.222.11" : "10.111.222.21"] as const;
		return [
			{ from: ["client", "eth0"], to: ["gateway", "eth0"] },
			{ from: ["gateway", "eth1"], to: ["katran", "eth0"] },
			{ from: ["katran", "eth0"], to: ["gateway", "eth1"], wrapped },
			{ from: ["gateway", "eth2"], to: [backend, "eth0"], wrapped },
		];
	},
	reply: (backend) => [
		{ from: [backend, "eth0"], to: ["gateway", "eth2"] },
		{ from: ["gateway", "eth0"], to: ["client", "eth0"] },
	],
};

export function request(index: number, more: Partial<RequestRecord> = {}): RequestRecord {
	return { index, token: `t${index}`, answered: true, exitCode: 0, ...more };
}

export function accept(index: number, node: string, address: string, more: Partial<AcceptRecord> = {}): AcceptRecord {
	return { node, service: "web", tokens: [`t${index}`], peerAddress: address, peerPort: 40000 + index, ...more };
}

/** A healthy run in which request i went to `picks[i]`. */
export function world(picture: Picture, picks: readonly string[], traffic: object = {}): World {
	const observation: PhaseObservation = {
		lab: "lab",
		scenario: "scenario",
		phase: "phase",
		requests: picks.map((_, index) => request(index)),
		accepts: picks.map((pick, index) => accept(index, pick, picture.clientAddress)),
		captures: picture.captures.map(([node, name]) => capture(node, name)),
		counters: [],
		states: [],
		ports: picture.ports,
		backends: picture.backends,
		faults: [],
	};
	const frames = picks.flatMap((pick, index) => connection(picture, pick, index));
	const sent = { from: picture.client, nc: `${picture.vip}:${picture.port}`, count: picks.length, ...traffic };
	const phase = (expect: readonly unknown[]) => Phase.parse({ name: "a phase", traffic: sent, expect });
	return { picture, phase, observation, frames };
}

export function capture(node: string, name: string, more: Partial<CaptureRecord> = {}): CaptureRecord {
	return { node, interface: name, file: `${node}-${name}.pcap`, frames: 1, dropped: 0, ...more };
}

/** All frames of one connection: SYN, SYN-ACK and `segments` data segments, on every hop, at every capture that sees it. */
export function connection(picture: Picture, backend: string, index: number, segments = 2): Frame[] {
	const start = 1_700_000_000 + index;
	const asks = picture.request(backend);
	const answers = picture.reply(backend);
	const syn = crossing(picture, asks, index, { time: start, flags: flags("syn") });
	const synAck = crossing(picture, answers, index, { time: start + 0.01, flags: flags("syn", "ack"), reply: true });
	const data = Array.from({ length: segments }, (_, i) =>
		crossing(picture, asks, index, {
			time: start + 0.02 * (i + 1),
			flags: flags("ack"),
			sequence: 1 + 10 * i,
			payload: 10,
		}),
	);
	return [...syn, ...synAck, ...data.flat()];
}

interface Segment {
	time: number;
	flags: NonNullable<Frame["flags"]>;
	sequence?: number;
	payload?: number;
	reply?: boolean;
}

function flags(...set: ("syn" | "ack")[]): NonNullable<Frame["flags"]> {
	return { syn: set.includes("syn"), ack: set.includes("ack"), fin: false, rst: false };
}

/** One segment on its way over the hops, 10 microseconds each. */
export function crossing(picture: Picture, hops: Hop[], index: number, segment: Segment): Frame[] {
	return hops.flatMap((hop, i) =>
		[hop.from, hop.to]
			.filter(([node, name]) => picture.captures.some(([at, on]) => at === node && on === name))
			.map(([node, name]) => frame(picture, hop, index, { ...segment, time: segment.time + i * 1e-5 }, [node, name])),
	);
}

function frame(picture: Picture, hop: Hop, index: number, segment: Segment, at: readonly [string, string]): Frame {
	const client = { address: picture.clientAddress, port: 40000 + index };
	const service = { address: picture.vip, port: picture.port };
	const [source, destination] = segment.reply ? [service, client] : [client, service];
	return {
		node: at[0],
		interface: at[1],
		time: segment.time,
		sourceMac: macOf(picture, hop.from),
		destinationMac: macOf(picture, hop.to),
		encapsulation: hop.wrapped ? "ipip" : "none",
		...(hop.wrapped ? { outerSource: hop.wrapped[0], outerDestination: hop.wrapped[1] } : {}),
		protocol: "tcp",
		source: source.address,
		destination: destination.address,
		sourcePort: source.port,
		destinationPort: destination.port,
		flags: segment.flags,
		sequence: segment.sequence ?? 0,
		payload: segment.payload ?? 0,
		length: 74,
	};
}

export function macOf({ ports }: Picture, [node, name]: readonly [string, string]): string {
	return ports.find((entry) => entry.node === node && entry.interface === name)?.mac ?? "02:ff:ff:ff:ff:ff";
}

/** The results of a phase that expects these things. */
export function judge({ phase, observation, frames }: World, ...expect: Expectation[] | unknown[]): CheckResult[] {
	return judgePhase(phase(expect), observation, frames);
}

/** Name, status and observed text of the first check with this name. */
export function seen(results: readonly CheckResult[], check: string): [status: string, observed: string] {
	const result = results.find((entry) => entry.check === check);
	if (!result) throw new Error(`no check named ${check}, only ${results.map((entry) => entry.check).join(", ")}`);
	return [result.status, result.observed];
}

/** `int1, int2, int1, ...`. */
export function alternating(count: number, backends: readonly string[]): string[] {
	return Array.from({ length: count }, (_, i) => backends[i % backends.length] ?? "");
}

/** A random source that gives the same numbers in every run (mulberry32), for simulations. */
export function seededRandom(seed: number): () => number {
	let state = seed;
	return () => {
		state = (state + 0x6d2b79f5) | 0;
		let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
		mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
		return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
	};
}
