/** The lesson of a lab from disk: `lesson.yaml` beside the lab file. */
import { join, resolve } from "node:path";
import type { Lab } from "../model/lab.ts";
import { Lesson } from "../model/lesson.ts";
import { checkLesson } from "./check-lesson.ts";
import { checkShape, type Fallback } from "./check-shape.ts";
import { diskFiles, type Files } from "./files.ts";
import { plainSchema } from "./json-schema.ts";
import { type Outcome, sortProblems } from "./problem.ts";
import { readYaml } from "./read-yaml.ts";
import { Report } from "./report.ts";
import { substitute } from "./substitute.ts";

/** Name of the lesson file in a lab's folder. */
const LESSON_FILE = "lesson.yaml";

const FALLBACK: Fallback = {
	title: "untitled",
	goal: "none is stated in the file",
	healthy: { expect: [{ answered: "all" }] },
	steps: [],
};

/** Where the lesson of the lab in `dir` is; undefined when it has none. */
export function lessonFile(dir: string, files: Files = diskFiles): string | undefined {
	const file = join(resolve(files.cwd(), dir), LESSON_FILE);
	return files.stat(file)?.kind === "file" ? file : undefined;
}

/** Loads the lesson at `path` for a lab that has been loaded; the lab's vars are put in. */
export function loadLesson(path: string, lab: Lab, files: Files = diskFiles): Outcome<{ lesson: Lesson }> {
	const yaml = readYaml(resolve(files.cwd(), path), files);
	if (!yaml.ok) return yaml;
	const vars = substitute(yaml.root, yaml, lab.vars);
	const shape = checkShape(
		Lesson,
		plainSchema("lesson"),
		yaml.file,
		yaml.root,
		new Set([...yaml.broken, ...vars.poisoned]),
		FALLBACK,
	);
	const report = new Report(yaml.file, shape.tree, shape.lost);
	if (shape.value) checkLesson(shape.value, lab, report);
	const problems = sortProblems([...yaml.problems, ...vars.problems, ...shape.problems, ...report.problems]);
	if (problems.length > 0 || !shape.value) return { ok: false, problems };
	return { ok: true, lesson: shape.value };
}
