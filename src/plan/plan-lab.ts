/** Lab (data) -> Plan (data). Pure: the same lab, instance and wiring give the same plan. */
import { createHash } from "node:crypto";
import ipaddr from "ipaddr.js";
import { LabError } from "../model/error.ts";
import type { KernelFeature } from "../model/kernel.ts";
import { addressesOf, type Lab, labWithout, type Node, optionalFeatures } from "../model/lab.ts";
import { MAX_INTERFACE_NAME } from "../model/name.ts";
import type { Plan, PlannedNetwork, PlannedNode, PlannedPort } from "../model/plan.ts";
import { renderStep } from "../steps/render-step.ts";

export interface PlanOptions {
	/** Name of the instance; the lab's own name when there is only one. */
	instance: string;
	/** Makes every network use this driver. */
	wiring?: "docker" | "veth";
	/** Features that the kernel lacks, among those the lab can do without. */
	lacks?: readonly KernelFeature[];
}

/** Capabilities that every node has: addresses, routes and firewalls are its own business, and so are captures. */
const BASE_CAPABILITIES = ["NET_ADMIN", "NET_RAW"];

/** Container and network names on the daemon. */
export function objectName(instance: string, name: string): string {
	return `lab-${instance}-${name}`;
}

/** Plans a lab that `config` has accepted. */
export function planLab(lab: Lab, options: PlanOptions): Plan {
	const networks = Object.entries(lab.networks).map(([name, network], index): PlannedNetwork => {
		const driver = options.wiring ?? network.driver;
		if (driver === "docker" && !network.subnet) {
			throw new LabError(
				"input",
				`network ${name} of lab ${lab.name} has no subnet, so it cannot be a Docker network`,
				{
					code: "no-subnet",
					hint: "Leave out --wiring docker: this document puts several subnets on one wire.",
				},
			);
		}
		return {
			name,
			driver,
			objectName: driver === "docker" ? objectName(options.instance, name) : shortName(`br-${name}`, `br-${index}`),
			...(network.subnet ? { subnet: network.subnet } : {}),
			...(driver === "docker" ? { gateway: unusedAddress(lab, name) } : {}),
			...(network.mtu ? { mtu: network.mtu } : {}),
		};
	});
	const counter = { next: 0 };
	const lacks = options.lacks ?? [];
	const nodes = Object.entries(labWithout(lab, lacks).nodes).map(([name, node]) =>
		planNode(lab, name, node, options.instance, counter),
	);
	checkNative(lab, networks);
	const kernel = optionalFeatures(lab).map((feature) => ({ feature, has: !lacks.includes(feature) }));
	return {
		lab: lab.name,
		title: lab.title,
		instance: options.instance,
		networks,
		nodes,
		hosts: hostsFile(lab),
		...(kernel.length > 0 ? { kernel } : {}),
	};
}

function planNode(lab: Lab, name: string, node: Node, instance: string, counter: { next: number }): PlannedNode {
	return {
		name,
		role: node.role,
		container: objectName(instance, name),
		image: node.image,
		capabilities: [...new Set([...BASE_CAPABILITIES, ...(node.capabilities ?? [])])],
		privileged: node.privileged ?? false,
		...(node.apparmor ? { apparmor: node.apparmor } : {}),
		programs: node.programs ?? [],
		ports: Object.entries(node.interfaces).map(([ifname, entry]): PlannedPort => {
			const mtu = entry.mtu ?? lab.networks[entry.network]?.mtu;
			return {
				node: name,
				interface: ifname,
				network: entry.network,
				mac: entry.mac ?? derivedMac(instance, name, ifname),
				addresses: addressesOf(entry),
				fabricPort: shortName(`${name}.${ifname}`, `port${counter.next++}`),
				...(mtu ? { mtu } : {}),
				...(sendsNatively(node, ifname) ? { passProgram: true } : {}),
			};
		}),
		steps: (node.steps ?? []).map(renderStep),
	};
}

/** True for an interface whose XDP program sends frames back in native mode. */
function sendsNatively({ steps = [] }: Node, ifname: string): boolean {
	return steps.some(({ xdp }) => xdp?.dev === ifname && xdp.mode === "native");
}

/** What a native program sends is dropped by veth unless the other end has a program, too; Docker's bridge has none there. */
function checkNative(lab: Lab, networks: readonly PlannedNetwork[]): void {
	for (const [name, node] of Object.entries(lab.nodes)) {
		for (const [ifname, { network }] of Object.entries(node.interfaces)) {
			const driver = networks.find((entry) => entry.name === network)?.driver;
			if (driver !== "docker" || !sendsNatively(node, ifname)) continue;
			throw new LabError(
				"input",
				`node ${name} of lab ${lab.name} cannot send in native XDP mode on ${ifname}: network ${network} is a Docker network`,
				{
					code: "native-on-docker-network",
					hint: "What a native program sends back, veth drops unless the other end of the wire runs a program, too, and Docker's end runs none. Use --wiring veth, where lab puts one there, or mode: generic, which works on every wire.",
				},
			);
		}
	}
}

/** The speaking name where the kernel takes it, else the short one. */
function shortName(speaking: string, short: string): string {
	return speaking.length <= MAX_INTERFACE_NAME ? speaking : short;
}

/** A locally administered unicast MAC address, the same on every run so that captures can be compared. */
export function derivedMac(instance: string, node: string, ifname: string): string {
	const digest = createHash("sha256").update(`${instance}/${node}/${ifname}`).digest();
	return ["02", ...[...digest.subarray(0, 5)].map((byte) => byte.toString(16).padStart(2, "0"))].join(":");
}

/** The highest address of a network's subnet that no node uses: Docker insists on a gateway, the document has none. */
export function unusedAddress(lab: Lab, network: string): string {
	const subnet = lab.networks[network]?.subnet;
	if (!subnet) throw new Error(`network ${network} has no subnet`);
	const used = new Set(
		Object.values(lab.nodes).flatMap((node) =>
			Object.values(node.interfaces)
				.filter((entry) => entry.network === network)
				.flatMap(addressesOf)
				.map((address) => address.split("/")[0]),
		),
	);
	const first = addressToNumber(ipaddr.IPv4.networkAddressFromCIDR(subnet)) + 1;
	const last = addressToNumber(ipaddr.IPv4.broadcastAddressFromCIDR(subnet)) - 1;
	for (let candidate = last; candidate >= first; candidate--) {
		const address = numberToAddress(candidate);
		if (!used.has(address)) return address;
	}
	throw new LabError("input", `subnet ${subnet} of network ${network} has no free address for Docker's gateway`, {
		code: "subnet-full",
		hint: "Give the network a larger subnet, or use `driver: veth`, which needs none.",
	});
}

function addressToNumber(address: ipaddr.IPv4): number {
	return address.toByteArray().reduce((sum, byte) => sum * 256 + byte, 0);
}

function numberToAddress(value: number): string {
	return [24, 16, 8, 0].map((shift) => Math.floor(value / 2 ** shift) % 256).join(".");
}

/** Every node's lab addresses by name, and localhost: Docker writes neither when networking is disabled. */
function hostsFile(lab: Lab): string[] {
	const lines = ["127.0.0.1 localhost", "::1 localhost ip6-localhost ip6-loopback"];
	for (const [name, node] of Object.entries(lab.nodes)) {
		for (const address of Object.values(node.interfaces).flatMap(addressesOf)) {
			lines.push(`${address.split("/")[0]} ${name}`);
		}
	}
	return lines;
}

/** Tells whether two plans describe the same thing; kept as a label, so that a second `up` can see a changed lab file. */
export function planFingerprint(plan: Plan): string {
	return createHash("sha256").update(JSON.stringify(plan)).digest("hex").slice(0, 16);
}
