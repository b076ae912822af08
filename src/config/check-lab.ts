/** What a lab file means: names that exist, addresses that fit, steps that can work. */
import { type Lab, type Node, optionalFeatures } from "../model/lab.ts";
import { checkNetworks } from "./check-networks.ts";
import { checkSteps } from "./check-steps.ts";
import type { Report } from "./report.ts";

/** Checks everything in one go. `folder` is the name the lab must have; undefined when the file may lie anywhere. */
export function checkLab(lab: Lab, folder: string | undefined, report: Report): void {
	if (folder !== undefined && lab.name !== folder && report.tree.entries.has("name")) {
		const hint = `name it "${folder}", or rename the folder`;
		report.add(["name"], `the lab is called "${lab.name}", but its folder is "${folder}"`, hint);
	}
	for (const key of ["networks", "nodes"] as const) {
		// That the whole key is missing has been reported.
		const isEmpty = report.tree.entries.has(key) && Object.keys(lab[key]).length === 0;
		if (isEmpty) report.absent([key], `the lab has no ${key.slice(0, -1)}`);
	}
	checkNetworks(lab, report);
	for (const [name, node] of Object.entries(lab.nodes)) {
		checkNode(name, node, lab, report);
		checkSteps(name, node, lab, [], report);
	}
	checkWhens(lab, report);
	for (const feature of optionalFeatures(lab)) {
		report.inVariant(`on a kernel without ${feature}`, () => {
			for (const [name, node] of Object.entries(lab.nodes)) checkSteps(name, node, lab, [feature], report);
		});
	}
}

/** A difference that is none, and one of which a side is missing. */
function checkWhens(lab: Lab, report: Report): void {
	const whens = Object.entries(lab.nodes).flatMap(([name, { steps = [] }]) =>
		steps.flatMap(({ when }, index) => (when ? [{ when, path: ["nodes", name, "steps", index, "when"] }] : [])),
	);
	for (const { when, path } of whens) {
		const [key, other] = when.has === undefined ? (["lacks", "has"] as const) : (["has", "lacks"] as const);
		const feature = when[key];
		if (feature === undefined) continue;
		if (lab.requires.includes(feature)) {
			const never = key === "has" ? "always" : "never";
			report.add(path, `the step is ${never} taken: the lab requires ${feature}`, "take it out of requires");
		} else if (!whens.some((entry) => entry.when[other] === feature)) {
			const kernel = key === "has" ? "without" : "with";
			const hint = `add a step with when: { ${other}: ${feature} }, or put ${feature} into requires`;
			report.absent(path, `no step says what is done on a kernel ${kernel} ${feature}`, hint, ["nodes"]);
		}
	}
}

function checkNode(name: string, node: Node, lab: Lab, report: Report): void {
	const path = ["nodes", name];
	if (name === "localhost") report.addAtKey(path, 'a node cannot be called "localhost": that is each node itself');
	if (Object.keys(node.interfaces).length === 0) {
		report.absent([...path, "interfaces"], `node ${name} has no interface: it could not reach anything`);
	}
	if (node.privileged && !lab.requires.includes("privileged")) {
		const hint = "requires: [..., privileged] lets lab pick a daemon that may run such containers";
		const message = `node ${name} is privileged, but the lab does not require "privileged"`;
		report.absent([...path, "privileged"], message, hint, ["requires"]);
	}
}
