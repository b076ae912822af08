import { describe, expect, it } from "vitest";
import { arp, ethernet, ipv4, tcp, vxlan } from "../../test/judge/frame-writer.ts";
import { decodeFrame } from "./decode-frame.ts";
import { matchesPacket } from "./packet-match.ts";
import { announcedSegmentSize } from "./tcp-options.ts";

/** A header with these options, padded to a multiple of 4 with zeros (end of options). */
function segment(options: string): Buffer {
	const bytes = Buffer.from(options.replaceAll(" ", ""), "hex");
	const padded = Buffer.concat([bytes, Buffer.alloc((4 - (bytes.length % 4)) % 4)]);
	const plain = tcp(40000, 80, "payload", { flags: 0x02, options: padded.length });
	padded.copy(plain, 20);
	return plain;
}

describe("the announced segment size", () => {
	it.each([
		["first, as Linux writes it", "0204 05a0 0402 080a 00000001 00000002 01 030307", 1440],
		["behind no-operations and others", "01 01 0402 0204 05b4", 1460],
		["not there", "0101 080a 00000001 00000002", undefined],
		["behind the end of options", "00 00 00 00 0204 05b4", undefined],
		["behind an option of impossible length", "0400 0204 05b4", undefined],
	])("%s", (_, options, wanted) => {
		expect(announcedSegmentSize(segment(options))).toBe(wanted);
	});

	it("is unknown where the header was cut, and no payload is taken for it", () => {
		const whole = segment("0204 05a0");
		expect(announcedSegmentSize(whole.subarray(0, 24))).toBe(1440);
		for (let length = 0; length < 24; length++) expect(announcedSegmentSize(whole.subarray(0, length))).toBeUndefined();
		const bare = tcp(40000, 80, "\x02\x04\x05\xa0");
		expect(announcedSegmentSize(bare)).toBeUndefined();
	});
});

it("frames carry segment size and VXLAN identifier, and packets can be told by them", () => {
	const origin = { node: "gw", interface: "eth1", time: 0, length: 0 };
	const over4 = (protocol: number, inner: Buffer) => ethernet(0x0800, ipv4("10.0.0.1", "10.0.0.2", protocol, inner));
	const syn = decodeFrame(over4(6, segment("0204 05a0")), { ...origin, length: 100 });
	expect(matchesPacket(syn, { mss: 1440, syn: true })).toBe(true);
	expect(matchesPacket(syn, { mss: 1460 })).toBe(false);
	const wrapped = decodeFrame(over4(17, vxlan(ethernet(0x0806, arp("10.0.0.3", "10.0.0.4")))), {
		...origin,
		length: 100,
	});
	expect(matchesPacket(wrapped, { vni: 42, protocol: "arp" })).toBe(true);
	expect(matchesPacket(wrapped, { vni: 100 })).toBe(false);
	expect(matchesPacket(syn, { vni: 42 })).toBe(false);
});
