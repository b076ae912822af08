/** The headers of one frame as lines, and what a node changed in them between two wires. Pure. */
import type { Frame, PortRecord } from "../model/observation.ts";
import type { Traffic } from "../model/scenario.ts";
import type { TraceHeader, TraceHop } from "../model/trace.ts";
import { canonical } from "./address.ts";

const ENCAPSULATION_WORDS = { none: "", ipip: "IPIP", vxlan: "VXLAN", gre: "GRE" } as const;

/** The headers, outermost first. `before` is the frame of the hop before in the same direction. */
export function headersOf(frame: Frame, before: Frame | undefined, ports: readonly PortRecord[]): TraceHeader[] {
	const wrapped = frame.encapsulation !== "none";
	return [
		{ layer: "Ethernet", text: `${macName(frame.sourceMac, ports)} > ${macName(frame.destinationMac, ports)}` },
		...(wrapped ? outerHeaders(frame, before) : []),
		addressHeader(frame, before),
		...portHeader(frame, before),
	];
}

function macName(mac: string, ports: readonly PortRecord[]): string {
	const port = ports.find((entry) => entry.mac.toLowerCase() === mac);
	return port ? `${mac} (${port.node} ${port.interface})` : mac;
}

function outerHeaders(frame: Frame, before: Frame | undefined): TraceHeader[] {
	const text = `${frame.outerSource} > ${frame.outerDestination}`;
	const added = before === undefined || before.encapsulation === "none";
	const changed =
		!added && (before.outerSource !== frame.outerSource || before.outerDestination !== frame.outerDestination);
	const change = added ? "added" : changed ? "rewritten" : undefined;
	const outer: TraceHeader = { layer: family(frame.outerSource), text, ...(change ? { change } : {}) };
	if (frame.encapsulation === "vxlan") {
		return [outer, { layer: "VXLAN", text: `network ${frame.vni ?? "?"}`, ...(added ? { change: "added" } : {}) }];
	}
	if (frame.encapsulation === "gre") return [outer, { layer: "GRE", text: "", ...(added ? { change: "added" } : {}) }];
	return [outer];
}

function addressHeader(frame: Frame, before: Frame | undefined): TraceHeader {
	const change = before && [
		...(before.source === frame.source ? [] : [`source was ${before.source}`]),
		...(before.destination === frame.destination ? [] : [`destination was ${before.destination}`]),
	];
	return {
		layer: family(frame.source),
		text: `${frame.source} > ${frame.destination}`,
		...(change && change.length > 0 ? { change: change.join(", ") } : {}),
	};
}

function portHeader(frame: Frame, before: Frame | undefined): TraceHeader[] {
	if (frame.protocol === "icmp") return [{ layer: "ICMP", text: "echo" }];
	if (frame.sourcePort === undefined) return [];
	const change = before && [
		...(before.sourcePort === frame.sourcePort ? [] : [`source port was ${before.sourcePort}`]),
		...(before.destinationPort === frame.destinationPort ? [] : [`destination port was ${before.destinationPort}`]),
	];
	return [
		{
			layer: frame.protocol === "udp" ? "UDP" : "TCP",
			text: [`${frame.sourcePort} > ${frame.destinationPort}`, ...flagNames(frame)].join(" "),
			...(change && change.length > 0 ? { change: change.join(", ") } : {}),
		},
	];
}

function family(address: string | undefined): "IPv4" | "IPv6" {
	return address?.includes(":") ? "IPv6" : "IPv4";
}

interface Step {
	direction: TraceHop["direction"];
	from: string;
	frame: Frame;
}

/** What the node in front of a hop did to the packet, one sentence each. */
export function changesBetween(
	{ direction, from, frame }: Step,
	before: Frame | undefined,
	traffic: Traffic | undefined,
): string[] {
	if (!before) return [firstWords(direction, from, frame, traffic)];
	const changes: string[] = [];
	const outer = `${frame.outerSource} > ${frame.outerDestination}`;
	if (before.encapsulation === "none" && frame.encapsulation !== "none") {
		changes.push(`${from} puts an outer header in front (${ENCAPSULATION_WORDS[frame.encapsulation]}): ${outer}`);
	}
	if (before.encapsulation !== "none" && frame.encapsulation === "none") {
		changes.push(`${from} takes the outer header off`);
	}
	const [oldTarget, target] = [endOf(before, "destination"), endOf(frame, "destination")];
	if (oldTarget !== target) changes.push(`${from} rewrites the destination: ${oldTarget} becomes ${target}`);
	const [oldSource, source] = [endOf(before, "source"), endOf(frame, "source")];
	if (oldSource !== source) changes.push(`${from} rewrites the source: ${oldSource} becomes ${source}`);
	return changes.length > 0 ? changes : [`${from} forwards it as it is`];
}

/** `10.0.0.1:80` or `[fd00::1]:80`, as far as known. */
export function endOf(frame: Frame, side: "source" | "destination"): string {
	const port = side === "source" ? frame.sourcePort : frame.destinationPort;
	const address = frame[side] ?? "?";
	if (port === undefined) return address;
	return address.includes(":") ? `[${address}]:${port}` : `${address}:${port}`;
}

/** `SYN`, `ACK`: the flags that are set. */
export function flagNames({ flags }: Frame): string[] {
	return Object.entries(flags ?? {}).flatMap(([name, set]) => (set ? [name.toUpperCase()] : []));
}

function firstWords(
	direction: TraceHop["direction"],
	from: string,
	frame: Frame,
	traffic: Traffic | undefined,
): string {
	const to = endOf(frame, "destination");
	if (direction === "reply") return `${from} answers from ${endOf(frame, "source")}`;
	const wanted = wantedAddress(traffic);
	if (wanted !== undefined && frame.destination !== undefined && frame.destination !== wanted) {
		return `${from} has rewritten the destination before sending: ${wanted} becomes ${to}`;
	}
	return `${from} sends to ${to}`;
}

/** The address that the client was told to speak to. */
export function wantedAddress(traffic: Traffic | undefined): string | undefined {
	if (traffic?.nc !== undefined) return traffic.nc.split(":")[0];
	const host = traffic?.curl === undefined ? traffic?.ping : new URL(traffic.curl).hostname.replace(/^\[|\]$/g, "");
	return host === undefined ? undefined : canonical(host);
}
