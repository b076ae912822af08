/** `lab validate` */
import { findLabs, loadLabWithScenarios, resolveLab } from "../config/find-labs.ts";
import { formatProblems, sortProblems } from "../config/problem.ts";
import { EXIT } from "../model/error.ts";
import type { CliContext } from "./cli-context.ts";
import type { Flags } from "./flags.ts";
import { print } from "./output.ts";

export async function validate(context: CliContext, args: string[], flags: Flags): Promise<number> {
	const places = args.length > 0 ? args.map((name) => resolveLab(name, context.root)) : findLabs(context.root);
	const outcomes = places.map((place) => loadLabWithScenarios(place));
	const problems = sortProblems(outcomes.flatMap((outcome) => (outcome.ok ? [] : outcome.problems)));
	const scenarios = outcomes.reduce((sum, outcome) => sum + (outcome.ok ? outcome.lab.scenarios.length : 0), 0);
	print(context, flags, { valid: problems.length === 0, labs: places.map(({ name }) => name), problems }, () =>
		problems.length > 0
			? `${formatProblems(problems)}\n\n${problems.length} ${problems.length === 1 ? "mistake" : "mistakes"}`
			: `${places.map(({ name }) => name).join(", ")}: no mistakes in ${places.length} lab and ${scenarios} scenario files`,
	);
	return problems.length === 0 ? EXIT.passed : EXIT.input;
}
