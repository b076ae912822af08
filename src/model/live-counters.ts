/** What the nodes of a lab count while it is up: packets per interface, connections per real. */

export interface InterfaceCount {
	/** Packets received and sent since the interface was made. */
	received: number;
	sent: number;
}

/** What a balancer counts for one real, or for one rule. */
export interface BalancerRow {
	/** `10.10.0.2:8000`, or a rule's target. */
	name: string;
	/** The node that has this address. */
	node?: string;
	/** New connections; for an iptables rule of the nat table the packets, since only the first of a connection passes it. */
	connections: number;
}

export interface BalancerCount {
	node: string;
	kind: "ipvs" | "xdp" | "iptables";
	/** VIP as the lab file names it, or table and chain. */
	service: string;
	rows: BalancerRow[];
}

/** What one node counted at one moment. */
export interface NodeCounters {
	node: string;
	interfaces: Record<string, InterfaceCount>;
	balancers: BalancerCount[];
	/** Requests that its services have logged so far; undefined where it logs none. */
	logged?: number;
}
