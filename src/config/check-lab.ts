/** What a lab file means: names that exist, addresses that fit, steps that can work. */
import type { Lab, Node } from "../model/lab.ts";
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
		checkSteps(name, node, lab, report);
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
