import { readdirSync, readFileSync } from "node:fs";
import { basename, join, relative } from "node:path";
import { describe, expect, test } from "vitest";
import { EXPECTATION_KINDS } from "../model/expectation.ts";
import { ANSWER_KINDS } from "../model/lesson.ts";
import { TRAFFIC_KINDS } from "../model/scenario.ts";
import { STEP_KIND_NAMES } from "../model/step.ts";
import { diskFiles, type Files } from "./files.ts";
import { loadLab } from "./load-lab.ts";
import { loadLesson } from "./load-lesson.ts";
import { loadScenario } from "./load-scenarios.ts";
import { formatProblems, type Outcome } from "./problem.ts";

const ROOT = join(import.meta.dirname, "../..");
const BAD = join(ROOT, "test/bad");
const GOOD = join(ROOT, "test/good");

/** Messages must not depend on the directory the tests are started from. */
const files: Files = { ...diskFiles, cwd: () => ROOT };

function goodLab() {
	const outcome = loadLab(join(GOOD, "kinds.yaml"), files);
	if (!outcome.ok) throw new Error(formatProblems(outcome.problems));
	return outcome.lab.lab;
}

function errorText(outcome: Outcome<object>): string {
	return outcome.ok ? "" : `${formatProblems(outcome.problems)}\n`;
}

const yamlFiles = (dir: string) => readdirSync(dir).filter((name) => name.endsWith(".yaml"));
const badLabs = [...yamlFiles(join(BAD, "labs")), "wrong-folder/lab.yaml"];
const badScenarios = yamlFiles(join(BAD, "scenarios"));
const badLessons = yamlFiles(join(BAD, "lessons"));

describe("every bad file is refused with the very text an author should see", () => {
	test.each(badLabs)("labs/%s", async (name) => {
		const text = errorText(loadLab(join(BAD, "labs", name), files));
		expect(text).not.toBe("");
		await expect(text).toMatchFileSnapshot(join(BAD, "labs", name.replace(/\.yaml$/, ".txt")));
	});

	test.each(badScenarios)("scenarios/%s", async (name) => {
		const text = errorText(loadScenario(join(BAD, "scenarios", name), goodLab(), files));
		expect(text).not.toBe("");
		await expect(text).toMatchFileSnapshot(join(BAD, "scenarios", name.replace(/\.yaml$/, ".txt")));
	});

	test.each(badLessons)("lessons/%s", async (name) => {
		const text = errorText(loadLesson(join(BAD, "lessons", name), goodLab(), files));
		expect(text).not.toBe("");
		await expect(text).toMatchFileSnapshot(join(BAD, "lessons", name.replace(/\.yaml$/, ".txt")));
	});

	test("the corpus is large, and no golden text is left over from a file that is gone", () => {
		expect(badLabs.length + badScenarios.length).toBeGreaterThanOrEqual(90);
		const corpus = { labs: badLabs, scenarios: badScenarios, lessons: badLessons };
		for (const [dir, names] of Object.entries(corpus)) {
			const golden = readdirSync(join(BAD, dir)).filter((name) => name.endsWith(".txt"));
			const expected = names.filter((name) => !name.includes("/")).map((name) => `${basename(name, ".yaml")}.txt`);
			expect(golden.sort()).toEqual(expected.sort());
		}
	});

	test("a planted fault shows: a mistake put right, or another line, gives another text", () => {
		const file = join(BAD, "labs/unknown-key.yaml");
		const golden = readFileSync(join(BAD, "labs/unknown-key.txt"), "utf8");
		const textOf = (change: (text: string) => string) => {
			const changed = Buffer.from(change(readFileSync(file, "utf8")));
			return errorText(loadLab(file, { ...files, read: () => changed }));
		};
		expect(textOf((text) => text)).toBe(golden);
		expect(textOf((text) => text.replace("adress", "address"))).not.toBe(golden);
		expect(textOf((text) => `\n${text}`)).not.toBe(golden);
	});

	test("no text has the jargon of the libraries", () => {
		const golden = ["labs", "scenarios", "lessons"].flatMap((dir) =>
			readdirSync(join(BAD, dir))
				.filter((name) => name.endsWith(".txt"))
				.map((name) => readFileSync(join(BAD, dir, name), "utf8")),
		);
		expect(golden.join("\n")).not.toMatch(/Invalid input|Unrecognized|union|undefined|received|zod|\bNaN\b|\[object/);
	});
});

describe("good files", () => {
	test("load, and have every kind of step, expectation and traffic", () => {
		const lab = goodLab();
		const steps = Object.values(lab.nodes).flatMap((node) => node.steps ?? []);
		expect(STEP_KIND_NAMES.filter((kind) => !steps.some((step) => step[kind] !== undefined))).toEqual([]);
		const outcome = loadScenario(join(GOOD, "expectations.yaml"), lab, files);
		if (!outcome.ok) throw new Error(formatProblems(outcome.problems));
		const { phases } = outcome.scenario;
		const expectations = phases.flatMap((phase) => phase.expect);
		const unused = EXPECTATION_KINDS.filter((kind) => !expectations.some((entry) => entry[kind] !== undefined));
		expect(unused).toEqual([]);
		expect(TRAFFIC_KINDS.filter((kind) => !phases.some(({ traffic }) => traffic?.[kind] !== undefined))).toEqual([]);
	});

	test("a lesson loads, and has every kind of answer and of probe", () => {
		const outcome = loadLesson(join(GOOD, "lesson.yaml"), goodLab(), files);
		if (!outcome.ok) throw new Error(formatProblems(outcome.problems));
		const { steps } = outcome.lesson;
		const answers = steps.map(({ predict }) => predict?.measure.answer ?? {});
		expect(ANSWER_KINDS.filter((kind) => !answers.some((answer) => kind in answer))).toEqual([]);
		const probes = steps.flatMap(({ task }) => task?.hints.map(({ when }) => Object.keys(when).at(-1)) ?? []);
		expect(probes).toEqual(["equals", "matches", "lacks"]);
	});

	test("all files of the corpus name the schema that an editor should use", () => {
		const heads = [
			[join(GOOD, "kinds.yaml"), "lab"],
			[join(GOOD, "expectations.yaml"), "scenario"],
			[join(GOOD, "lesson.yaml"), "lesson"],
		] as const;
		for (const [file, schema] of heads) {
			const [head] = readFileSync(file, "utf8").split("\n");
			expect(`${relative(ROOT, file)} ${head}`).toContain(`$schema=../../schema/${schema}.schema.json`);
		}
	});
});
