/**
 * Decodes an Ethernet frame down to its innermost TCP, UDP or ICMP header: 802.1Q, ARP, IPv4 (RFC 791), IPv6 (RFC 8200,
 * without extension headers), IPIP (RFC 2003), GRE (RFC 2784/2890) and VXLAN (RFC 7348).
 *
 * Captures may be cut short (`tcpdump -s`), so lengths come from the headers and what is missing stays undefined.
 */
import ipaddr from "ipaddr.js";
import type { Frame } from "../model/observation.ts";
import { announcedSegmentSize } from "./tcp-options.ts";

/** What the capture file says about a frame. */
export interface FrameOrigin {
	node: string;
	interface: string;
	/** Seconds since the epoch. */
	time: number;
	/** Bytes on the wire. */
	length: number;
}

const ETHERNET_HEADER = 14;
const VLAN_TAG = 4;
const VXLAN_PORT = 4789;
const VXLAN_HEADER = 8;
const UDP_HEADER = 8;

/** Headers within headers that are followed; more only occur in frames made to hurt. */
const MAX_DEPTH = 4;

const ETHERTYPE = { ipv4: 0x0800, arp: 0x0806, vlan: 0x8100, ipv6: 0x86dd, bridged: 0x6558 } as const;
const PROTOCOL = { icmp: 1, ipip: 4, tcp: 6, udp: 17, ipv6: 41, gre: 47, icmpv6: 58 } as const;

/** Bits of the TCP flags byte. */
const TCP = { fin: 0x01, syn: 0x02, rst: 0x04, ack: 0x10 } as const;

/** Bits of the first GRE byte: a checksum, a key, a sequence number of four bytes each follow. */
const GRE_OPTIONS = [0x80, 0x20, 0x10] as const;

/** Bytes from a header on, and how many bytes of the wire they stand for. */
interface View {
	bytes: Buffer;
	length: number;
	depth: number;
}

/** Decodes one frame. Never throws: what cannot be decoded is of protocol `other`. */
export function decodeFrame(bytes: Buffer, origin: FrameOrigin): Frame {
	const frame: Frame = {
		...origin,
		sourceMac: macAt(bytes, 6),
		destinationMac: macAt(bytes, 0),
		encapsulation: "none",
		protocol: "other",
		payload: 0,
	};
	readEthernet({ bytes, length: origin.length, depth: 0 }, frame);
	return frame;
}

function readEthernet(view: View, frame: Frame): void {
	let header = ETHERNET_HEADER;
	let type = u16(view, header - 2);
	while (type === ETHERTYPE.vlan) {
		header += VLAN_TAG;
		type = u16(view, header - 2);
	}
	readEtherType(type, behind(view, header), frame);
}

function readEtherType(type: number | undefined, view: View, frame: Frame): void {
	if (type === ETHERTYPE.ipv4) readIpv4(view, frame);
	else if (type === ETHERTYPE.ipv6) readIpv6(view, frame);
	else if (type === ETHERTYPE.arp) readArp(view, frame);
	else if (type === ETHERTYPE.bridged) readEthernet(view, frame);
}

function readArp({ bytes }: View, frame: Frame): void {
	frame.protocol = "arp";
	if (bytes.length < 28) return;
	setAddresses(frame, ipv4At(bytes, 14), ipv4At(bytes, 24));
}

function readIpv4(view: View, frame: Frame): void {
	const { bytes } = view;
	if (bytes.length < 20) return;
	const header = (bytes.readUInt8(0) & 0x0f) * 4;
	// A length of 0 is what the kernel writes for a segment over 64 kB that the card is to cut up.
	const total = bytes.readUInt16BE(2) || view.length;
	const firstFragment = (bytes.readUInt16BE(6) & 0x1fff) === 0;
	setAddresses(frame, ipv4At(bytes, 12), ipv4At(bytes, 16));
	readProtocol(bytes.readUInt8(9), behind({ ...view, length: total }, header), frame, firstFragment);
}

function readIpv6(view: View, frame: Frame): void {
	const { bytes } = view;
	if (bytes.length < 40) return;
	const length = 40 + bytes.readUInt16BE(4);
	setAddresses(frame, ipv6At(bytes, 8), ipv6At(bytes, 24));
	readProtocol(bytes.readUInt8(6), behind({ ...view, length }, 40), frame, true);
}

/** The inner header's addresses push those found before out to the outer fields. */
function setAddresses(frame: Frame, source: string, destination: string): void {
	if (frame.source !== undefined) frame.outerSource = frame.source;
	if (frame.destination !== undefined) frame.outerDestination = frame.destination;
	frame.source = source;
	frame.destination = destination;
}

function readProtocol(protocol: number, view: View, frame: Frame, firstFragment: boolean): void {
	// Only the first fragment starts with the header of what is carried.
	const inside = firstFragment ? view : behind(view, view.bytes.length);
	if (protocol === PROTOCOL.tcp) readTcp(inside, frame);
	else if (protocol === PROTOCOL.udp) readUdp(inside, frame);
	else if (protocol === PROTOCOL.icmp || protocol === PROTOCOL.icmpv6) frame.protocol = "icmp";
	else if (view.depth >= MAX_DEPTH) return;
	else if (protocol === PROTOCOL.ipip || protocol === PROTOCOL.ipv6) readIpip(protocol, inside, frame);
	else if (protocol === PROTOCOL.gre) readGre(inside, frame);
}

function readIpip(protocol: number, view: View, frame: Frame): void {
	frame.encapsulation = "ipip";
	const inner = deeper(view);
	if (protocol === PROTOCOL.ipip) readIpv4(inner, frame);
	else readIpv6(inner, frame);
}

function readGre(view: View, frame: Frame): void {
	frame.encapsulation = "gre";
	if (view.bytes.length < 4) return;
	const flags = view.bytes.readUInt8(0);
	const options = GRE_OPTIONS.filter((bit) => (flags & bit) !== 0).length;
	readEtherType(view.bytes.readUInt16BE(2), behind(deeper(view), 4 + options * 4), frame);
}

function readUdp(view: View, frame: Frame): void {
	const { bytes } = view;
	frame.protocol = "udp";
	if (bytes.length < UDP_HEADER) return;
	frame.sourcePort = bytes.readUInt16BE(0);
	frame.destinationPort = bytes.readUInt16BE(2);
	frame.payload = Math.max(0, view.length - UDP_HEADER);
	if (frame.destinationPort === VXLAN_PORT && view.depth < MAX_DEPTH) readVxlan(view, frame);
}

function readVxlan(view: View, frame: Frame): void {
	const inner = behind(deeper(view), UDP_HEADER + VXLAN_HEADER);
	if (inner.bytes.length < ETHERNET_HEADER) return;
	frame.encapsulation = "vxlan";
	frame.vni = view.bytes.readUIntBE(UDP_HEADER + 4, 3);
	frame.protocol = "other";
	frame.payload = 0;
	delete frame.sourcePort;
	delete frame.destinationPort;
	readEthernet(inner, frame);
}

function readTcp(view: View, frame: Frame): void {
	const { bytes } = view;
	frame.protocol = "tcp";
	if (bytes.length < 14) return;
	const flags = bytes.readUInt8(13);
	frame.sourcePort = bytes.readUInt16BE(0);
	frame.destinationPort = bytes.readUInt16BE(2);
	frame.sequence = bytes.readUInt32BE(4);
	frame.flags = {
		syn: (flags & TCP.syn) !== 0,
		ack: (flags & TCP.ack) !== 0,
		fin: (flags & TCP.fin) !== 0,
		rst: (flags & TCP.rst) !== 0,
	};
	const mss = announcedSegmentSize(bytes);
	if (mss !== undefined) frame.mss = mss;
	frame.payload = Math.max(0, view.length - (bytes.readUInt8(12) >> 4) * 4);
}

function behind({ bytes, length, depth }: View, header: number): View {
	return { bytes: bytes.subarray(header), length: Math.max(0, length - header), depth };
}

function deeper(view: View): View {
	return { ...view, depth: view.depth + 1 };
}

function u16({ bytes }: View, offset: number): number | undefined {
	return offset + 2 <= bytes.length ? bytes.readUInt16BE(offset) : undefined;
}

function macAt(bytes: Buffer, offset: number): string {
	const octets = [...bytes.subarray(offset, offset + 6)];
	return octets.map((octet) => octet.toString(16).padStart(2, "0")).join(":");
}

function ipv4At(bytes: Buffer, offset: number): string {
	return bytes.subarray(offset, offset + 4).join(".");
}

function ipv6At(bytes: Buffer, offset: number): string {
	return new ipaddr.IPv6([...bytes.subarray(offset, offset + 16)]).toRFC5952String();
}
