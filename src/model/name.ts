/** Names and addresses as they appear in lab files, with the rules that make them valid. */
import { isIP } from "node:net";
import ipaddr from "ipaddr.js";
import { z } from "zod";

/** Longest interface name the kernel takes, in bytes (IFNAMSIZ 16 less the terminator). */
export const MAX_INTERFACE_NAME = 15;

/** Lab, node, network and scenario names: they become container names, host names and file names. */
export const Name = z
	.string()
	.regex(/^[a-z][a-z0-9-]{0,30}$/, "must be 1 to 31 lower-case letters, digits or dashes, starting with a letter");

export const InterfaceName = z
	.string()
	.regex(/^[a-zA-Z][a-zA-Z0-9_.-]*$/, "must start with a letter and hold letters, digits, '_', '.' or '-'")
	.refine((name) => Buffer.byteLength(name) <= MAX_INTERFACE_NAME, {
		error: `is too long for an interface name (at most ${MAX_INTERFACE_NAME} bytes)`,
	});

/** True for `10.0.0.1/24` and `fd00::1/64`. */
export function isCidr(text: string): boolean {
	const [address, length, ...rest] = text.split("/");
	if (!address || !length || rest.length > 0 || !/^\d{1,3}$/.test(length)) return false;
	const family = isIP(address);
	return family !== 0 && Number(length) <= (family === 4 ? 32 : 128);
}

/** True when `address` (plain or with a prefix length) lies inside `subnet` (CIDR). Different families never match. */
export function inSubnet(address: string, subnet: string): boolean {
	const plain = ipaddr.parse(address.split("/")[0] ?? "");
	const [network, length] = ipaddr.parseCIDR(subnet);
	return plain.kind() === network.kind() && plain.match(network, length);
}

export const IpAddress = z
	.string()
	.refine((text) => isIP(text) !== 0, { error: "is not an IP address, e.g. 10.0.0.1" });

export const Cidr = z.string().refine(isCidr, { error: "is not an address with a prefix length, e.g. 10.0.0.1/24" });

export const MacAddress = z
	.string()
	.regex(/^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/, "is not a MAC address in lower case, e.g. 02:42:0a:00:00:01");

/** `ADDRESS:PORT/tcp`, as IPVS and the XDP balancer name a service; `any` stands for every port. */
export const ServiceAddress = z
	.string()
	.regex(/^\d{1,3}(\.\d{1,3}){3}:(\d{1,5}|any)\/(tcp|udp)$/, {
		error: "is not a service address, e.g. 192.168.10.1:80/tcp",
		abort: true,
	})
	.refine(
		(text) =>
			isIP(text.split(":")[0] ?? "") === 4 &&
			!/:(0|6553[6-9]|655[4-9]\d|65[6-9]\d\d|6[6-9]\d{3}|[7-9]\d{4})\//.test(text),
		{
			error: "has an address or a port (1 to 65535) out of range",
		},
	);

export interface ParsedService {
	address: string;
	/** Undefined for `any`. */
	port: number | undefined;
	protocol: "tcp" | "udp";
}

/** Takes a text that `ServiceAddress` has accepted apart. */
export function parseService(text: string): ParsedService {
	const match = /^([\d.]+):(\d+|any)\/(tcp|udp)$/.exec(text);
	if (!match?.[1] || !match[2]) throw new Error(`not a service address: ${text}`);
	return {
		address: match[1],
		port: match[2] === "any" ? undefined : Number(match[2]),
		protocol: match[3] as "tcp" | "udp",
	};
}
