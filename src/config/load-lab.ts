/** A lab file from disk: read, vars put in, shape and meaning checked, all mistakes at once. */
import { basename, dirname, join, resolve } from "node:path";
import { Lab } from "../model/lab.ts";
import { checkLab } from "./check-lab.ts";
import { checkShape, type Fallback } from "./check-shape.ts";
import { diskFiles, type Files } from "./files.ts";
import { plainSchema } from "./json-schema.ts";
import { type Outcome, sortProblems } from "./problem.ts";
import { readYaml } from "./read-yaml.ts";
import { Report } from "./report.ts";
import { setVars } from "./set-vars.ts";
import { substitute, type Vars } from "./substitute.ts";
import { type Positions, positionsOf } from "./tree.ts";

/** Name of the lab file in a lab's folder. */
export const LAB_FILE = "lab.yaml";

export interface LoadedLab {
	/** With its vars put in. */
	lab: Lab;
	/** Absolute path of the lab file. */
	file: string;
	/** Absolute path of its folder. */
	dir: string;
	positions: Positions;
}

const FALLBACK: Fallback = {
	name: "unnamed",
	title: "untitled",
	source: { title: "unknown" },
	networks: {},
	nodes: {},
};

/**
 * Loads `path`, a lab file or the folder of one. A file called lab.yaml must be in a folder with the lab's name. `given` are
 * values of its vars in place of those in the file; a name that is none of its vars ends in a LabError.
 */
export function loadLab(path: string, files: Files = diskFiles, given: Vars = {}): Outcome<{ lab: LoadedLab }> {
	const full = resolve(files.cwd(), path);
	const file = files.stat(full)?.kind === "directory" ? join(full, LAB_FILE) : full;
	const dir = dirname(file);
	const yaml = readYaml(file, files);
	if (!yaml.ok) return yaml;
	setVars(yaml.root, given);
	const vars = substitute(yaml.root, yaml);
	const shape = checkShape(
		Lab,
		plainSchema("lab"),
		yaml.file,
		yaml.root,
		new Set([...yaml.broken, ...vars.poisoned]),
		FALLBACK,
	);
	const report = new Report(yaml.file, shape.tree, shape.lost);
	if (shape.value) checkLab(shape.value, basename(file) === LAB_FILE ? basename(dir) : undefined, report);
	const problems = sortProblems([...yaml.problems, ...vars.problems, ...shape.problems, ...report.problems]);
	if (problems.length > 0 || !shape.value) return { ok: false, problems };
	return { ok: true, lab: { lab: shape.value, file, dir, positions: positionsOf(yaml.file, shape.tree) } };
}
