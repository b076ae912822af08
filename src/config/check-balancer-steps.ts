/** Steps that make a node a load balancer: ipvs and xdp. */
import { isIPv4 } from "node:net";
import { inSubnet, parseService } from "../model/name.ts";
import type { StepBody } from "../model/step.ts";
import type { StepScene } from "./check-steps.ts";
import { unusableAs } from "./subnet.ts";
import type { Path } from "./tree.ts";

interface Server {
	address: string;
	weight: number | undefined;
	path: Path;
}

export function checkIpvs(ipvs: StepBody<"ipvs">, scene: StepScene): void {
	const { report } = scene;
	const path = [...scene.path, "ipvs"];
	const servers = ipvs.servers.map((server, index): Server => {
		const place = [...path, "servers", index];
		if (typeof server === "string") return { address: server, weight: undefined, path: place };
		return { address: server.address, weight: server.weight, path: [...place, "address"] };
	});
	if (ipvs.service !== undefined) checkIpvsService(ipvs.service, ipvs.persistent, scene);
	for (const server of servers) checkServer(server, ipvs, scene);
	checkTwice(servers, scene);
	checkWeights(servers, [...path, "servers"], scene);
	for (const { weight, path: place } of servers) {
		if (ipvs.scheduler === "rr" && weight !== undefined && weight > 1) {
			const weightPath = [...place.slice(0, -1), "weight"];
			report.add(weightPath, `scheduler rr ignores weight ${weight}`, "use scheduler: wrr, or leave the weight out");
		}
	}
}

function checkIpvsService(text: string, persistent: number | undefined, scene: StepScene): void {
	const place = [...scene.path, "ipvs", "service"];
	const service = parseService(text);
	if (service.port === undefined && persistent === undefined) {
		scene.report.add(place, "a service on every port needs persistent", "ipvsadm refuses port 0 otherwise");
	}
	const unusable = unusableAs(service.address);
	if (unusable) scene.report.add(place, `VIP ${service.address} ${unusable}`);
	else checkVipIsHeld(service.address, place, scene);
	const same = (scene.node.steps ?? []).findIndex((step) => step.ipvs?.service === text);
	const index = scene.path.at(-1);
	if (typeof index === "number" && same >= 0 && same < index) {
		scene.report.add(place, `IPVS service ${text} is made twice in node ${scene.nodeName}`);
	}
}

/** IPVS only looks at packets that the node takes for its own. */
function checkVipIsHeld(vip: string, place: Path, { allDevices, nodeName, report }: StepScene): void {
	const held = allDevices.addresses.some(({ dev, cidr }) => {
		// On lo, and by a local route, a whole subnet is the node's own.
		const [address] = cidr.split("/");
		return address === vip || (dev === "lo" && cidr.includes("/") && inSubnet(vip, cidr));
	});
	if (held || allDevices.mentions(vip) || report.isLostBelow(["nodes", nodeName])) return;
	const hint =
		"give it to an interface, add it with an address step, or make it local: route: { to: VIP, dev: lo, type: local }";
	report.add(place, `VIP ${vip} is no address of node ${nodeName}: IPVS would never see its packets`, hint);
}

function checkServer({ address, path }: Server, ipvs: StepBody<"ipvs">, { report }: StepScene): void {
	const [, host = "", port] = /^([^:]*)(?::(\d+))?$/.exec(address) ?? [];
	const portIsFree = ipvs.fwmark !== undefined || ipvs.service?.includes(":any/") === true;
	if (!isIPv4(host) || (port === undefined && !portIsFree)) {
		report.add(path, `server "${address}" is not ADDRESS:PORT, e.g. 10.10.0.2:8000`);
		return;
	}
	const number = Number(port ?? 0);
	if (number > 65535 || (number === 0 && !portIsFree)) {
		report.add(path, `server "${address}" has port ${number}, which is not between 1 and 65535`);
		return;
	}
	const wanted = ipvs.service === undefined ? undefined : parseService(ipvs.service).port;
	if (ipvs.forward !== "masquerade" && wanted !== undefined && number !== wanted) {
		const hint = `write ${host}:${wanted}, or use forward: masquerade`;
		report.add(path, `forward: ${ipvs.forward} cannot change the port from ${wanted} to ${number}`, hint);
	}
}

function checkTwice(servers: readonly Server[], { report }: StepScene): void {
	const seen = new Set<string>();
	for (const { address, path } of servers) {
		if (seen.has(address)) report.add(path, `${address} is listed twice`, "give it a higher weight instead");
		seen.add(address);
	}
}

function checkWeights(servers: readonly Server[], path: Path, { report }: StepScene): void {
	if (servers.length === 0 || servers.some(({ weight }) => weight !== 0)) return;
	report.addAtKey(path, "all weights are 0: nothing would get a connection", "give at least one a weight above 0");
}

export function checkXdp(xdp: StepBody<"xdp">, scene: StepScene): void {
	const { node, report, devices } = scene;
	const path = [...scene.path, "xdp"];
	checkProgram("xdp", xdp.dev, scene);
	if (!node.privileged && node.apparmor === undefined) {
		const mount = "AppArmor denies the mount of a bpffs on Debian and Ubuntu hosts otherwise";
		lacking("xdp", "apparmor: unconfined", mount, scene);
	}
	const subnets = devices.addresses.filter(({ dev }) => dev === xdp.dev).map(({ cidr }) => cidr);
	const nextHop = xdp["next-hop"];
	if (subnets.length > 0 && !subnets.some((subnet) => inSubnet(nextHop, subnet))) {
		const hint = `subnets of ${xdp.dev}: ${subnets.join(", ")}; the next hop's MAC address is asked for on that wire`;
		report.add([...path, "next-hop"], `next hop ${nextHop} is in no subnet of ${xdp.dev}`, hint);
	}
	checkVips(xdp, path, scene);
}

function checkVips(xdp: StepBody<"xdp">, path: Path, scene: StepScene): void {
	const seen = new Set<string>();
	xdp.vips.forEach(({ vip, reals }, index) => {
		const place = [...path, "vips", index];
		const unusable = unusableAs(parseService(vip).address);
		if (unusable) scene.report.add([...place, "vip"], `VIP ${parseService(vip).address} ${unusable}`);
		if (seen.has(vip)) scene.report.add([...place, "vip"], `VIP ${vip} is listed twice`);
		seen.add(vip);
		const servers = reals.map((real, number): Server => {
			const realPath = [...place, "reals", number];
			if (typeof real === "string") return { address: real, weight: undefined, path: realPath };
			return { address: real.address, weight: real.weight, path: [...realPath, "address"] };
		});
		checkTwice(servers, scene);
		checkWeights(servers, [...place, "reals"], scene);
		for (const server of servers) checkReal(server, xdp, scene);
	});
}

/** Largest weight that `xdplb real add` takes. */
const MAX_XDP_WEIGHT = 1000;

function checkReal({ address, weight, path }: Server, xdp: StepBody<"xdp">, { report }: StepScene): void {
	if (weight !== undefined && weight > MAX_XDP_WEIGHT) {
		const place = [...path.slice(0, -1), "weight"];
		report.add(place, `weight ${weight} is more than the balancer takes`, `at most ${MAX_XDP_WEIGHT}`);
	}
	if (isIPv4(address) !== isIPv4(xdp.source)) {
		const family = isIPv4(address) ? "IPv4" : "IPv6";
		const hint = "the outer header has both addresses, so they are of one family";
		report.add(path, `real ${address} has an ${family} address, and the source ${xdp.source} has not`, hint);
	}
}

export function checkDecap(decap: StepBody<"decap">, scene: StepScene): void {
	checkProgram("decap", decap.dev, scene);
}

/** What both of the balancer's programs need to be attached to a device. */
function checkProgram(kind: "xdp" | "decap", dev: string, scene: StepScene): void {
	const { node, nodeName, report, devices, path } = scene;
	const copies = "this copies the balancer's control program in";
	if (!node.programs?.includes("xdplb")) lacking(kind, "programs: [xdplb]", copies, scene);
	const bpf = "Docker's seccomp profile allows bpf() only with it";
	if (!node.privileged && !node.capabilities?.includes("SYS_ADMIN")) {
		lacking(kind, "capabilities: [SYS_ADMIN]", bpf, scene);
	}
	// Not checkDevice: what tunnel or bridge steps make cannot carry the program's wire.
	if (devices.has(dev)) return;
	report.unknown([...path, kind, "dev"], "interface", dev, [...devices.names], ` in node ${nodeName}`);
}

function lacking(kind: "xdp" | "decap", need: string, hint: string, { path, report, nodeName }: StepScene): void {
	const article = kind === "xdp" ? "an" : "a";
	report.absent([...path, kind], `${article} ${kind} step needs ${need} in node ${nodeName}`, hint, [
		"nodes",
		nodeName,
	]);
}
