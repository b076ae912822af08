/** Options of a TCP header (RFC 9293, 3.1): one byte of kind, one of length, and the value; kinds 0 and 1 stand alone. */

const END = 0;
const NO_OPERATION = 1;
const MAXIMUM_SEGMENT_SIZE = 2;

/** Bytes of a TCP header without options. */
const HEADER = 20;

/**
 * The maximum segment size that a segment announces, in bytes. Undefined where it announces none, and where a capture that was
 * cut short or a damaged header does not show it.
 * @param bytes the segment from its first header byte on
 */
export function announcedSegmentSize(bytes: Buffer): number | undefined {
	const end = Math.min(bytes.length, bytes.length > 12 ? (bytes.readUInt8(12) >> 4) * 4 : 0);
	let at = HEADER;
	while (at + 1 < end) {
		const kind = bytes.readUInt8(at);
		if (kind === END) return undefined;
		const length = kind === NO_OPERATION ? 1 : bytes.readUInt8(at + 1);
		// A length of 0 or 1 cannot be: it counts kind and length themselves.
		if (kind !== NO_OPERATION && length < 2) return undefined;
		if (kind === MAXIMUM_SEGMENT_SIZE) return at + 4 <= end ? bytes.readUInt16BE(at + 2) : undefined;
		at += length;
	}
	return undefined;
}
