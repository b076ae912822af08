/** Addresses as logs, captures and scenarios write them, compared as addresses and not as text. */
import ipaddr from "ipaddr.js";
import { inSubnet } from "../model/name.ts";

/** One spelling per address: IPv6 as in RFC 5952, IPv4 mapped into IPv6 (::ffff:10.0.0.1) as IPv4, no prefix length. */
export function canonical(address: string): string {
	const plain = address.split("/")[0] ?? "";
	if (!ipaddr.isValid(plain)) return address;
	const parsed = ipaddr.process(plain);
	return parsed instanceof ipaddr.IPv6 ? parsed.toRFC5952String() : parsed.toString();
}

/** True when `address` is `wanted`, or lies in it when `wanted` is a subnet. What is no address never matches. */
export function addressMatches(address: string | undefined, wanted: string): boolean {
	if (address === undefined) return false;
	const plain = canonical(address);
	if (!wanted.includes("/")) return plain === canonical(wanted);
	return ipaddr.isValid(plain) && inSubnet(plain, wanted);
}
