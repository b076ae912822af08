/** Which planned subnets a daemon cannot hold because another of its networks has the addresses. Pure. */
import ipaddr from "ipaddr.js";
import { LabError } from "../model/error.ts";
import type { Labels, NetworkInfo } from "./engine.ts";

export interface Clash {
	/** The planned network's name. */
	planned: string;
	/** Its subnet, CIDR. */
	subnet: string;
	/** Name of the daemon's network in the way. */
	other: string;
	otherSubnet: string;
}

/** True when two CIDRs share an address. Different families never do. */
export function overlaps(one: string, two: string): boolean {
	const [a, lengthA] = ipaddr.parseCIDR(one);
	const [b, lengthB] = ipaddr.parseCIDR(two);
	return a.kind() === b.kind() && a.match(b, Math.min(lengthA, lengthB));
}

/** Clashes of `planned` with the networks of a daemon; networks with all the labels `own` are ours and never in the way. */
export function findClashes(
	planned: readonly { name: string; subnet: string }[],
	existing: readonly NetworkInfo[],
	own: Labels,
): Clash[] {
	const others = existing.filter((network) => !isOwn(network, own));
	return planned.flatMap(({ name, subnet }) =>
		others.flatMap((other) =>
			other.subnets
				.filter((candidate) => overlaps(candidate, subnet))
				.map((otherSubnet) => ({ planned: name, subnet, other: other.name, otherSubnet })),
		),
	);
}

function isOwn(network: NetworkInfo, own: Labels): boolean {
	const wanted = Object.entries(own);
	return wanted.length > 0 && wanted.every(([key, value]) => network.labels[key] === value);
}

/** `environment`/`address-clash`, naming the networks in the way. */
export function clashError(clashes: readonly Clash[], cause?: unknown): LabError {
	const text = clashes.map(
		(clash) => `${clash.planned} (${clash.subnet}) overlaps the network ${clash.other} (${clash.otherSubnet})`,
	);
	return new LabError("environment", `The daemon's own networks have the lab's addresses: ${text.join("; ")}`, {
		code: "address-clash",
		hint: `${wayOut([...new Set(clashes.map((clash) => clash.other))])}, or use \`--engine vm\`, where nothing clashes.`,
		cause,
	});
}

/** The default bridge cannot be removed, only moved. */
function wayOut(names: string[]): string {
	const removable = names.filter((name) => name !== "bridge");
	const ways = removable.length > 0 ? [`remove it when unused: \`docker network rm ${removable.join(" ")}\``] : [];
	if (names.includes("bridge")) ways.push('move the default bridge: "bip" in /etc/docker/daemon.json');
	const text = ways.join(" and ");
	return text.charAt(0).toUpperCase() + text.slice(1);
}
