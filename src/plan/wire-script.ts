/** The commands that make the wires: segments and veth pairs (fabric), or renaming what Docker made (node). */
import { PASS_PROGRAM } from "../model/pass-program.ts";
import type { Plan, PlannedNode, PlannedPort } from "../model/plan.ts";

/** True for a port whose network is made of veth pairs. */
export function isVeth(plan: Plan, port: PlannedPort): boolean {
	return plan.networks.find((network) => network.name === port.network)?.driver === "veth";
}

/** The veth ports of a plan. */
export function vethPorts(plan: Plan): PlannedPort[] {
	return plan.nodes.flatMap((node) => node.ports.filter((port) => isVeth(plan, port)));
}

/**
 * What the fabric runs: a bridge per segment in its own network namespace, where no firewall rule of the host ever sees a
 * frame, and a veth pair per interface whose far end is pushed into the node by its process id. `pids` maps node names to
 * process ids; for a transcript they may be words such as `$gw`.
 */
export function fabricCommands(plan: Plan, pids: Record<string, string>): string[] {
	const commands: string[] = [];
	for (const network of plan.networks.filter((entry) => entry.driver === "veth")) {
		const name = network.objectName;
		// No multicast snooping: it delays the first frames of a fresh bridge and no lab needs it.
		commands.push(`ip link add name ${name} type bridge mcast_snooping 0`, `ip link set ${name} up`);
		if (network.mtu) commands.push(`ip link set ${name} mtu ${network.mtu}`);
	}
	for (const port of vethPorts(plan)) commands.push(...wireCommands(plan, port, pids[port.node] ?? "0"));
	return commands;
}

function wireCommands(plan: Plan, port: PlannedPort, pid: string): string[] {
	const bridge = plan.networks.find((network) => network.name === port.network)?.objectName;
	const mtu = port.mtu ? ` mtu ${port.mtu}` : "";
	return [
		`ip link add name ${port.fabricPort}${mtu} type veth peer name ${port.interface} address ${port.mac}${mtu} netns ${pid}`,
		`ip link set ${port.fabricPort} master ${bridge} up`,
	];
}

/** File of the passing program inside the fabric. */
const PASS_FILE = "/run/lab-pass.o";

/** What the fabric runs behind its other commands: a program that passes everything on its end of wires that need one. */
export function passCommands(plan: Plan): string[] {
	const ports = vethPorts(plan).filter((port) => port.passProgram);
	if (ports.length === 0) return [];
	return [
		`echo ${PASS_PROGRAM} | base64 -d | gunzip >${PASS_FILE}`,
		...ports.map((port) => `ip link set dev ${port.fabricPort} xdpdrv obj ${PASS_FILE} sec xdp`),
	];
}

/** What a node does to its own veth interfaces once their wires are there. */
export function vethNodeCommands(plan: Plan, node: PlannedNode): string[] {
	const commands = ["ip link set lo up"];
	for (const port of node.ports.filter((entry) => isVeth(plan, entry))) {
		for (const address of port.addresses) commands.push(`ip address add ${address} dev ${port.interface}`);
		commands.push(`ip link set ${port.interface} up`);
	}
	return commands;
}

/**
 * Brings what Docker attached to the documented picture: interfaces found by MAC address (Docker's order is not the order
 * of attachment) and renamed by way of temporary names, so that eth0 and eth1 can change places; Docker's default route
 * removed; further addresses added.
 */
export function dockerNodeCommands(plan: Plan, node: PlannedNode, macs: Record<string, string>): string[] {
	const ports = node.ports.filter((port) => !isVeth(plan, port));
	if (ports.length === 0) return [];
	const macOf = (port: PlannedPort) => macs[port.interface] ?? port.mac;
	return [
		"for file in /sys/class/net/*/address; do read -r mac <$file; link=${file%/address}; link=${link##*/}; case $mac in",
		...ports.map((port, index) => `${macOf(port)}) name=labtmp${index} ;;`),
		"*) continue ;;",
		`esac; echo "link set $link down"; echo "link set $link name $name"; done | ip -batch - || exit 1`,
		...ports.map(
			(port, index) =>
				`[ -e /sys/class/net/labtmp${index} ] || { echo "no interface has the MAC address ${macOf(port)}" >&2; exit 1; }`,
		),
		// In one process: starting one costs 20 ms under emulation.
		"ip -batch - <<'IP' || exit 1",
		...ports.flatMap(portBatch),
		"IP",
		// Taking a link down dropped the routes Docker made over it; what is left of them must go as well.
		"ip route flush default 2>/dev/null || true",
	];
}

function portBatch(port: PlannedPort, index: number): string[] {
	const name = port.interface;
	return [
		`link set labtmp${index} name ${name}`,
		...(port.mtu ? [`link set ${name} mtu ${port.mtu}`] : []),
		`link set ${name} up`,
		...port.addresses.slice(1).map((address) => `address add ${address} dev ${name}`),
	];
}
