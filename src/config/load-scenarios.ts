/** The scenarios of a lab from disk. */
import { basename, join, resolve } from "node:path";
import type { Lab } from "../model/lab.ts";
import { Name } from "../model/name.ts";
import { Scenario } from "../model/scenario.ts";
import { checkScenario } from "./check-scenario.ts";
import { checkShape, type Fallback } from "./check-shape.ts";
import { diskFiles, type Files, shownPath } from "./files.ts";
import { plainSchema } from "./json-schema.ts";
import { type Outcome, type Problem, sortProblems } from "./problem.ts";
import { readYaml } from "./read-yaml.ts";
import { Report } from "./report.ts";
import { substitute } from "./substitute.ts";

const FALLBACK: Fallback = { intent: "not stated at all", phases: [] };

/** Loads every `*.yaml` of the folder, by name. No folder or no file in it: no scenarios. */
export function loadScenarios(
	labName: string,
	dir: string,
	lab: Lab,
	files: Files = diskFiles,
): Outcome<{ scenarios: Scenario[] }> {
	const folder = resolve(files.cwd(), dir);
	const problems: Problem[] = [];
	const scenarios: Scenario[] = [];
	for (const entry of files.list(folder)) {
		const file = join(folder, entry);
		if (entry.startsWith(".") || files.stat(file)?.kind === "directory") continue;
		if (entry.endsWith(".yml")) {
			const message = `is not loaded: scenarios of ${labName} end in .yaml`;
			problems.push({ where: { file: shownPath(file, files) }, path: "", message, hint: "rename the file" });
		}
		if (!entry.endsWith(".yaml")) continue;
		const outcome = loadScenario(file, lab, files);
		if (outcome.ok) scenarios.push(outcome.scenario);
		else problems.push(...outcome.problems);
	}
	return problems.length > 0 ? { ok: false, problems: sortProblems(problems) } : { ok: true, scenarios };
}

/** Loads one scenario of a lab that has been loaded. Its name is that of the file. */
export function loadScenario(path: string, lab: Lab, files: Files = diskFiles): Outcome<{ scenario: Scenario }> {
	const name = basename(path, ".yaml");
	const yaml = readYaml(resolve(files.cwd(), path), files);
	if (!yaml.ok) return yaml;
	const named = Name.safeParse(name);
	const problems: Problem[] = [...yaml.problems];
	for (const issue of named.error?.issues ?? []) {
		const message = `the file's name is the scenario's name: "${name}" ${issue.message}`;
		problems.push({ where: { file: yaml.file }, path: "", message });
	}
	const vars = substitute(yaml.root, yaml, lab.vars);
	const shape = checkShape(
		Scenario,
		plainSchema("scenario"),
		yaml.file,
		yaml.root,
		new Set([...yaml.broken, ...vars.poisoned]),
		FALLBACK,
	);
	const report = new Report(yaml.file, shape.tree, shape.lost);
	if (shape.value) checkScenario({ ...shape.value, name }, lab, report);
	problems.push(...vars.problems, ...shape.problems, ...report.problems);
	if (problems.length > 0 || !shape.value) return { ok: false, problems: sortProblems(problems) };
	return { ok: true, scenario: { ...shape.value, name } };
}
