/** What a phase has shown, before anybody judges it. Saved as JSON under results/, so that verdicts can be computed again. */

/** One request as its client saw it. */
export interface RequestRecord {
	/** Position in the order of sending, from 0. */
	index: number;
	token: string;
	/** True when a connection was completed (nc), a 2xx answer came (curl) or an echo reply came (ping). */
	answered: boolean;
	/** Exit code of nc, curl or ping. */
	exitCode: number;
	/** HTTP status (curl). */
	status?: number;
	/** Which backend the answer's own text names (curl: header `X-Lab-Backend`). */
	answeredBy?: string;
	/** Source address and port of the connection where the client tool tells. */
	localAddress?: string;
	localPort?: number;
	/** SHA-256 of an uploaded body, hexadecimal. */
	digest?: string;
	/** What the tool said when it failed, one line. */
	message?: string;
	/** When it was begun, in seconds of /proc/uptime; all nodes of a lab share that clock. */
	sentAt?: number;
}

/** One request as a backend logged it. */
export interface AcceptRecord {
	node: string;
	service: string;
	/** Tokens read on the connection, each once, in order of appearance; empty when none was sent. */
	tokens: string[];
	peerAddress: string;
	peerPort: number;
	/** SHA-256 of an uploaded body as stored, hexadecimal. */
	digest?: string;
}

/** A capture taken during the phase. Frames are decoded again from the file when judging. */
export interface CaptureRecord {
	node: string;
	interface: string;
	/** Path of the pcap, relative to the run's folder. */
	file: string;
	/** Frames in the file. */
	frames: number;
	/** Frames the kernel dropped before tcpdump could read them; more than 0 spoils checks for absence. */
	dropped: number;
}

/** Connections and packets a balancer counted for one real, before or after the traffic. */
export interface CounterRecord {
	node: string;
	kind: "ipvs" | "xdp";
	/** The service as the scenario names it. */
	service: string;
	when: "before" | "after";
	reals: { address: string; port?: number; connections: number; packets: number; bytes: number }[];
}

export interface StateRecord {
	node: string;
	command: string;
	exitCode: number;
	output: string;
}

/** One interface of the lab, to tell which node a frame came from. */
export interface PortRecord {
	node: string;
	interface: string;
	mac: string;
	/** Addresses with prefix lengths. */
	addresses: string[];
}

export interface PhaseObservation {
	lab: string;
	scenario: string;
	phase: string;
	requests: RequestRecord[];
	accepts: AcceptRecord[];
	captures: CaptureRecord[];
	counters: CounterRecord[];
	states: StateRecord[];
	ports: PortRecord[];
	/** Nodes that log requests, in the order of the lab file. */
	backends: string[];
	/** Things that went wrong while measuring, worded by `faultText`; checks that need what is missing end as `error`. */
	faults: string[];
	/** When the change of the phase's `during` was begun, in seconds of /proc/uptime. */
	changedAt?: number;
}

/** What a fault may be about; it decides which checks cannot be judged. */
export const FAULT_SUBJECTS = ["capture", "log", "counters", "state", "traffic"] as const;
export type FaultSubject = (typeof FAULT_SUBJECTS)[number];

/**
 * Words a fault so that the judge knows what it spoils: `capture gw eth1: tcpdump ended with 1`.
 * @param where node, and the interface or service on it
 */
export function faultText(subject: FaultSubject, where: { node: string; part?: string }, text: string): string {
	return `${[subject, where.node, where.part].filter((word) => word !== undefined).join(" ")}: ${text}`;
}

export type Encapsulation = "none" | "ipip" | "vxlan" | "gre";

/**
 * One captured frame, decoded. Addresses are text (IPv6 as in RFC 5952); ports are undefined for packets without.
 * `source`, `destination`, ports and `protocol` are those of the innermost header; for ARP the sender's and the target's
 * address. The outer addresses are those of the header right around it.
 */
export interface Frame {
	node: string;
	interface: string;
	/** Seconds since the epoch; all captures of a lab share one clock. */
	time: number;
	sourceMac: string;
	destinationMac: string;
	encapsulation: Encapsulation;
	outerSource?: string;
	outerDestination?: string;
	protocol: "tcp" | "udp" | "icmp" | "arp" | "other";
	source?: string;
	destination?: string;
	sourcePort?: number;
	destinationPort?: number;
	/** TCP flags of the innermost segment. */
	flags?: { syn: boolean; ack: boolean; fin: boolean; rst: boolean };
	/** TCP sequence number of the innermost segment; tells a repeated or twice captured segment from a new one. */
	sequence?: number;
	/** Maximum segment size that the innermost segment announces, in bytes. */
	mss?: number;
	/** VXLAN network identifier of the innermost tunnel. */
	vni?: number;
	/** Bytes of payload behind the innermost TCP or UDP header. */
	payload: number;
	/** Bytes of the whole frame on the wire. */
	length: number;
}
