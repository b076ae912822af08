/** What `up` will do, as data: printed by --dry-run, shown by the screen, executed by src/run/apply-plan.ts. */

/** One provisioning step of a node, rendered to commands. */
export interface PlannedStep {
	id: string;
	why: string;
	kind: string;
	/** The condition under which it is taken, in words: `the kernel lacks ipip`. */
	when?: string;
	/** What a person would type in the node, in order. */
	commands: string[];
	/** What our script runs in place of `commands` where it must wait or start something in the background. */
	script?: string;
}

/** A wire from a node's interface to a segment. */
export interface PlannedPort {
	node: string;
	interface: string;
	network: string;
	mac: string;
	addresses: string[];
	mtu?: number;
	/** Name of the segment's end of the wire inside the fabric (veth driver). */
	fabricPort: string;
	/** The segment's end needs a program that passes everything: a native XDP program here sends frames back. */
	passProgram?: true;
}

export interface PlannedNetwork {
	name: string;
	driver: "docker" | "veth";
	/** Name on the daemon (docker) or of the bridge in the fabric (veth). */
	objectName: string;
	subnet?: string;
	gateway?: string;
	mtu?: number;
}

export interface PlannedNode {
	name: string;
	role: string;
	container: string;
	image: string;
	capabilities: string[];
	privileged: boolean;
	apparmor?: "unconfined";
	programs: string[];
	ports: PlannedPort[];
	steps: PlannedStep[];
}

export interface Plan {
	lab: string;
	title: string;
	instance: string;
	networks: PlannedNetwork[];
	nodes: PlannedNode[];
	/** Lines of /etc/hosts that every node gets. */
	hosts: string[];
	/** Features of the kernel that steps depend on, with what the plan takes each for. */
	kernel?: { feature: string; has: boolean }[];
}
