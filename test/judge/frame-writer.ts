/** Writes frames and pcap files byte by byte, independently of the decoder under test. */

/** Joins 16-bit numbers (big endian), byte strings in hexadecimal, and buffers. */
function bytes(...parts: (number | string | Buffer)[]): Buffer {
	return Buffer.concat(
		parts.map((part) => {
			if (typeof part === "number") return Buffer.from([part >> 8, part & 0xff]);
			return typeof part === "string" ? Buffer.from(part.replaceAll(/[:\s]/g, ""), "hex") : part;
		}),
	);
}

function ip4(address: string): Buffer {
	return Buffer.from(address.split(".").map(Number));
}

export const MAC_A = "02:00:00:00:00:0a";
export const MAC_B = "02:00:00:00:00:0b";

/** From A to B. `tags` are 802.1Q tag numbers, outermost first. */
export function ethernet(type: number, inner: Buffer, tags: number[] = []): Buffer {
	return bytes(MAC_B, MAC_A, ...tags.flatMap((tag) => [0x8100, tag]), type, inner);
}

export interface Ipv4Options {
	/** Bytes of options; a multiple of 4. */
	options?: number;
	/** In units of 8 bytes. */
	fragmentOffset?: number;
	/** What the length field says instead of the truth. */
	length?: number;
}

export function ipv4(
	source: string,
	destination: string,
	protocol: number,
	inner: Buffer,
	more: Ipv4Options = {},
): Buffer {
	const { options = 0, fragmentOffset = 0, length } = more;
	const header = 20 + options;
	const first = Buffer.from([0x40 | (header / 4), 0]);
	const rest = Buffer.from([64, protocol]);
	const total = length ?? header + inner.length;
	return bytes(
		first,
		total,
		0,
		fragmentOffset,
		rest,
		0,
		ip4(source),
		ip4(destination),
		Buffer.alloc(options, 1),
		inner,
	);
}

export function ipv6(source: string, destination: string, nextHeader: number, inner: Buffer): Buffer {
	return bytes("60000000", inner.length, Buffer.from([nextHeader, 64]), source, destination, inner);
}

export interface TcpOptions {
	flags?: number;
	/** Bytes of options; a multiple of 4. */
	options?: number;
	sequence?: number;
}

export function tcp(source: number, destination: number, payload: string, more: TcpOptions = {}): Buffer {
	const { flags = 0x10, options = 0, sequence = 1 } = more;
	const words = Buffer.from([((20 + options) / 4) << 4, flags]);
	const numbers = Buffer.alloc(8);
	numbers.writeUInt32BE(sequence, 0);
	return bytes(source, destination, numbers, words, 0xffff, 0, 0, Buffer.alloc(options, 1), Buffer.from(payload));
}

export function udp(source: number, destination: number, payload: Buffer): Buffer {
	return bytes(source, destination, 8 + payload.length, 0, payload);
}

export function vxlan(inner: Buffer): Buffer {
	return udp(55555, 4789, bytes("08000000 00002a00", inner));
}

/** `flags` are the first two bytes; the optional words they announce are filled in. */
export function gre(type: number, inner: Buffer, flags = 0): Buffer {
	const words = [0x8000, 0x2000, 0x1000].filter((bit) => (flags & bit) !== 0).length;
	return bytes(flags, type, Buffer.alloc(words * 4, 7), inner);
}

export function arp(sender: string, target: string): Buffer {
	return bytes("0001 0800 06 04 0001", MAC_A, ip4(sender), "000000000000", ip4(target));
}

export interface PcapOptions {
	littleEndian?: boolean;
	nanoseconds?: boolean;
	linkType?: number;
	/** Bytes of each frame that are kept. */
	snapLength?: number;
}

/** A pcap file with one frame per second from 1 700 000 000.25 on. */
export function pcap(frames: readonly Buffer[], options: PcapOptions = {}): Buffer {
	const { littleEndian = true, nanoseconds = false, linkType = 1, snapLength = 262_144 } = options;
	const u32 = (...values: number[]) => {
		const buffer = Buffer.alloc(values.length * 4);
		values.forEach((value, i) => {
			if (littleEndian) buffer.writeUInt32LE(value, i * 4);
			else buffer.writeUInt32BE(value, i * 4);
		});
		return buffer;
	};
	const version = littleEndian ? "0200 0400" : "0002 0004";
	const header = bytes(u32(nanoseconds ? 0xa1b23c4d : 0xa1b2c3d4), version, u32(0, 0, snapLength, linkType));
	const records = frames.map((frame, i) => {
		const kept = frame.subarray(0, snapLength);
		return bytes(u32(1_700_000_000 + i, nanoseconds ? 250_000_000 : 250_000, kept.length, frame.length), kept);
	});
	return Buffer.concat([header, ...records]);
}
