/** What a scenario means in its lab: nodes that exist, checks that can be made, and phases that prove something. */

import { type Expectation, type ExpectationKind, expectationKind, matchesHop } from "../model/expectation.ts";
import { applies, type KernelFeature } from "../model/kernel.ts";
import { backendLogs, type Lab, labWithout, optionalFeatures } from "../model/lab.ts";
import { changesOf, type Phase, type Scenario } from "../model/scenario.ts";
import { checkExpectation } from "./check-expectation.ts";
import { checkTraffic } from "./check-traffic.ts";
import { Devices } from "./devices.ts";
import type { Report } from "./report.ts";
import type { Path } from "./tree.ts";

/** What a check of a scenario sees. */
export class ScenarioScene {
	readonly lab: Lab;
	readonly report: Report;
	readonly nodes: string[];
	/** Nodes that answer requests and say so in a log. */
	readonly backends: string[];

	constructor(lab: Lab, report: Report) {
		this.lab = lab;
		this.report = report;
		this.nodes = Object.keys(lab.nodes);
		this.backends = [...new Set(backendLogs(lab).map(({ node }) => node))];
	}

	/** Says so when no node has the name. */
	checkNode(name: string, path: Path): void {
		if (!this.nodes.includes(name)) this.report.unknown(path, "node", name, this.nodes);
	}

	/** Says so when a pattern stands for no node. */
	checkHop(pattern: string, path: Path): void {
		if (!pattern.endsWith("*")) this.checkNode(pattern, path);
		else if (!this.nodes.some((node) => matchesHop(pattern, node))) {
			this.report.add(path, `no node matches "${pattern}"`, `nodes: ${this.nodes.join(", ")}`);
		}
	}

	/** Says so when a pattern stands for no node, or for none that is a backend. */
	checkBackend(pattern: string, path: Path): void {
		if (!this.nodes.some((node) => matchesHop(pattern, node))) this.checkHop(pattern, path);
		else if (!this.backends.some((node) => matchesHop(pattern, node))) {
			const known = this.backends.length > 0 ? `backends: ${this.backends.join(", ")}; ` : "";
			const message = `${pattern} is no backend: no service of it has a log that names requests`;
			this.report.add(path, message, `${known}a backend has a service step with records: nc or http`);
		}
	}

	/** Interfaces and devices a node has once it is set up. */
	devicesOf(node: string): Devices | undefined {
		const entry = this.lab.nodes[node];
		if (!entry) return undefined;
		const devices = new Devices(entry);
		for (const step of entry.steps ?? []) devices.apply(step);
		return devices;
	}
}

/** What a check of an expectation sees. */
export interface PhaseScene {
	scene: ScenarioScene;
	report: Report;
	phase: Phase;
	path: Path;
}

/** Checks everything, for each of the lab's variants by kernel. */
export function checkScenario(scenario: Scenario, lab: Lab, report: Report): void {
	checkVariant(scenario, lab, [], report);
	const optional = optionalFeatures(lab);
	scenario.phases.forEach(({ when }, index) => {
		const feature = when?.has ?? when?.lacks;
		if (feature === undefined || optional.includes(feature)) return;
		const known = optional.length > 0 ? `steps depend on: ${optional.join(", ")}` : "no step of it has a when";
		const message = `nothing in lab ${lab.name} depends on whether the kernel has ${feature}`;
		report.add(["phases", index, "when"], message, known);
	});
	for (const feature of optional) {
		report.inVariant(`on a kernel without ${feature}`, () => checkVariant(scenario, lab, [feature], report));
	}
}

function checkVariant(scenario: Scenario, fullLab: Lab, lacks: readonly KernelFeature[], report: Report): void {
	const lab = labWithout(fullLab, lacks);
	const scene = new ScenarioScene(lab, report);
	const names = new Set<string>();
	const run = scenario.phases.some(({ when }) => applies(when, lacks));
	if (scenario.phases.length > 0 && !run) {
		report.absent(["phases"], "no phase is run", "a scenario that checks nothing proves nothing");
	}
	scenario.phases.forEach((phase, index) => {
		const path = ["phases", index];
		if (names.has(phase.name)) {
			report.add([...path, "name"], `there is a phase "${phase.name}" already`, "reports tell phases by their names");
		}
		names.add(phase.name);
		if (!applies(phase.when, lacks)) return;
		checkPhase({ scene, report, phase, path });
	});
}

/** Checks one phase at its path; a lesson has such phases too. */
export function checkPhase(phaseScene: PhaseScene): void {
	const { scene, report, phase, path } = phaseScene;
	changesOf(phase).forEach((change, index) => {
		const place = [...path, "change", ...(Array.isArray(phase.change) ? [index] : [])];
		scene.checkNode(change.on, [...place, "on"]);
	});
	if (phase.during) checkDuring(phase.during, phaseScene);
	if (phase.traffic) checkTraffic(phase.traffic, [...path, "traffic"], scene);
	const names = new Set<string>();
	phase.expect.forEach((expectation, index) => {
		const place = [...path, "expect", index];
		if (expectation.name !== undefined && names.has(expectation.name)) {
			report.add([...place, "name"], `there is a check "${expectation.name}" in this phase already`);
		}
		if (expectation.name !== undefined) names.add(expectation.name);
		const kind = expectationKind(expectation);
		checkTrafficFits(kind, [...place, kind], phaseScene);
		checkExpectation(expectation, place, phaseScene);
	});
	checkControls(phaseScene);
}

function checkDuring(during: NonNullable<Phase["during"]>, { scene, report, phase, path }: PhaseScene): void {
	scene.checkNode(during.on, [...path, "during", "on"]);
	const count = phase.traffic?.count;
	if (count === undefined) {
		const message = `nothing is under way in phase "${phase.name}", as it has no traffic`;
		report.absent([...path, "during"], message, "add traffic, or use change", path);
	} else if (during.after >= count) {
		const message = `after ${during.after} is never reached with requests to come: the traffic has ${count}`;
		report.add([...path, "during", "after"], message);
	}
}

/** Kinds that measure from the moment of the `during` change. */
const NEEDS_DURING: readonly ExpectationKind[] = ["outage", "delay"];

/** Kinds that join requests with the backends' logs, which a ping does not appear in. */
const NEEDS_CONNECTIONS: readonly ExpectationKind[] = ["share", "source", "sticky", "counters", "upload"];

function checkTrafficFits(kind: ExpectationKind, path: Path, { phase, report, path: phasePath }: PhaseScene): void {
	if (kind === "state") return;
	if (!phase.traffic) {
		const hint = "add traffic: { from: ..., nc: ... }, or check with state what needs none";
		report.absent(path, `${kind} needs traffic, but phase "${phase.name}" has none`, hint, phasePath);
		return;
	}
	if (NEEDS_DURING.includes(kind) && !phase.during) {
		const hint = "add during: { after: REQUESTS, on: NODE, run: ..., undo: ... } to the phase";
		report.absent(
			path,
			`${kind} is measured from a change made during the traffic, but there is none`,
			hint,
			phasePath,
		);
	}
	if (phase.traffic.ping !== undefined && NEEDS_CONNECTIONS.includes(kind)) {
		report.addAtKey(path, `${kind} needs connections (nc or curl), but the traffic is ping`);
	}
	const contradicts = phase.expect.some(({ answered }) => answered === "none") && NEEDS_ANSWERS.includes(kind);
	if (contradicts) report.addAtKey(path, `${kind} contradicts "answered: none": there is nothing to judge`);
}

const NEEDS_ANSWERS: readonly ExpectationKind[] = ["share", "source", "sticky", "upload"];

/**
 * "Nothing was seen" proves something only when it is also shown that something would have been seen. Without that, a
 * lab in which the client is broken would pass.
 */
function checkControls({ phase, path, report }: PhaseScene): void {
	if (phase.expect.some(isControl)) return;
	phase.expect.forEach((expectation, index) => {
		const hint =
			"add a packets check with count: some in this phase, e.g. that the requests leave the client; without it a dead client would pass too";
		if (expectation.answered === "none") {
			const message = '"answered: none" needs a positive control: proof that the requests were sent at all';
			report.absent([...path, "expect", index, "answered"], message, hint, path);
		}
		if (expectation.packets?.count === "none") {
			const message = '"count: none" needs a positive control: proof that packets would have been seen';
			report.absent([...path, "expect", index, "packets", "count"], message, hint, path);
		}
	});
}

function isControl({ packets }: Expectation): boolean {
	return packets !== undefined && packets.count !== "none";
}
