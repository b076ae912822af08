/** Expectations one by one: names that exist, and values that can be judged. */

import { type Expectation, type ExpectationBody, matchesHop } from "../model/expectation.ts";
import { parseService } from "../model/name.ts";
import type { PhaseScene } from "./check-scenario.ts";
import { checkShare } from "./check-share.ts";
import type { Path } from "./tree.ts";
import { counted } from "./words.ts";

export function checkExpectation(expectation: Expectation, path: Path, scene: PhaseScene): void {
	const { answered, share, source, packets, state, encapsulation } = expectation;
	if (answered !== undefined) checkAnswered(answered, [...path, "answered"], scene);
	if (share) checkShare(share, [...path, "share"], scene);
	if (source) source.at.forEach((hop, index) => void scene.scene.checkBackend(hop, [...path, "source", "at", index]));
	if (expectation.path) checkPath(expectation.path, [...path, "path"], scene);
	if (encapsulation) {
		for (const key of ["from", "to"] as const) {
			scene.scene.checkHop(encapsulation[key], [...path, "encapsulation", key]);
		}
		checkEnd(encapsulation, [...path, "encapsulation", "at"], scene);
		checkOuter(encapsulation, [...path, "encapsulation"], scene);
	}
	if (packets) checkPackets(packets, [...path, "packets"], scene);
	if (expectation.sticky) checkSticky(expectation.sticky, [...path, "sticky"], scene);
	if (expectation.counters) checkCounters(expectation.counters, [...path, "counters"], scene);
	if (expectation.upload) checkUpload([...path, "upload"], scene);
	if (expectation.delay) checkDelay(expectation.delay, [...path, "delay"], scene);
	if (state) checkState(state, [...path, "state"], scene);
}

function checkAnswered(answered: ExpectationBody<"answered">, path: Path, { phase, report }: PhaseScene): void {
	const count = phase.traffic?.count;
	if (typeof answered === "string" || count === undefined || answered["at-least"] <= count) return;
	const message = `at-least ${answered["at-least"]} cannot be reached: the traffic has ${counted(count, "request")}`;
	report.add([...path, "at-least"], message);
}

function checkPath(body: ExpectationBody<"path">, path: Path, { scene, phase, report }: PhaseScene): void {
	for (const key of ["request", "reply"] as const) {
		body[key].forEach((hop, index) => void scene.checkHop(hop, [...path, key, index]));
	}
	const from = phase.traffic?.from;
	if (from === undefined || !scene.nodes.includes(from)) return;
	if (body.request[0] !== from && scene.nodes.includes(body.request[0] ?? "")) {
		report.add([...path, "request", 0], `a request starts at its sender ${from}, not at ${body.request[0]}`);
	}
	const last = body.reply.at(-1);
	if (last !== from && scene.nodes.includes(last ?? "")) {
		report.add([...path, "reply", body.reply.length - 1], `a reply ends at the sender ${from}, not at ${last}`);
	}
}

function checkEnd({ from, to, at }: ExpectationBody<"encapsulation">, path: Path, { scene, report }: PhaseScene): void {
	if (at === undefined) return;
	const ends = scene.nodes.filter((node) => matchesHop(from, node) || matchesHop(to, node));
	if (ends.some((node) => matchesHop(at, node))) return;
	report.add(path, `${at} is no end of the hop ${from} > ${to}`, `write at: ${from} or at: ${to}`);
}

function checkOuter(body: ExpectationBody<"encapsulation">, path: Path, { report }: PhaseScene): void {
	if (body.is !== "none") return;
	for (const key of ["outer-source", "outer-destination"] as const) {
		if (body[key] !== undefined) report.addAtKey([...path, key], `"${key}" means nothing without an encapsulation`);
	}
}

function checkPackets(body: ExpectationBody<"packets">, path: Path, { scene, report }: PhaseScene): void {
	scene.checkNode(body.at, [...path, "at"]);
	const devices = scene.devicesOf(body.at);
	if (devices && !devices.has(body.interface)) {
		const known = [...devices.names];
		report.unknown([...path, "interface"], "interface", body.interface, known, ` on node ${body.at}`);
	}
	const { match } = body;
	const portless = match.protocol === "icmp" || match.protocol === "arp";
	for (const key of ["port", "syn"] as const) {
		if (portless && match[key] !== undefined) {
			report.addAtKey([...path, "match", key], `"${key}" never matches: ${match.protocol} has none`);
		}
	}
	if (match.protocol === "udp" && match.syn) {
		report.addAtKey([...path, "match", "syn"], '"syn" never matches: udp has none');
	}
	const plain = match.encapsulation === undefined || match.encapsulation === "none";
	for (const key of ["outer-source", "outer-destination"] as const) {
		if (match[key] === undefined || !plain || match.encapsulation === undefined) continue;
		report.addAtKey([...path, "match", key], `"${key}" never matches: encapsulation is none`);
	}
}

function checkSticky(body: ExpectationBody<"sticky">, path: Path, { scene, phase, report }: PhaseScene): void {
	const { traffic } = phase;
	const gone = body["taken-out"];
	if (gone !== undefined) scene.checkBackend(gone, [...path, "taken-out"]);
	// An upload has as many segments as its size makes.
	if (!traffic || traffic.ping !== undefined || traffic.upload !== undefined) return;
	const wanted = body["min-segments"];
	if (traffic.lines >= wanted) return;
	const message = `min-segments ${wanted} cannot be reached: a connection sends ${counted(traffic.lines, "line")}`;
	report.add([...path, "min-segments"], message, `set lines: ${wanted} or more in the traffic; each line is a segment`);
}

function checkUpload(path: Path, { phase, report, path: scenePath }: PhaseScene): void {
	if (!phase.traffic || phase.traffic.ping !== undefined || phase.traffic.upload !== undefined) return;
	const hint = "add upload: BYTES to traffic with curl";
	report.absent(path, `upload is expected, but the traffic of phase "${phase.name}" uploads nothing`, hint, scenePath);
}

function checkCounters(body: ExpectationBody<"counters">, path: Path, { scene, phase, report }: PhaseScene): void {
	scene.checkNode(body.at, [...path, "at"]);
	const node = scene.lab.nodes[body.at];
	if (!node) return;
	const kind = body.ipvs !== undefined ? "ipvs" : "xdp";
	const wanted = body[kind] ?? "";
	const declared = (node.steps ?? []).flatMap((step) => {
		if (kind === "ipvs") return step.ipvs?.service ?? [];
		return step.xdp?.vips.map(({ vip }) => vip) ?? [];
	});
	if (declared.includes(wanted)) return;
	// A change of the phase, or a command of the node, may have made it.
	const service = parseService(wanted);
	const commands = JSON.stringify([
		phase.change,
		(node.steps ?? []).map(({ run, file, service: daemon }) => [run, file, daemon]),
	]);
	if (commands.includes(service.port === undefined ? service.address : `${service.address}:${service.port}`)) return;
	const what = kind === "ipvs" ? "no IPVS service" : "no XDP balancer for";
	const hint = declared.length > 0 ? `it has: ${declared.join(", ")}` : `no step of ${body.at} is of kind ${kind}`;
	report.add([...path, kind], `node ${body.at} has ${what} ${wanted}`, hint);
}

function checkDelay(body: ExpectationBody<"delay">, path: Path, { scene, report }: PhaseScene): void {
	scene.checkNode(body.at, [...path, "at"]);
	if ((body["at-least"] ?? 0) <= body["at-most"]) return;
	report.add([...path, "at-least"], `at-least ${body["at-least"]} is more than at-most ${body["at-most"]}`);
}

function checkState(body: ExpectationBody<"state">, path: Path, { scene, report }: PhaseScene): void {
	scene.checkNode(body.at, [...path, "at"]);
	if (body.matches === undefined) return;
	try {
		new RegExp(body.matches, "m");
	} catch (cause) {
		const reason = cause instanceof Error ? cause.message.split(": ").at(-1) : String(cause);
		report.add([...path, "matches"], `not a regular expression: ${reason}`);
	}
}
