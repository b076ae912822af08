/** Arithmetic on IPv4 addresses and subnets that the model has accepted. */
import { isIPv4 } from "node:net";
import { inSubnet } from "../model/name.ts";

/** Address as a number, or undefined for IPv6. */
export function toNumber(address: string): number | undefined {
	if (!isIPv4(address)) return undefined;
	return address.split(".").reduce((sum, byte) => sum * 256 + Number(byte), 0);
}

export function toAddress(number: number): string {
	return [24, 16, 8, 0].map((shift) => Math.floor(number / 2 ** shift) % 256).join(".");
}

/** `10.0.0.1` of `10.0.0.1/24` */
export function plainAddress(cidr: string): string {
	return cidr.split("/")[0] ?? "";
}

export function prefixLength(cidr: string): number {
	return Number(cidr.split("/")[1] ?? "32");
}

export interface Bounds {
	/** The network's own address. */
	first: string;
	/** The broadcast address. */
	last: string;
	/** Addresses in between. */
	hosts: number;
}

/** First and last address of the subnet an IPv4 CIDR lies in; undefined for IPv6. */
export function boundsOf(cidr: string): Bounds | undefined {
	const number = toNumber(plainAddress(cidr));
	if (number === undefined) return undefined;
	const size = 2 ** (32 - prefixLength(cidr));
	const first = Math.floor(number / size) * size;
	return { first: toAddress(first), last: toAddress(first + size - 1), hosts: Math.max(0, size - 2) };
}

/** Why no host can have the address within the subnet, e.g. `the broadcast address`; undefined when it can. */
export function reservedAs(address: string, subnet: string): string | undefined {
	const bounds = boundsOf(subnet);
	// A /31 has two hosts and nothing else (RFC 3021); a /32 is a single host.
	if (!bounds || prefixLength(subnet) >= 31) return undefined;
	if (address === bounds.first) return "the address of the subnet itself";
	return address === bounds.last ? "the broadcast address" : undefined;
}

/** True when the subnets share an address. */
export function overlap(left: string, right: string): boolean {
	return inSubnet(left, right) || inSubnet(right, left);
}

/** Why no service can listen on the address, or undefined. */
export function unusableAs(address: string): string | undefined {
	const first = Number(address.split(".")[0]);
	if (first === 0) return 'means "any address"';
	if (first >= 224 && first < 240) return "is a multicast address";
	if (first >= 240) return "is reserved";
	return first === 127 ? "is a loopback address, which no other node can reach" : undefined;
}
