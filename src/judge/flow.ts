/**
 * Connections of the client as captures show them. A connection is told by the client's address and port in the innermost
 * headers; where the source address is rewritten on the way, the address and port that the backend saw are a second name.
 */

import type { Frame, PhaseObservation, PortRecord, RequestRecord } from "../model/observation.ts";
import type { Traffic } from "../model/scenario.ts";
import { canonical } from "./address.ts";
import type { JoinedRequest } from "./join.ts";

export interface Flow {
	/** The client's address and port, e.g. `100.100.100.1:40000`; the address alone for ping. */
	label: string;
	/** Backends that logged it; several when the client used the port again in the same phase. */
	backends: string[];
	/** True when the client got its answer and a backend logged the request. */
	answered: boolean;
	/** False when the client's own end of the connection is not known, because its address was rewritten. */
	clientKnown: boolean;
	/** Frames from the client. */
	request: Frame[];
	/** Frames to the client. */
	reply: Frame[];
}

type FlowSource = Pick<PhaseObservation, "ports">;

/** The addresses of a node's interfaces, without prefix lengths. */
export function addressesOfNode(ports: readonly PortRecord[], node: string): string[] {
	return ports.filter((port) => port.node === node).flatMap((port) => port.addresses.map(canonical));
}

/**
 * The frames that count: those from or to a MAC address of the node that captured them. On a shared segment a tap also sees
 * what the bridge floods to everybody.
 */
export function ownFrames(frames: readonly Frame[], ports: readonly PortRecord[]): Frame[] {
	const own = new Set(ports.map((port) => `${port.node} ${port.mac.toLowerCase()}`));
	return frames.filter(
		({ node, sourceMac, destinationMac }) => own.has(`${node} ${sourceMac}`) || own.has(`${node} ${destinationMac}`),
	);
}

/**
 * The connections of the client: first those that a backend logged, then those of which only the opening segment was seen.
 * @param frames own frames of the phase
 */
export function flowsOf(traffic: Traffic, { ports }: FlowSource, joined: JoinedRequest[], frames: Frame[]): Flow[] {
	const addresses = new Set(addressesOfNode(ports, traffic.from));
	if (traffic.ping !== undefined) return [...addresses].flatMap((address) => pingFlow(address, frames));
	const index = indexByEnd(frames.filter((frame) => frame.protocol === "tcp"));
	const logged = loggedFlows(joined, addresses, index);
	const known = new Set(joined.flatMap(endsOf));
	const opened = [...index.keys()].filter((end) => !known.has(end) && isOpenedBy(addresses, index, end));
	return [...logged, ...opened.map((end) => flowOf([end], index))];
}

interface Ends {
	sent: Frame[];
	received: Frame[];
}

function indexByEnd(frames: Frame[]): Map<string, Ends> {
	const index = new Map<string, Ends>();
	const at = (end: string) => {
		const entry = index.get(end) ?? { sent: [], received: [] };
		index.set(end, entry);
		return entry;
	};
	for (const frame of frames) {
		if (frame.source === undefined || frame.sourcePort === undefined) continue;
		at(`${frame.source}:${frame.sourcePort}`).sent.push(frame);
		at(`${frame.destination}:${frame.destinationPort}`).received.push(frame);
	}
	return index;
}

/** The client's own end of a connection, where its tool tells. */
function ownEnd({ localAddress, localPort }: RequestRecord): string | undefined {
	if (localAddress === undefined || localPort === undefined) return undefined;
	return `${canonical(localAddress)}:${localPort}`;
}

/** The names of a connection: the client's own end where it is known, and the end that the backend saw. */
function endsOf({ request, accept }: JoinedRequest): string[] {
	const own = ownEnd(request);
	const seen = `${canonical(accept.peerAddress)}:${accept.peerPort}`;
	return own === undefined || own === seen ? [seen] : [own, seen];
}

function loggedFlows(joined: JoinedRequest[], addresses: Set<string>, index: Map<string, Ends>): Flow[] {
	const flows = new Map<string, Flow>();
	for (const entry of joined) {
		const ends = endsOf(entry);
		const label = ends[0] ?? "";
		const flow = flows.get(label) ?? flowOf(ends, index);
		if (!flow.backends.includes(entry.accept.node)) flow.backends.push(entry.accept.node);
		flow.answered ||= entry.request.answered;
		flow.clientKnown = ownEnd(entry.request) !== undefined || addresses.has(canonical(entry.accept.peerAddress));
		flows.set(label, flow);
	}
	return [...flows.values()];
}

function flowOf(ends: string[], index: Map<string, Ends>): Flow {
	const frames = (side: keyof Ends) => ends.flatMap((end) => index.get(end)?.[side] ?? []);
	return {
		label: ends[0] ?? "",
		backends: [],
		answered: false,
		clientKnown: true,
		request: frames("sent"),
		reply: frames("received"),
	};
}

function isOpenedBy(addresses: Set<string>, index: Map<string, Ends>, end: string): boolean {
	const sent = index.get(end)?.sent ?? [];
	return sent.some(({ source, flags }) => addresses.has(source ?? "") && flags?.syn === true && !flags.ack);
}

function pingFlow(address: string, frames: Frame[]): Flow[] {
	const icmp = frames.filter((frame) => frame.protocol === "icmp");
	const request = icmp.filter((frame) => frame.source === address);
	const reply = icmp.filter((frame) => frame.destination === address);
	if (request.length + reply.length === 0) return [];
	return [{ label: address, backends: [], answered: reply.length > 0, clientKnown: true, request, reply }];
}
