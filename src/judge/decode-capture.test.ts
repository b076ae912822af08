import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { seededRandom } from "../../test/judge/builders.ts";
import { arp, ethernet, gre, ipv4, ipv6, MAC_A, MAC_B, pcap, tcp, udp, vxlan } from "../../test/judge/frame-writer.ts";
import type { Frame } from "../model/observation.ts";
import { decodeCapture } from "./decode-capture.ts";

const PLACE = { node: "gw", interface: "eth1" };

const SEGMENT = tcp(40000, 80, "hello", { options: 12, flags: 0x18, sequence: 4_000_000_000 });
const PACKET = ipv4("10.0.0.1", "10.0.0.2", 6, SEGMENT);
const FRAME = ethernet(0x0800, PACKET);

function decode(frame: Buffer, snapLength = 262_144) {
	const { frames } = decodeCapture(pcap([frame], { snapLength }), PLACE);
	return frames[0];
}

/** What PACKET decodes to, however it is wrapped. */
const INNERMOST = {
	protocol: "tcp",
	source: "10.0.0.1",
	destination: "10.0.0.2",
	sourcePort: 40000,
	destinationPort: 80,
	flags: { syn: false, ack: true, fin: false, rst: false },
	sequence: 4_000_000_000,
	payload: 5,
};

describe("pcap files", () => {
	it.each([
		{ littleEndian: true, nanoseconds: false },
		{ littleEndian: false, nanoseconds: false },
		{ littleEndian: true, nanoseconds: true },
		{ littleEndian: false, nanoseconds: true },
	])("%j", (options) => {
		const { frames, truncated } = decodeCapture(pcap([FRAME, FRAME], options), PLACE);
		expect(truncated).toBe(false);
		expect(frames.map((frame) => frame.time)).toEqual([1_700_000_000.25, 1_700_000_001.25]);
		expect(frames[1]).toEqual({
			...PLACE,
			...INNERMOST,
			time: 1_700_000_001.25,
			sourceMac: MAC_A,
			destinationMac: MAC_B,
			encapsulation: "none",
			length: FRAME.length,
		});
	});

	it("keep the whole frames before a cut, wherever it is", () => {
		const file = pcap([FRAME, FRAME]);
		const end = 24 + 16 + FRAME.length;
		for (let length = 0; length < file.length; length++) {
			const { frames, truncated } = decodeCapture(file.subarray(0, length), PLACE);
			expect([length, frames.length, truncated]).toEqual([
				length,
				length < end ? 0 : 1,
				length !== 24 && length !== end,
			]);
		}
	});

	it("end at a record of impossible length", () => {
		const largest = pcap([Buffer.concat([FRAME, Buffer.alloc(262_144 - FRAME.length)])]);
		expect(decodeCapture(largest, PLACE)).toMatchObject({ frames: [{}], truncated: false });
		const file = pcap([FRAME, FRAME]);
		file.writeUInt32LE(0x7fffffff, 24 + 16 + FRAME.length + 8);
		expect(decodeCapture(file, PLACE)).toMatchObject({ frames: [{}], truncated: true });
	});

	it("may hold frames cut short: lengths come from the headers", () => {
		expect(decode(FRAME, 14 + 20 + 20)).toMatchObject({ ...INNERMOST, length: FRAME.length });
	});

	it("are refused when they are something else", () => {
		const pcapng = Buffer.concat([Buffer.from("0a0d0d0a", "hex"), Buffer.alloc(40)]);
		expect(() => decodeCapture(pcapng, PLACE)).toThrow(
			"the capture at gw eth1 is not a pcap file: it starts with 0a0d0d0a",
		);
		expect(() => decodeCapture(pcap([FRAME], { linkType: 276 }), PLACE)).toThrow("has link type 276, not Ethernet");
	});
});

describe("frames", () => {
	it("with 802.1Q tags, IP options and padding", () => {
		expect(decode(ethernet(0x0800, PACKET, [5]))).toMatchObject(INNERMOST);
		expect(decode(ethernet(0x0800, PACKET, [5, 6]))).toMatchObject(INNERMOST);
		expect(decode(ethernet(0x0800, ipv4("10.0.0.1", "10.0.0.2", 6, SEGMENT, { options: 8 })))).toMatchObject(INNERMOST);
		expect(decode(Buffer.concat([FRAME, Buffer.alloc(20)]))).toMatchObject(INNERMOST);
	});

	it("each TCP flag", () => {
		const flagsOf = (flags: number) =>
			decode(ethernet(0x0800, ipv4("10.0.0.1", "10.0.0.2", 6, tcp(1, 2, "", { flags }))))?.flags;
		expect(flagsOf(0x02)).toEqual({ syn: true, ack: false, fin: false, rst: false });
		expect(flagsOf(0x12)).toEqual({ syn: true, ack: true, fin: false, rst: false });
		expect(flagsOf(0x11)).toEqual({ syn: false, ack: true, fin: true, rst: false });
		expect(flagsOf(0x04)).toEqual({ syn: false, ack: false, fin: false, rst: true });
	});

	it("over 64 kB, whose IP length is 0", () => {
		const huge = decode(ethernet(0x0800, ipv4("10.0.0.1", "10.0.0.2", 6, SEGMENT, { length: 0 })));
		expect(huge).toMatchObject(INNERMOST);
	});

	it("UDP, ICMP and ARP", () => {
		const datagram = decode(ethernet(0x0800, ipv4("10.0.0.1", "10.0.0.2", 17, udp(53, 5353, Buffer.from("abc")))));
		expect(datagram).toMatchObject({ protocol: "udp", sourcePort: 53, destinationPort: 5353, payload: 3 });
		const ping = decode(ethernet(0x0800, ipv4("10.0.0.1", "10.0.0.2", 1, Buffer.alloc(8))));
		expect(ping).toMatchObject({ protocol: "icmp", source: "10.0.0.1", destination: "10.0.0.2", payload: 0 });
		expect(ping).not.toHaveProperty("sourcePort");
		expect(decode(ethernet(0x0806, arp("10.0.0.1", "10.0.0.2")))).toMatchObject({
			protocol: "arp",
			source: "10.0.0.1",
			destination: "10.0.0.2",
		});
	});

	it("IPv6", () => {
		const [a, b] = ["fd00:0000:0000:0000:0000:0000:0000:0001", "fd00:0000:0000:0000:0000:0000:0000:0002"];
		expect(decode(ethernet(0x86dd, ipv6(a, b, 6, SEGMENT)))).toMatchObject({
			...INNERMOST,
			source: "fd00::1",
			destination: "fd00::2",
		});
		expect(decode(ethernet(0x86dd, ipv6(a, b, 58, Buffer.alloc(8))))).toMatchObject({ protocol: "icmp" });
	});

	it("later fragments have no ports", () => {
		const later = decode(ethernet(0x0800, ipv4("10.0.0.1", "10.0.0.2", 6, SEGMENT, { fragmentOffset: 185 })));
		expect(later).toMatchObject({ protocol: "tcp", source: "10.0.0.1", payload: 0 });
		expect(later).not.toHaveProperty("sourcePort");
	});
});

describe("encapsulation", () => {
	const outer = { outerSource: "192.0.2.1", outerDestination: "192.0.2.2" };
	const wrap = (protocol: number, inner: Buffer) => ethernet(0x0800, ipv4("192.0.2.1", "192.0.2.2", protocol, inner));

	it("IPIP", () => {
		expect(decode(wrap(4, PACKET))).toMatchObject({ ...INNERMOST, ...outer, encapsulation: "ipip", sourceMac: MAC_A });
	});

	it.each([0, 0x8000, 0x2000, 0x1000, 0xb000])("GRE with flags %i", (flags) => {
		expect(decode(wrap(47, gre(0x0800, PACKET, flags)))).toMatchObject({
			...INNERMOST,
			...outer,
			encapsulation: "gre",
		});
		expect(decode(wrap(47, gre(0x6558, FRAME, flags)))).toMatchObject({ ...INNERMOST, ...outer, encapsulation: "gre" });
	});

	it("VXLAN, whose inner MAC addresses are not those of the wire", () => {
		const inner = Buffer.concat([Buffer.from("0211111111110222222222220800", "hex"), PACKET]);
		const frame = decode(wrap(17, vxlan(inner)));
		expect(frame).toMatchObject({
			...INNERMOST,
			...outer,
			encapsulation: "vxlan",
			sourceMac: MAC_A,
			destinationMac: MAC_B,
		});
		const inside = decode(wrap(17, vxlan(ethernet(0x0806, arp("10.0.0.1", "10.0.0.2")))));
		expect(inside).toMatchObject({ ...outer, encapsulation: "vxlan", protocol: "arp", source: "10.0.0.1" });
		expect(inside).not.toHaveProperty("sourcePort");
	});

	it("twice: the outer addresses are those right around the innermost packet", () => {
		const ipip = ethernet(0x0800, ipv4("198.51.100.1", "198.51.100.2", 4, PACKET));
		expect(decode(wrap(17, vxlan(ipip)))).toMatchObject({
			...INNERMOST,
			encapsulation: "ipip",
			outerSource: "198.51.100.1",
			outerDestination: "198.51.100.2",
		});
	});

	it("is not followed without end", () => {
		let packet = PACKET;
		for (let i = 0; i < 200; i++) packet = ipv4("192.0.2.1", "192.0.2.2", 4, packet);
		expect(decode(ethernet(0x0800, packet))).toMatchObject({ encapsulation: "ipip", protocol: "other" });
	});
});

describe("damaged frames", () => {
	it("of any length and content decode to something", () => {
		const random = seededRandom(7);
		const samples = [
			FRAME,
			ethernet(0x0800, ipv4("1.1.1.1", "2.2.2.2", 17, vxlan(FRAME))),
			ethernet(0x0806, arp("1.1.1.1", "2.2.2.2")),
		];
		for (const sample of samples) {
			for (let length = 0; length <= sample.length; length++) expect(decode(sample, length)).toBeDefined();
			for (let i = 0; i < 2000; i++) {
				const damaged = Buffer.from(sample);
				damaged[Math.floor(random() * damaged.length)] = Math.floor(random() * 256);
				expect(decode(damaged)?.payload).toBeGreaterThanOrEqual(0);
			}
		}
	});
});

/** `vxlan tcp 10.0.0.1:51850 > 10.0.0.2:8000 S 0 124`: flags, payload and frame length at the end. */
function line({ encapsulation, protocol, flags, payload, length, ...frame }: Frame): string {
	if (!flags) return `${encapsulation} ${protocol} ${length}`;
	const letters = `${flags.syn ? "S" : ""}${flags.fin ? "F" : ""}${flags.rst ? "R" : ""}${flags.ack ? "." : ""}`;
	const ends = `${frame.source}:${frame.sourcePort} > ${frame.destination}:${frame.destinationPort}`;
	return `${encapsulation} ${protocol} ${ends} ${letters} ${payload} ${length}`;
}

describe("a real capture", () => {
	it("is decoded as tcpdump reads it", () => {
		// Taken with tcpdump between two network namespaces: a connection through VXLAN, then one without.
		const file = readFileSync(new URL("../../test/judge/vxlan.pcap", import.meta.url));
		const { frames, truncated } = decodeCapture(file, PLACE);
		expect(truncated).toBe(false);
		expect(frames.map(line)).toEqual([
			"none arp 42",
			"none arp 42",
			"vxlan arp 92",
			"vxlan arp 92",
			"vxlan tcp 10.0.0.1:51850 > 10.0.0.2:8000 S 0 124",
			"vxlan tcp 10.0.0.2:8000 > 10.0.0.1:51850 S. 0 124",
			"vxlan tcp 10.0.0.1:51850 > 10.0.0.2:8000 . 0 116",
			"vxlan tcp 10.0.0.1:51850 > 10.0.0.2:8000 . 5 121",
			"vxlan tcp 10.0.0.2:8000 > 10.0.0.1:51850 . 0 116",
			"vxlan tcp 10.0.0.2:8000 > 10.0.0.1:51850 . 9 125",
			"vxlan tcp 10.0.0.1:51850 > 10.0.0.2:8000 . 0 116",
			"vxlan tcp 10.0.0.2:8000 > 10.0.0.1:51850 F. 0 116",
			"vxlan tcp 10.0.0.1:51850 > 10.0.0.2:8000 F. 0 116",
			"vxlan tcp 10.0.0.2:8000 > 10.0.0.1:51850 . 0 116",
			"none tcp 192.0.2.1:41000 > 192.0.2.2:8001 S 0 74",
			"none tcp 192.0.2.2:8001 > 192.0.2.1:41000 S. 0 74",
			"none tcp 192.0.2.1:41000 > 192.0.2.2:8001 . 0 66",
			"none tcp 192.0.2.1:41000 > 192.0.2.2:8001 . 8 74",
			"none tcp 192.0.2.2:8001 > 192.0.2.1:41000 . 0 66",
			"none tcp 192.0.2.2:8001 > 192.0.2.1:41000 . 14 80",
			"none tcp 192.0.2.1:41000 > 192.0.2.2:8001 . 0 66",
			"none tcp 192.0.2.2:8001 > 192.0.2.1:41000 F. 0 66",
			"none tcp 192.0.2.1:41000 > 192.0.2.2:8001 F. 0 66",
			"none tcp 192.0.2.2:8001 > 192.0.2.1:41000 . 0 66",
		]);
		const syn = frames[4];
		expect(syn).toMatchObject({ outerSource: "192.0.2.1", outerDestination: "192.0.2.2", sequence: 935798728 });
		expect(syn).toMatchObject({ sourceMac: "02:00:00:00:01:01", destinationMac: "02:00:00:00:01:02" });
	});
});
