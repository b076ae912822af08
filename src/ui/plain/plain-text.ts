/** The screens in words, for `--plain`: the same content without drawings, one fact a line. Pure. */
import type { Plan, PlannedNode } from "../../model/plan.ts";
import type { Trace } from "../../model/trace.ts";
import { tabLines } from "../screens/frame.ts";
import { extrasOf, realsText } from "../screens/node-extras.ts";
import { nodeSign } from "../screens/node-sign.ts";
import { sentPhase, trafficFigures } from "../screens/traffic-figures.ts";
import { chosenCount, chosenTraffic, type LabEntry, memoryOf, openEntry, type UiState } from "../state/state.ts";
import { plainText, plural } from "../text.ts";

/** As wide as lines are broken, and without an end. */
const PAGE = { columns: 78, rows: 100_000 };

/** What the present screen says. */
export function plainScreen(state: UiState): string[] {
	const { overlay } = state;
	if (overlay?.kind === "text") return [overlay.title, ...overlay.lines];
	if (overlay?.kind === "ask") return [overlay.question];
	const entry = openEntry(state);
	if (!entry) return [`${plural(state.labs.length, "lab")}.`];
	return [heading(entry), ...tabText(state, entry), ...(state.notice ? ["", state.notice.text] : [])];
}

function heading(entry: LabEntry): string {
	const where = entry.live?.engine === "vm" ? "in the embedded machine" : "in your Docker daemon";
	return `${entry.name}: ${entry.live ? `up, ${where}` : "down"}. ${entry.facts?.lab.title ?? ""}`;
}

function tabText(state: UiState, entry: LabEntry): string[] {
	const memory = memoryOf(state, entry.name);
	switch (memory.tab) {
		case "topology":
			return topologyText(state, entry);
		case "traffic":
			return trafficText(state, entry);
		case "path":
			return memory.trace ? traceText(memory.trace) : ["No request has been followed yet."];
		default:
			return tabLines(memory.tab, state, entry, PAGE, state.job?.run.latestAt ?? 0).map(plainText);
	}
}

function topologyText(state: UiState, entry: LabEntry): string[] {
	if (!entry.facts) return [entry.problem ?? ""];
	const { plan } = entry.facts;
	return [
		"Segments:",
		...plan.networks.map(
			({ name, subnet }) => `  ${name}${subnet ? ` ${subnet}` : ""}: ${membersOf(plan, name).join(", ")}`,
		),
		"Nodes:",
		...plan.nodes.flatMap((node) => nodeText(state, entry, node)),
	];
}

function membersOf(plan: Plan, network: string): string[] {
	return plan.nodes.filter((node) => node.ports.some((port) => port.network === network)).map(({ name }) => name);
}

function nodeText(state: UiState, entry: LabEntry, node: PlannedNode): string[] {
	const counters = memoryOf(state, entry.name).counters[node.name];
	const lab = entry.facts?.lab;
	const ports = node.ports.map(({ interface: name, network, addresses }) => {
		const count = counters?.interfaces[name];
		const packets = count ? `, ${count.received} packets in, ${count.sent} out` : "";
		return `    ${name} ${addresses.join(" ") || "without an address"} on ${network}${packets}`;
	});
	const extras = (lab ? extrasOf(lab, node.name) : []).map(
		(extra) => `    ${extra.name} ${extra.text}${realsText(extra, counters?.balancers ?? [])}`,
	);
	return [`  ${node.name}, ${node.role}: ${nodeSign(state, entry, node.name).word}`, ...ports, ...extras];
}

function trafficText(state: UiState, entry: LabEntry): string[] {
	const { facts } = entry;
	const memory = memoryOf(state, entry.name);
	const choice = facts && chosenTraffic(facts, memory);
	if (!choice) return ["No scenario of this lab sends traffic before it changes the lab."];
	const figures = trafficFigures(memory);
	const phase = sentPhase(memory.sent);
	return [
		`Chosen: ${chosenCount(memory)} requests from ${choice.from}: ${choice.target}`,
		...(phase ? [`Last: ${phase.sent} sent, ${phase.answered} answered.`] : []),
		...figures.map(({ backend, got, expected, logged, counted, verdict }) => {
			const words = [`got ${got}`, `expected ${expected}`, `logged ${logged}`, `balancer counted ${counted}`];
			return `  ${backend}: ${words.join(", ")}${verdict ? ` (${verdict})` : ""}`;
		}),
		...(phase?.checks ?? []).flatMap((check) => [
			`  ${check.status.toUpperCase()} ${check.check}: ${check.observed}`,
			...(check.status === "pass" ? [] : [`    expected: ${check.expected}`]),
		]),
	];
}

function traceText(trace: Trace): string[] {
	return [
		`One request from ${trace.from}: ${trace.sent}; ${trace.answered ? "answered" : "not answered"}.`,
		...trace.hops.flatMap((hop, index) => [
			`Hop ${index + 1}, ${hop.direction}: ${hop.from} to ${hop.to}, after ${hop.at.toFixed(2)} ms, seen at ${hop.seenAt.join(" and ")}`,
			...hop.changes.map((text) => `  ${text}`),
			...hop.headers.map(({ layer, text, change }) => `  ${layer} ${text}${change ? ` (${change})` : ""}`),
		]),
		...trace.remarks,
		...trace.faults,
	];
}
