/** A lab as its author writes it: networks, nodes, interfaces and provisioning steps. */
import { z } from "zod";
import { applies, KERNEL_FEATURES, type KernelChoice, type KernelFeature } from "./kernel.ts";
import { listOf } from "./list-of.ts";
import { Cidr, InterfaceName, MacAddress, Name } from "./name.ts";
import { Step } from "./step.ts";

/** Images that `images/` can build. */
export const IMAGES = ["node", "dind"] as const;

/** Programs of ours that are compiled and copied into a node. */
export const PROGRAMS = ["xdplb", "ipvsd"] as const;

/** Where the sources of a program are, relative to the project. */
export function programSource(name: string): string {
	return name === "ipvsd" ? "controller/ipvsd" : `bpf/${name}`;
}

/** Capabilities a node may ask for, limited to those Docker 20.10 knows. */
export const CAPABILITIES = ["NET_ADMIN", "NET_RAW", "SYS_ADMIN", "SYS_PTRACE", "SYS_MODULE", "NET_BROADCAST"] as const;

export const Network = z
	.strictObject({
		driver: z
			.enum(["docker", "veth"])
			.default("docker")
			.describe(
				"docker: a Docker bridge network. veth: wires and segments of our own, for addresses Docker cannot hold, and faster.",
			),
		subnet: Cidr.describe(
			"Subnet; every address on the network must lie in it. Required by the docker driver.",
		).optional(),
		mtu: z.number().int().min(576).max(9000).describe("MTU in bytes of every interface on the network.").optional(),
	})
	.describe("A network segment.");
export type Network = z.infer<typeof Network>;

export const Interface = z
	.strictObject({
		network: Name.describe("The network it is on."),
		address: z
			.union([Cidr, z.array(Cidr).min(1)])
			.describe("Address with prefix length, or several; none for a port without an address.")
			.optional(),
		mac: MacAddress.describe("Fixed MAC address; derived from the names when left out.").optional(),
		mtu: z.number().int().min(576).max(9000).describe("MTU in bytes; the network's when left out.").optional(),
	})
	.describe("A network interface of a node; its name is the key.");
export type Interface = z.infer<typeof Interface>;

export const Node = z
	.strictObject({
		image: z.enum(IMAGES).describe("The image the container is made from."),
		role: z
			.enum(["client", "router", "balancer", "real"])
			.describe("What the node plays in the picture; used by drawings and explanations."),
		interfaces: z.record(InterfaceName, Interface).describe("Interfaces by name, as they are called inside the node."),
		capabilities: z
			.array(z.enum(CAPABILITIES))
			.describe("Capabilities beyond NET_ADMIN and NET_RAW, which every node has.")
			.optional(),
		privileged: z.boolean().describe("Only for a Docker daemon inside the node.").optional(),
		apparmor: z.literal("unconfined").describe("Needed to mount a bpffs on hosts with AppArmor.").optional(),
		programs: z.array(z.enum(PROGRAMS)).describe("Our own programs copied into /usr/local/bin.").optional(),
		steps: z.array(Step).describe("Provisioning, in order.").optional(),
	})
	.describe("A node: one container.");
export type Node = z.infer<typeof Node>;

export const Lab = z
	.strictObject({
		name: Name.describe("Name of the lab; the same as its folder."),
		title: z.string().min(3).describe("One line that says what the lab shows."),
		source: z
			.strictObject({
				title: z.string().min(1).describe("Title of the document."),
				repo: z.string().min(1).describe("Public repository, owner/name.").optional(),
				path: z.string().min(1).describe("Path of the document in the repository.").optional(),
				licence: z.string().min(1).describe("Licence of the document, or `none stated`.").optional(),
			})
			.describe("The document this lab reproduces."),
		requires: z
			.array(z.enum(KERNEL_FEATURES))
			.default([])
			.describe("Kernel features without which the lab cannot run."),
		vars: z
			.record(
				z.string().regex(/^[a-z][a-z0-9_-]*$/, "must be lower-case letters, digits, '-' or '_'"),
				z.union([z.string(), z.number()]),
			)
			.default({})
			.describe("Names for values used in several places, written ${name}."),
		networks: z.record(Name, Network).describe("The networks by name."),
		nodes: z.record(Name, Node).describe("The nodes by name; the name is the host name too."),
	})
	.describe("A lab: a documented load-balancer testbed.");
export type Lab = z.infer<typeof Lab>;

/** The addresses of an interface as a list. */
export function addressesOf(entry: Interface): string[] {
	return listOf(entry.address);
}

/** A service whose log names the requests it got. */
export interface BackendLog {
	node: string;
	service: string;
	path: string;
	format: "nc" | "http";
}

/** Where a service step writes its log. */
export function serviceLogPath(step: Step): string {
	return step.service?.log ?? `/var/log/lab/${step.id}.log`;
}

/** The logs of all nodes that answer requests, in the order of the lab file. */
export function backendLogs(lab: Lab): BackendLog[] {
	return Object.entries(lab.nodes).flatMap(([node, { steps = [] }]) =>
		steps.flatMap((step) =>
			step.service?.records
				? [{ node, service: step.id, path: serviceLogPath(step), format: step.service.records }]
				: [],
		),
	);
}

/** The node with an address, from the interfaces of the lab file. */
export function nodeWithAddress(lab: Lab, address: string): string | undefined {
	return Object.entries(lab.nodes).find(([, { interfaces }]) =>
		Object.values(interfaces)
			.flatMap(addressesOf)
			.some((entry) => entry.split("/")[0] === address),
	)?.[0];
}

/** Features that some step makes a difference by, so that the lab can do without them. */
export function optionalFeatures(lab: Lab): KernelFeature[] {
	const named = Object.values(lab.nodes).flatMap(({ steps = [] }) =>
		steps.flatMap(({ when }) => when?.has ?? when?.lacks ?? []),
	);
	return [...new Set(named)];
}

/** The lab as it is on a kernel that lacks these features: only with the steps that are taken there. */
export function labWithout(lab: Lab, lacks: readonly KernelFeature[]): Lab {
	const nodes = Object.entries(lab.nodes).map(([name, node]) => {
		const steps = node.steps?.filter((step) => applies(step.when, lacks));
		return [name, { ...node, ...(steps ? { steps } : {}) }] as const;
	});
	return { ...lab, nodes: Object.fromEntries(nodes) };
}

/** For each optional feature what the lab takes on a kernel that has or lacks it; `how` tells where that is known from. */
export function kernelChoices(
	lab: Lab,
	lacks: readonly KernelFeature[],
	how: (feature: KernelFeature) => string,
): KernelChoice[] {
	return optionalFeatures(lab).map((feature) => {
		const has = !lacks.includes(feature);
		const steps = Object.entries(lab.nodes).flatMap(([node, { steps = [] }]) =>
			steps.flatMap(({ id, when }) => (when?.[has ? "has" : "lacks"] === feature ? [`${node}: ${id}`] : [])),
		);
		return { feature, has, how: how(feature), steps };
	});
}
