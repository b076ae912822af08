/** Which labs and scenarios `lab test` is about. */
import { labNames, type OpenLab, openLab } from "../config/find-labs.ts";
import { didYouMean } from "../config/suggest.ts";
import { LabError } from "../model/error.ts";
import type { CliContext } from "./cli-context.ts";
import type { Flags } from "./flags.ts";

/** The labs that are meant, each checked; a mistake in any of them stops everything before anything is made. */
export function chooseLabs(context: CliContext, args: string[], flags: Flags): OpenLab[] {
	const labs = namesOf(context, args, flags).map((name) => openLab(name, context.root, flags.set));
	if (flags.name !== undefined && labs.length > 1) {
		throw new LabError("input", "--name names one instance, and there are several labs", { code: "name-for-many" });
	}
	return flags.scenario ? withScenarios(labs, flags.scenario) : labs;
}

function namesOf(context: CliContext, args: string[], flags: Flags): string[] {
	const known = labNames(context.root);
	if (flags.all && args.length > 0) {
		throw new LabError("input", "labs are named and --all is given", { code: "all-and-names", hint: "Leave one out." });
	}
	if (flags.all) return known;
	if (args.length > 0) return [...new Set(args)];
	throw new LabError("input", "no lab given", {
		code: "no-lab",
		hint: `lab test ${known[0] ?? "LAB"}, or lab test --all. Labs: ${known.join(", ")}`,
	});
}

/** Only the scenarios that are wanted, and only the labs that have one of them. */
function withScenarios(labs: OpenLab[], wanted: string[]): OpenLab[] {
	const known = labs.flatMap((lab) => lab.scenarios.map((scenario) => scenario.name));
	for (const name of wanted) {
		if (known.includes(name)) continue;
		throw new LabError("input", `there is no scenario "${name}"${didYouMean(name, known)}`, {
			code: "unknown-scenario",
			hint: `Scenarios: ${known.join(", ")}`,
		});
	}
	return labs
		.map((lab) => ({ ...lab, scenarios: lab.scenarios.filter((scenario) => wanted.includes(scenario.name)) }))
		.filter((lab) => lab.scenarios.length > 0);
}
