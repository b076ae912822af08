/** `lab list` */
import { findLabs, loadLabWithScenarios } from "../config/find-labs.ts";
import { textTable } from "../report/table.ts";
import type { CliContext } from "./cli-context.ts";
import type { Flags } from "./flags.ts";
import { print } from "./output.ts";

export async function list(context: CliContext, _args: string[], flags: Flags): Promise<number> {
	const labs = findLabs(context.root).flatMap((found) => {
		const outcome = loadLabWithScenarios(found);
		if (!outcome.ok) {
			context.stderr.write(`lab: ${found.name} has mistakes; see: lab validate ${found.name}\n`);
			return [];
		}
		const { lab, scenarios } = outcome.lab;
		return [
			{
				name: lab.name,
				title: lab.title,
				source: lab.source,
				requires: lab.requires,
				nodes: Object.keys(lab.nodes),
				scenarios: scenarios.map(({ name }) => name),
			},
		];
	});
	print(context, flags, labs, () =>
		textTable(
			["lab", "title", "nodes", "scenarios"],
			labs.map((lab) => [lab.name, lab.title, String(lab.nodes.length), lab.scenarios.join(" ")]),
		),
	);
	return 0;
}
