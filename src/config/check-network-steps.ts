/** Steps that set up a node's own networking: sysctl, address, route, tunnel, bridge. */
import { inSubnet } from "../model/name.ts";
import type { StepBody } from "../model/step.ts";
import type { StepScene } from "./check-steps.ts";

/** Says so when the step names a device that the node does not have by then. */
export function checkDevice(name: string, key: readonly (string | number)[], scene: StepScene): void {
	const { devices, allDevices, path, report, nodeName } = scene;
	if (devices.has(name)) return;
	if (allDevices.names.has(name)) {
		const hint = `move this step below the one that makes ${name}`;
		report.add([...path, ...key], `interface "${name}" is made only by a later step`, hint);
		return;
	}
	report.unknown([...path, ...key], "interface", name, [...devices.names], ` in node ${nodeName}`);
}

export function checkSysctl(sysctl: StepBody<"sysctl">, scene: StepScene): void {
	for (const key of Object.keys(sysctl)) {
		// Slashes instead of dots let an interface name have a dot: net/ipv4/conf/eth0.100/rp_filter.
		const parts = key.split(key.includes("/") ? "/" : ".");
		const [, family, group, device] = parts;
		const perDevice = (family === "ipv4" || family === "ipv6") && (group === "conf" || group === "neigh");
		if (!perDevice || device === undefined || device === "all" || device === "default") continue;
		if (scene.devices.has(device)) continue;
		const known = ["all", "default", ...scene.devices.names];
		scene.report.unknown([...scene.path, "sysctl", key], "interface", device, known, ` in the key ${key}`);
	}
}

export function checkAddress(address: StepBody<"address">, scene: StepScene): void {
	checkDevice(address.dev, ["address", "dev"], scene);
	const { path, report } = scene;
	[address.add].flat().forEach((cidr, index) => {
		const place = [...path, "address", "add", ...(Array.isArray(address.add) ? [index] : [])];
		const before = scene.devices.addresses.some((entry) => entry.dev === address.dev && entry.cidr === cidr);
		if (before || [address.add].flat().indexOf(cidr) < index)
			report.add(place, `${address.dev} has the address ${cidr} already`);
	});
}

export function checkRoute(route: StepBody<"route">, scene: StepScene): void {
	const { path, report } = scene;
	if (route.dev !== undefined) checkDevice(route.dev, ["route", "dev"], scene);
	const leadsNowhere = route.via === undefined && route.dev === undefined;
	if (leadsNowhere && (route.type === undefined || route.type === "unicast")) {
		report.absent([...path, "route"], "a route needs via, dev or a type such as blackhole");
	}
	if (leadsNowhere && route.type === "local") {
		report.absent([...path, "route"], "a local route needs dev", "usually dev: lo");
	}
	if (route.onlink && (route.via === undefined || route.dev === undefined)) {
		const message = "onlink needs via and dev: the kernel cannot find the interface by itself";
		report.absent([...path, "route", "onlink"], message, undefined, [...path, "route"]);
	}
	if (route.via !== undefined && !route.onlink && !isReachable(route.via, scene)) {
		const subnets = scene.devices.addresses.map(({ cidr, dev }) => `${cidr} on ${dev}`).join(", ");
		const hint = `subnets of the node: ${subnets || "none"}; with dev and onlink: true the kernel takes it all the same`;
		report.add([...path, "route", "via"], `next hop ${route.via} is in no subnet of the node`, hint);
	}
}

/** A next hop must be on a wire of the node. Other tables and unknown commands may say more than the file shows. */
function isReachable(via: string, { devices }: StepScene): boolean {
	if (devices.hasRunCommands) return true;
	return [...devices.addresses.map(({ cidr }) => cidr), ...devices.onLink].some((subnet) =>
		subnet.includes("/") ? inSubnet(via, subnet) : subnet === via,
	);
}

export function checkTunnel(tunnel: StepBody<"tunnel">, scene: StepScene): void {
	const { report } = scene;
	const path = [...scene.path, "tunnel"];
	checkNewName(tunnel.name, [...path, "name"], scene);
	if (tunnel.dev !== undefined) checkDevice(tunnel.dev, ["tunnel", "dev"], scene);
	const isVxlan = tunnel.mode === "vxlan";
	if (isVxlan && tunnel.id === undefined) {
		report.absent(path, 'a vxlan tunnel needs "id", its VXLAN network identifier', "both ends must have the same id");
	}
	for (const key of ["id", "port"] as const) {
		if (!isVxlan && tunnel[key] !== undefined)
			report.addAtKey([...path, key], `"${key}" is for vxlan, not for ${tunnel.mode}`);
	}
	if (isVxlan) return;
	if (tunnel.external && (tunnel.local !== undefined || tunnel.remote !== undefined)) {
		const extra = tunnel.local !== undefined ? "local" : "remote";
		report.addAtKey([...path, extra], `an external tunnel has no "${extra}": it accepts packets of any peer`);
	}
	if (!tunnel.external && tunnel.local === undefined) {
		report.absent(path, `a tunnel of mode ${tunnel.mode} needs either "local" or "external: true"`);
	}
}

export function checkBridge(bridge: StepBody<"bridge">, scene: StepScene): void {
	checkNewName(bridge.name, [...scene.path, "bridge", "name"], scene);
	(bridge.ports ?? []).forEach((port, index) => {
		checkDevice(port, ["bridge", "ports", index], scene);
	});
}

function checkNewName(name: string, path: readonly (string | number)[], scene: StepScene): void {
	if (!scene.devices.names.has(name) && name !== "lo") return;
	scene.report.add(path, `node ${scene.nodeName} has an interface "${name}" already`);
}
