import { describe, expect, it } from "vitest";
import { arp, ethernet, gre, ipv4, ipv6, tcp, udp, vxlan } from "../../test/judge/frame-writer.ts";
import { decodeFrame } from "./decode-frame.ts";

const [A, B] = ["10.0.0.1", "10.0.0.2"];
const SEGMENT = tcp(40000, 80, "hello");
const ADDRESSES = { source: A, destination: B };

function over4(protocol: number, inner: Buffer): Buffer {
	return ethernet(0x0800, ipv4(A, B, protocol, inner));
}

describe("a frame cut right behind a header still has that header", () => {
	const v6 = ipv6("fd000000000000000000000000000001", "fd000000000000000000000000000002", 58, Buffer.alloc(8));
	it.each([
		{ header: "Ethernet", frame: ethernet(0x0806, arp(A, B)), bytes: 14, has: { protocol: "arp" } },
		{ header: "ARP", frame: ethernet(0x0806, arp(A, B)), bytes: 14 + 28, has: ADDRESSES },
		{ header: "IPv4", frame: over4(6, SEGMENT), bytes: 14 + 20, has: { protocol: "tcp", ...ADDRESSES } },
		{ header: "IPv6", frame: ethernet(0x86dd, v6), bytes: 14 + 40, has: { protocol: "icmp", source: "fd00::1" } },
		{ header: "TCP flags", frame: over4(6, SEGMENT), bytes: 34 + 14, has: { sourcePort: 40000, payload: 5 } },
		{ header: "UDP", frame: over4(17, udp(1, 2, Buffer.alloc(9))), bytes: 34 + 8, has: { sourcePort: 1, payload: 9 } },
		{ header: "GRE", frame: over4(47, gre(0x0806, arp(A, B))), bytes: 34 + 4, has: { protocol: "arp" } },
		{
			header: "VXLAN's Ethernet",
			frame: over4(17, vxlan(ethernet(0x0806, arp(A, B)))),
			bytes: 34 + 16 + 14,
			has: { protocol: "arp", encapsulation: "vxlan" },
		},
	])("$header", ({ frame, bytes, has }) => {
		const origin = { node: "gw", interface: "eth1", time: 0, length: frame.length };
		expect(decodeFrame(frame.subarray(0, bytes), origin)).toMatchObject(has);
		expect(decodeFrame(frame.subarray(0, bytes - 1), origin)).not.toMatchObject(has);
	});
});
