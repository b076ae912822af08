/** One request and its reply, hop by hop, as captures show them. */

/** One header of a packet, the outermost first. */
export interface TraceHeader {
	layer: "Ethernet" | "IPv4" | "IPv6" | "VXLAN" | "GRE" | "TCP" | "UDP" | "ICMP";
	/** `10.0.0.1 > 10.0.0.2`. */
	text: string;
	/** What became of this header since the hop before, in words; undefined where it is as it was. */
	change?: string;
}

/** One wire that the packet crossed. */
export interface TraceHop {
	direction: "request" | "reply";
	from: string;
	to: string;
	/** Where it was captured: `gw eth1`. */
	seenAt: string[];
	/** Milliseconds since the first hop. */
	at: number;
	/** True when the packet is inside another one on this wire. */
	wrapped: boolean;
	/** `ipip`, `vxlan` or `gre` where it is wrapped. */
	encapsulation?: string;
	headers: TraceHeader[];
	/** What the node in front of this hop did to the packet, in words. */
	changes: string[];
}

export interface Trace {
	lab: string;
	/** What was sent: `nc 192.168.10.1:50007`. */
	sent: string;
	from: string;
	answered: boolean;
	/** Where the request ended, as its log says. */
	backend?: string;
	/** Nodes in the order in which the packets met them. */
	nodes: string[];
	hops: TraceHop[];
	/** What there is to learn from it: which way the reply took, what was rewritten. */
	remarks: string[];
	/** What could not be observed. */
	faults: string[];
	/** Folder with the captures. */
	results?: string;
}
