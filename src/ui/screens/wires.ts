/**
 * The topology as a wiring diagram: every segment a vertical line, every interface a row that ends at its segment, with what
 * lives on the node below. It fits wherever as many rows as interfaces fit, and has room for counters at the right. Pure.
 */
import type { Lab } from "../../model/lab.ts";
import type { NodeCounters } from "../../model/live-counters.ts";
import type { Plan, PlannedNode, PlannedPort } from "../../model/plan.ts";
import type { Tone } from "../palette.tsx";
import { line, lineWithRight, type Span, say, type TextLine, wrapText } from "../text.ts";
import { type Extra, extrasOf, realsText, vipsOf } from "./node-extras.ts";

/** How a node is doing: a word, and what it means. */
export interface NodeSign {
	word: string;
	tone: Tone;
}

export interface WiresInput {
	lab: Lab;
	plan: Plan;
	sign: (node: string) => NodeSign;
	counters: Record<string, NodeCounters>;
	columns: number;
}

/** A row, and how much it matters where not all fit. */
export interface WireRow {
	line: TextLine;
	importance: number;
}

/** Rows that can be left out come first: room between nodes, listening ports, further addresses, tunnels. */
const IMPORTANCE = { space: 0, service: 1, address: 2, bridge: 2, tunnel: 3, vip: 4, wire: 5 } as const;

/** Below this width the role of a node is left out. */
const ROOMY = 100;

/** Cells between two segments' lines. */
const PITCH = 3;

export function wireRows(input: WiresInput): WireRow[] {
	const { plan } = input;
	const widths = widthsOf(plan);
	return [
		...plan.networks.map((_, index) => row("wire", segmentHeading(plan, index))),
		...plan.nodes.flatMap((node) => [
			row("space", line(" ", ...wires(plan, undefined))),
			...nodeRows(input, node, widths),
		]),
	];
}

/** The rows that say something: all but the room between nodes. */
export function tellingRows(rows: readonly WireRow[]): number {
	return rows.filter(({ importance }) => importance > IMPORTANCE.space).length;
}

function row(kind: keyof typeof IMPORTANCE, content: TextLine): WireRow {
	return { line: content, importance: IMPORTANCE[kind] };
}

interface Widths {
	port: number;
	address: number;
	node: number;
	role: number;
}

function widthsOf(plan: Plan): Widths {
	const longest = (texts: string[]) => Math.max(0, ...texts.map((text) => text.length));
	const ports = plan.nodes.flatMap((node) => node.ports);
	return {
		port: longest([...ports.map((port) => port.interface), "serves"]),
		address: longest(ports.map(firstAddress)),
		node: longest(plan.nodes.map((node) => node.name)),
		role: longest(plan.nodes.map((node) => node.role)),
	};
}

/** Further addresses have rows of their own. */
function firstAddress(port: PlannedPort): string {
	return port.addresses[0] ?? "no address";
}

/** Names the segment of one line; those of the segments before it go on beside it. */
function segmentHeading(plan: Plan, index: number): TextLine {
	const network = plan.networks[index];
	const passing = plan.networks.slice(0, index).map((_, other) => ({ text: "┃".padEnd(PITCH), tone: toneOf(other) }));
	const subnet = network?.subnet ? ` ${network.subnet}` : "";
	const mtu = network?.mtu ? `, MTU ${network.mtu}` : "";
	return line(
		" ",
		...passing,
		{ text: "┏━", tone: toneOf(index) },
		say("strong", ` ${network?.name ?? ""}`),
		`${subnet}${mtu}`,
	);
}

const SEGMENT_TONES: readonly Tone[] = ["busy", "warning", "good", "trouble"];

/** Colours only help to tell lines apart; their place says which is which. */
function toneOf(index: number): Tone {
	return SEGMENT_TONES[index % SEGMENT_TONES.length] ?? "plain";
}

/** The vertical lines of all segments, with a wire from the one at `from` to the right edge. */
function wires(plan: Plan, from: number | undefined): Span[] {
	return plan.networks.map((_, index) => {
		const tone = toneOf(index);
		if (from === undefined || index < from) return { text: "┃".padEnd(PITCH), tone };
		return { text: `${index === from ? "●" : "┃"}${"─".repeat(PITCH - 1)}`, tone: toneOf(index) };
	});
}

function nodeRows(input: WiresInput, node: PlannedNode, widths: Widths): WireRow[] {
	const { lab } = input;
	const extras = [...extrasOf(lab, node.name), ...addedServices(input, node.name)];
	return [
		...node.ports.flatMap((port, index) => [
			row("wire", portRow(input, node, port, index, widths)),
			...furtherAddresses(input, port, widths).map((content) => row("address", content)),
		]),
		...extras.map((extra) => row(extra.kind, extraRow(input, node, extra, widths))),
	];
}

/** Addresses beyond the first, as many to a row as fit. */
function furtherAddresses({ lab, plan, columns }: WiresInput, port: PlannedPort, widths: Widths): TextLine[] {
	const vips = vipsOf(lab);
	const further = port.addresses
		.slice(1)
		.map((entry) => (vips.has(entry.split("/")[0] ?? "") ? `${entry}=VIP` : entry));
	if (further.length === 0) return [];
	const left = [" ", ...wires(plan, undefined), ` ${"".padEnd(widths.port)} `];
	const room = columns - 3 - PITCH * plan.networks.length - widths.port;
	return wrapText(further.join(" "), room).map((text) => line(...left, text));
}

/** Services that IPVS has now and the lab file does not name: a controller or a student has added them. */
function addedServices({ lab, counters }: WiresInput, node: string): Extra[] {
	const known = new Set(extrasOf(lab, node).map(({ counts }) => counts?.service));
	const found = (counters[node]?.balancers ?? []).filter(({ kind, service }) => kind === "ipvs" && !known.has(service));
	return found.map(({ service }) => ({
		kind: "vip",
		name: "VIP",
		text: `${service} IPVS, added while up`,
		counts: { kind: "ipvs", service },
	}));
}

function portRow(input: WiresInput, node: PlannedNode, port: PlannedPort, index: number, widths: Widths): TextLine {
	const { plan, lab } = input;
	const segment = plan.networks.findIndex(({ name }) => name === port.network);
	const address = firstAddress(port);
	const isVip = vipsOf(lab).has(address.split("/")[0] ?? "");
	const left = [
		" ",
		...wires(plan, segment < 0 ? undefined : segment),
		` ${port.interface.padEnd(widths.port)} `,
		isVip ? say("strong", address.padEnd(widths.address)) : address.padEnd(widths.address),
		` ${brace(index, node.ports.length)} `,
	];
	const label = index === 0 ? nodeLabel(input, node, widths) : isVip ? ["= the VIP"] : [];
	const vipWord = index === 0 && isVip ? [" = the VIP"] : [];
	return lineWithRight([...left, ...label, ...vipWord], countText(input, node.name, port.interface));
}

/** Ties the interfaces of one node together. */
function brace(index: number, count: number): string {
	if (count === 1) return "──";
	if (index === 0) return "┬─";
	return index === count - 1 ? "┘ " : "┤ ";
}

function nodeLabel({ sign, columns }: WiresInput, node: PlannedNode, widths: Widths): (string | Span)[] {
	const { word, tone } = sign(node.name);
	const role = columns < ROOMY ? "" : ` ${node.role.padEnd(widths.role)}`;
	return [say("strong", node.name.padEnd(widths.node)), role, " ", say(tone, word)];
}

function countText({ counters, columns }: WiresInput, node: string, name: string): Span[] {
	const count = counters[node]?.interfaces[name];
	if (!count) return [];
	const width = columns < ROOMY ? 4 : 6;
	return [say("quiet", `in ${String(count.received).padStart(width)} out ${String(count.sent).padStart(width)}`)];
}

const EXTRA_TONES: Record<Extra["kind"], Tone> = {
	vip: "strong",
	address: "plain",
	tunnel: "plain",
	bridge: "plain",
	service: "quiet",
};

function extraRow(input: WiresInput, node: PlannedNode, extra: Extra, widths: Widths): TextLine {
	const left = [" ", ...wires(input.plan, undefined), ` ${extra.name.padEnd(widths.port)} `];
	const reals = realsText(extra, input.counters[node.name]?.balancers ?? []);
	return line(...left, say(EXTRA_TONES[extra.kind], extra.text), reals);
}
