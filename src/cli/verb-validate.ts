/** `lab validate` */
import { findLabs, labProblems, resolveLab } from "../config/find-labs.ts";
import { formatProblems, sortProblems } from "../config/problem.ts";
import { EXIT } from "../model/error.ts";
import type { CliContext } from "./cli-context.ts";
import type { Flags } from "./flags.ts";
import { print } from "./output.ts";

export async function validate(context: CliContext, args: string[], flags: Flags): Promise<number> {
	const places = args.length > 0 ? args.map((name) => resolveLab(name, context.root)) : findLabs(context.root);
	const checked = places.map((place) => labProblems(place));
	const problems = sortProblems(checked.flatMap((lab) => lab.problems));
	const sum = (count: "scenarios" | "lessons") => checked.reduce((total, lab) => total + lab[count], 0);
	print(context, flags, { valid: problems.length === 0, labs: places.map(({ name }) => name), problems }, () =>
		problems.length > 0
			? `${formatProblems(problems)}\n\n${problems.length} ${problems.length === 1 ? "mistake" : "mistakes"}`
			: `${places.map(({ name }) => name).join(", ")}: no mistakes in ${places.length} lab, ${sum("scenarios")} scenario and ${sum("lessons")} lesson files`,
	);
	return problems.length === 0 ? EXIT.passed : EXIT.input;
}
