/** Reads classic pcap files (draft-ietf-opsawg-pcap): both byte orders, micro- and nanoseconds, Ethernet only. */
import { LabError } from "../model/error.ts";
import type { Frame } from "../model/observation.ts";
import { decodeFrame } from "./decode-frame.ts";

/** Bytes of the header of a file and of a record. */
const FILE_HEADER = 24;
const RECORD_HEADER = 16;

/** Link type 1, the only one with the MAC addresses that every path check rests on. */
const ETHERNET = 1;

/** tcpdump's largest snapshot length in bytes; a longer record means that the file is damaged. */
const MAX_RECORD = 262_144;

/** Where a capture was taken. */
export interface CapturePlace {
	node: string;
	interface: string;
}

interface Layout {
	u32: (bytes: Buffer, offset: number) => number;
	/** Fractions of a second that the second word of a time stamp counts. */
	ticks: number;
}

const bigEndian = (bytes: Buffer, offset: number) => bytes.readUInt32BE(offset);
const littleEndian = (bytes: Buffer, offset: number) => bytes.readUInt32LE(offset);

/** Byte order and time unit by magic number, as its first four bytes stand in the file. */
const LAYOUTS: Record<string, Layout> = {
	a1b2c3d4: { u32: bigEndian, ticks: 1e6 },
	d4c3b2a1: { u32: littleEndian, ticks: 1e6 },
	a1b23c4d: { u32: bigEndian, ticks: 1e9 },
	"4d3cb2a1": { u32: littleEndian, ticks: 1e9 },
};

/**
 * Decodes all frames of a capture, in the order of the file.
 * @returns `truncated` when the file ends within a header or a record, as it does when tcpdump is killed
 * @throws LabError `bad-capture` when the bytes are no classic pcap file of an Ethernet interface
 */
export function decodeCapture(bytes: Buffer, place: CapturePlace): { frames: Frame[]; truncated: boolean } {
	if (bytes.length < FILE_HEADER) return { frames: [], truncated: true };
	const layout = layoutOf(bytes, place);
	const frames: Frame[] = [];
	let offset = FILE_HEADER;
	while (offset + RECORD_HEADER <= bytes.length) {
		const captured = layout.u32(bytes, offset + 8);
		const end = offset + RECORD_HEADER + captured;
		if (captured > MAX_RECORD || end > bytes.length) return { frames, truncated: true };
		const time = layout.u32(bytes, offset) + layout.u32(bytes, offset + 4) / layout.ticks;
		const length = layout.u32(bytes, offset + 12);
		const origin = { node: place.node, interface: place.interface, time, length };
		frames.push(decodeFrame(bytes.subarray(offset + RECORD_HEADER, end), origin));
		offset = end;
	}
	return { frames, truncated: offset !== bytes.length };
}

function layoutOf(bytes: Buffer, place: CapturePlace): Layout {
	const where = `the capture at ${place.node} ${place.interface}`;
	const magic = bytes.toString("hex", 0, 4);
	const layout = LAYOUTS[magic];
	if (!layout) {
		throw new LabError("broken", `${where} is not a pcap file: it starts with ${magic}`, {
			code: "bad-capture",
			hint: "Captures are taken with `tcpdump -w`; pcapng files are not read.",
		});
	}
	// The upper half of the word may hold the length of a frame check sequence.
	const linkType = layout.u32(bytes, 20) & 0xffff;
	if (linkType !== ETHERNET) {
		throw new LabError("broken", `${where} has link type ${linkType}, not Ethernet (1)`, {
			code: "bad-capture",
			hint: "Capture on an interface with MAC addresses, not on a tunnel or on `any`.",
		});
	}
	return layout;
}
