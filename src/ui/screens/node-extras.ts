/** What a node has beyond its wires, read from its steps: further addresses, tunnels, bridges, VIPs with their reals. Pure. */
import { type Lab, nodeWithAddress } from "../../model/lab.ts";
import type { BalancerCount } from "../../model/live-counters.ts";
import { parseService } from "../../model/name.ts";
import type { Step } from "../../model/step.ts";

export interface Extra {
	kind: "address" | "tunnel" | "bridge" | "vip" | "service";
	/** Interface, or `VIP`. */
	name: string;
	text: string;
	/** For a VIP that is served here: its reals, behind the text. */
	reals?: string[];
	/** Which counters belong to it. */
	counts?: { kind: "ipvs" | "xdp" | "iptables"; service: string };
}

/** The addresses that balancers of the lab serve. */
export function vipsOf(lab: Lab): Set<string> {
	const steps = Object.values(lab.nodes).flatMap((node) => node.steps ?? []);
	return new Set(
		steps.flatMap(({ ipvs, xdp, iptables }) => [
			...(ipvs?.service ? [parseService(ipvs.service).address] : []),
			...(xdp?.vips ?? []).map(({ vip }) => parseService(vip).address),
			...(iptables?.rules ?? []).flatMap((rule) => (rule.includes("DNAT") ? (dnatRule(rule)?.from ?? []) : [])),
		]),
	);
}

/** Everything a node has beyond its interfaces, in the order of its steps. */
export function extrasOf(lab: Lab, node: string): Extra[] {
	const vips = vipsOf(lab);
	return (lab.nodes[node]?.steps ?? []).flatMap((step) => stepExtras(lab, step, vips));
}

function stepExtras(lab: Lab, step: Step, vips: Set<string>): Extra[] {
	const { address, tunnel, bridge, decap, ipvs, xdp, iptables, service } = step;
	if (address) return [address.add].flat().map((entry) => addressExtra(address.dev, entry, vips));
	if (tunnel) return [{ kind: "tunnel", name: tunnel.name, text: tunnelText(lab, tunnel) }];
	if (decap) return [{ kind: "tunnel", name: decap.dev, text: "an XDP program takes outer headers off here" }];
	if (bridge) {
		const ports = bridge.ports && bridge.ports.length > 0 ? ` with ${bridge.ports.join(", ")}` : "";
		return [{ kind: "bridge", name: bridge.name, text: `bridge${ports}${bridge.address ? ` ${bridge.address}` : ""}` }];
	}
	if (ipvs) return [ipvsExtra(lab, ipvs)];
	if (xdp) return xdpExtras(lab, xdp);
	if (iptables) return dnatExtras(lab, iptables);
	if (service?.listen) return [{ kind: "service", name: "serves", text: `${service.listen.join(", ")} (${step.id})` }];
	return [];
}

function addressExtra(dev: string, address: string, vips: Set<string>): Extra {
	const isVip = vips.has(address.split("/")[0] ?? "");
	return isVip
		? { kind: "vip", name: dev, text: `${address} = the VIP` }
		: { kind: "address", name: dev, text: address };
}

const TUNNEL_WORDS = { ipip: "IPIP", gre: "GRE", vxlan: "VXLAN" } as const;

function tunnelText(lab: Lab, { mode, remote, external, id }: NonNullable<Step["tunnel"]>): string {
	const name = `${TUNNEL_WORDS[mode]}${id === undefined ? "" : ` ${id}`} tunnel`;
	if (remote === undefined || external) return `${name}, from anybody`;
	const node = nodeWithAddress(lab, remote);
	return `${name} to ${node ?? remote}${node ? ` ${remote}` : ""}`;
}

const FORWARD_WORDS = { masquerade: "NAT", tunnel: "IPIP", direct: "direct routing" } as const;

function ipvsExtra(lab: Lab, { service, fwmark, scheduler, forward, servers }: NonNullable<Step["ipvs"]>): Extra {
	const reals = servers.map((entry) => realName(lab, typeof entry === "string" ? entry : entry.address));
	const name = service ?? `fwmark ${fwmark}`;
	return {
		kind: "vip",
		name: "VIP",
		text: `${name} IPVS ${scheduler}, ${FORWARD_WORDS[forward]}`,
		reals,
		counts: { kind: "ipvs", service: name },
	};
}

function xdpExtras(lab: Lab, { vips }: NonNullable<Step["xdp"]>): Extra[] {
	return vips.map(({ vip, reals }) => ({
		kind: "vip",
		name: "VIP",
		text: `${vip} XDP, IPIP`,
		reals: reals.map((entry) => realName(lab, typeof entry === "string" ? entry : entry.address)),
		counts: { kind: "xdp", service: vip },
	}));
}

/** `int1:8000`; the address itself where no node has it. */
function realName(lab: Lab, real: string): string {
	const [address = "", port] = real.split(":");
	const node = nodeWithAddress(lab, address) ?? address;
	return port === undefined ? node : `${node}:${port}`;
}

function dnatRule(rule: string): { from: string; port?: string; to: string } | undefined {
	const from = /-d (\d[\d.]*)/.exec(rule)?.[1];
	const to = /--to-destination (\S+)/.exec(rule)?.[1];
	const port = /--dport (\d+)/.exec(rule)?.[1];
	return from !== undefined && to !== undefined ? { from, to, ...(port ? { port } : {}) } : undefined;
}

/** DNAT rules for one address as one VIP. */
function dnatExtras(lab: Lab, { table, chain, rules }: NonNullable<Step["iptables"]>): Extra[] {
	const targets = new Map<string, string[]>();
	for (const rule of rules.flatMap((text) => dnatRule(text) ?? [])) {
		const vip = rule.port === undefined ? rule.from : `${rule.from}:${rule.port}`;
		targets.set(vip, [...(targets.get(vip) ?? []), realName(lab, rule.to)]);
	}
	return [...targets].map(([vip, to]) => ({
		kind: "vip",
		name: "VIP",
		text: `${vip} iptables ${chain}, DNAT`,
		reals: to,
		counts: { kind: "iptables", service: `${table ?? "filter"} ${chain}` },
	}));
}

/** What is known of a VIP's reals: their names, with the connections that each was given in parentheses. */
export function realsText({ reals, counts }: Extra, balancers: readonly BalancerCount[]): string {
	const found = counts && balancers.find(({ kind, service }) => kind === counts.kind && service === counts.service);
	if (found && found.rows.length > 0) {
		return ` to ${found.rows.map((row) => `${row.node ?? row.name} (${row.connections})`).join(", ")}`;
	}
	return reals === undefined ? "" : ` to ${reals.join(", ") || "no real"}`;
}
