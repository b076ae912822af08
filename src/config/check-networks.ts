/** Networks and interfaces: subnets, addresses, MACs and names that fit together. */
import { addressesOf, type Interface, type Lab } from "../model/lab.ts";
import { inSubnet } from "../model/name.ts";
import type { Report } from "./report.ts";
import { boundsOf, overlap, plainAddress, prefixLength, reservedAs } from "./subnet.ts";
import type { Path } from "./tree.ts";

interface Port {
	node: string;
	name: string;
	entry: Interface;
	path: Path;
}

/** Names that the kernel gives to devices or settings of every namespace. */
const TAKEN_NAMES = ["lo", "all", "default"];

export function checkNetworks(lab: Lab, report: Report): void {
	const ports = portsOf(lab);
	for (const [name, network] of Object.entries(lab.networks)) {
		const path = ["networks", name];
		if (network.driver === "docker" && network.subnet === undefined) {
			const hint = "give it a subnet, e.g. 10.0.0.0/24, or use driver: veth";
			report.absent(path, `network ${name} needs a subnet: Docker manages its addresses`, hint);
		}
		if (network.subnet !== undefined) checkSubnet(name, network.subnet, lab, ports, report);
		if (!ports.some(({ entry }) => entry.network === name)) {
			const hint = "put an interface on it or remove it";
			report.absent(path, `network ${name} has no node on it`, hint, ["nodes"]);
		}
	}
	checkOverlaps(lab, report);
	checkPorts(lab, ports, report);
}

function portsOf(lab: Lab): Port[] {
	return Object.entries(lab.nodes).flatMap(([node, { interfaces }]) =>
		Object.entries(interfaces).map(([name, entry]) => ({
			node,
			name,
			entry,
			path: ["nodes", node, "interfaces", name],
		})),
	);
}

function checkSubnet(name: string, subnet: string, lab: Lab, ports: readonly Port[], report: Report): void {
	const path = ["networks", name, "subnet"];
	const bounds = boundsOf(subnet);
	if (!bounds) return;
	if (bounds.first !== plainAddress(subnet)) {
		const proper = `${bounds.first}/${prefixLength(subnet)}`;
		report.add(path, `${subnet} is an address in a subnet, not a subnet; did you mean "${proper}"?`);
	}
	if (lab.networks[name]?.driver !== "docker") return;
	const used = ports.filter(({ entry }) => entry.network === name).length;
	if (bounds.hosts < used + 1) {
		const hint = `${used} on nodes and one for Docker's own gateway, which no node may use`;
		report.add(path, `${subnet} is too small: network ${name} needs ${used + 1} addresses`, hint);
	}
}

function checkOverlaps(lab: Lab, report: Report): void {
	const docker = Object.entries(lab.networks).filter(([, network]) => network.driver === "docker");
	docker.forEach(([name, { subnet }], index) => {
		const clash = docker.slice(0, index).find(([, other]) => subnet && other.subnet && overlap(subnet, other.subnet));
		if (!clash) return;
		const message = `subnet ${subnet} overlaps with ${clash[1].subnet} of network ${clash[0]}`;
		report.add(
			["networks", name, "subnet"],
			message,
			"Docker refuses overlapping networks; driver: veth does not mind",
		);
	});
}

function checkPorts(lab: Lab, ports: readonly Port[], report: Report): void {
	const macs = new Map<string, Port>();
	const addresses = new Map<string, Port>();
	for (const port of ports) {
		const { entry, name, path } = port;
		if (TAKEN_NAMES.includes(name)) {
			report.addAtKey(path, `"${name}" cannot be the name of an interface: every node has its own ${name}`);
		}
		const network = lab.networks[entry.network];
		if (!network) report.unknown([...path, "network"], "network", entry.network, Object.keys(lab.networks));
		checkMac(port, macs, report);
		addressesOf(entry).forEach((address, index) => {
			const place = [...path, "address", ...(Array.isArray(entry.address) ? [index] : [])];
			checkAddress(address, place, network?.subnet, entry.network, report);
			const key = `${entry.network} ${plainAddress(address)}`;
			const other = addresses.get(key);
			if (other) {
				const message = `address ${plainAddress(address)} is on network ${entry.network} twice`;
				report.add(place, message, `interface ${other.name} of node ${other.node} has it too`);
			} else addresses.set(key, port);
		});
	}
}

function checkAddress(address: string, path: Path, subnet: string | undefined, network: string, report: Report): void {
	const plain = plainAddress(address);
	if (subnet !== undefined && !inSubnet(plain, subnet)) {
		report.add(path, `address ${plain} is outside ${subnet}, the subnet of network ${network}`);
		return;
	}
	const reserved = reservedAs(plain, subnet ?? address) ?? reservedAs(plain, address);
	if (reserved) report.add(path, `address ${plain} is ${reserved} (${subnet ?? address}): no node can have it`);
}

function checkMac(port: Port, macs: Map<string, Port>, report: Report): void {
	const { mac } = port.entry;
	if (mac === undefined) return;
	const path = [...port.path, "mac"];
	if (Number.parseInt(mac.slice(0, 2), 16) % 2 === 1) {
		report.add(path, `${mac} is a multicast address: no interface can have it`, "the first byte must be even, e.g. 02");
	}
	const other = macs.get(mac);
	if (other) {
		report.add(path, `MAC ${mac} is given twice`, `interface ${other.name} of node ${other.node} has it too`);
	} else macs.set(mac, port);
}
