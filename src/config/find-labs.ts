/** Where labs and their scenarios are: by name in the project, or by path anywhere. */
import { basename, dirname, join, resolve } from "node:path";
import { LabError } from "../model/error.ts";
import type { Lesson } from "../model/lesson.ts";
import type { Scenario } from "../model/scenario.ts";
import { diskFiles, type Files, shownPath } from "./files.ts";
import { LAB_FILE, type LoadedLab, loadLab } from "./load-lab.ts";
import { lessonFile, loadLesson } from "./load-lesson.ts";
import { loadScenarios } from "./load-scenarios.ts";
import { type Outcome, type Problem, sortProblems, throwProblems } from "./problem.ts";
import type { Vars } from "./substitute.ts";
import { closest } from "./suggest.ts";

export interface LabLocation {
	/** Name of its folder. */
	name: string;
	/** Absolute path of the lab file. */
	file: string;
	/** Absolute path of its folder. */
	dir: string;
	/** Absolute path of the folder with its scenarios, which need not exist. */
	scenarios: string;
}

export interface FoundLab extends LabLocation {
	/** The lab, or what is wrong with its file. */
	outcome: Outcome<{ lab: LoadedLab }>;
}

/** A lab with its scenarios. */
export interface OpenLab extends LoadedLab {
	scenarios: Scenario[];
}

/** All labs of the project, by name. A broken one does not hide the others. */
export function findLabs(root: string, files: Files = diskFiles): FoundLab[] {
	return labNames(root, files).map((name) => {
		const location = locate(join(labsFolder(root, files), name, LAB_FILE), root, files);
		return { ...location, outcome: loadLab(location.file, files) };
	});
}

/** Names of the labs of the project, without reading them; for completion. */
export function labNames(root: string, files: Files = diskFiles): string[] {
	const folder = labsFolder(root, files);
	return files.list(folder).filter((name) => files.stat(join(folder, name, LAB_FILE))?.kind === "file");
}

/**
 * Finds a lab by its name in the project, or by the path of its file or folder. Scenarios of a lab outside of the
 * project are in the folder `scenarios` beside its file. Unknown names end in a LabError `unknown-lab`.
 */
export function resolveLab(nameOrPath: string, root: string, files: Files = diskFiles): LabLocation {
	const names = labNames(root, files);
	if (names.includes(nameOrPath)) return locate(join(labsFolder(root, files), nameOrPath, LAB_FILE), root, files);
	const full = resolve(files.cwd(), nameOrPath);
	const kind = files.stat(full)?.kind;
	if (kind === "file") return locate(full, root, files);
	if (kind === "directory" && files.stat(join(full, LAB_FILE))?.kind === "file") {
		return locate(join(full, LAB_FILE), root, files);
	}
	if (kind === "directory") {
		throw new LabError("input", `there is no ${LAB_FILE} in ${shownPath(full, files)}`, {
			code: "unknown-lab",
			hint: "Name a lab, a lab file or the folder of one.",
		});
	}
	const guess = closest(nameOrPath, names);
	const known = names.length > 0 ? `Labs: ${names.join(", ")}.` : `There are no labs in ${labsFolder(root, files)}.`;
	throw new LabError("input", `there is no lab "${nameOrPath}"${guess ? `; did you mean "${guess}"?` : ""}`, {
		code: "unknown-lab",
		hint: `${known} A path to a lab file or its folder does as well.`,
	});
}

/** Loads a lab and its scenarios, with `given` values of its vars; what is wrong with any of them, as problems. */
export function loadLabWithScenarios(
	location: LabLocation,
	files: Files = diskFiles,
	given: Vars = {},
): Outcome<{ lab: OpenLab }> {
	const outcome = loadLab(location.file, files, given);
	if (!outcome.ok) return outcome;
	const { lab } = outcome;
	const scenarios = loadScenarios(lab.lab.name, location.scenarios, lab.lab, files);
	if (!scenarios.ok) return scenarios;
	return { ok: true, lab: { ...lab, scenarios: scenarios.scenarios } };
}

/** Finds and loads a lab with its scenarios, or ends with a LabError that says everything that is wrong. */
export function openLab(nameOrPath: string, root: string, given: Vars = {}, files: Files = diskFiles): OpenLab {
	const outcome = loadLabWithScenarios(resolveLab(nameOrPath, root, files), files, given);
	return outcome.ok ? outcome.lab : throwProblems(outcome.problems);
}

/** The same without its scenarios, for those who run none: most of the time goes into them, and their mistakes stop nobody here. */
export function openLabFile(nameOrPath: string, root: string, given: Vars = {}, files: Files = diskFiles): LoadedLab {
	const outcome = loadLab(resolveLab(nameOrPath, root, files).file, files, given);
	return outcome.ok ? outcome.lab : throwProblems(outcome.problems);
}

/** Finds and loads a lab with its lesson, or ends with a LabError; one without a lesson is `no-lesson`. */
export function openLesson(nameOrPath: string, root: string, files: Files = diskFiles): LoadedLab & { lesson: Lesson } {
	const location = resolveLab(nameOrPath, root, files);
	const outcome = loadLab(location.file, files);
	if (!outcome.ok) return throwProblems(outcome.problems);
	const file = lessonFile(location.dir, files);
	if (file === undefined) {
		throw new LabError("input", `lab ${outcome.lab.lab.name} has no lesson`, {
			code: "no-lesson",
			hint: `Write one: ${shownPath(join(location.dir, "lesson.yaml"), files)}`,
		});
	}
	const lesson = loadLesson(file, outcome.lab.lab, files);
	return lesson.ok ? { ...outcome.lab, lesson: lesson.lesson } : throwProblems(lesson.problems);
}

/** What is wrong in a lab, its scenarios and its lesson, and how much of it there is. */
export function labProblems(location: LabLocation, files: Files = diskFiles) {
	const outcome = loadLabWithScenarios(location, files);
	if (!outcome.ok) return { problems: outcome.problems, scenarios: 0, lessons: 0 };
	const file = lessonFile(location.dir, files);
	const lesson = file === undefined ? undefined : loadLesson(file, outcome.lab.lab, files);
	const problems = lesson === undefined || lesson.ok ? [] : lesson.problems;
	return { problems, scenarios: outcome.lab.scenarios.length, lessons: lesson === undefined ? 0 : 1 };
}

/** What is wrong in all labs, scenarios and lessons of the project. */
export function projectProblems(root: string, files: Files = diskFiles): Problem[] {
	return sortProblems(findLabs(root, files).flatMap((found) => labProblems(found, files).problems));
}

function labsFolder(root: string, files: Files): string {
	return join(resolve(files.cwd(), root), "labs");
}

function locate(file: string, root: string, files: Files): LabLocation {
	const dir = dirname(file);
	const name = basename(dir);
	const inProject = dirname(dir) === labsFolder(root, files);
	const scenarios = inProject ? join(resolve(files.cwd(), root), "scenarios", name) : join(dir, "scenarios");
	return { name, file, dir, scenarios };
}
