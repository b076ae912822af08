/** Every lab of the project is whole: files that load, a README with its picture and errata, scenarios that it names. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { findLabs, loadLabWithScenarios } from "../../src/config/find-labs.ts";
import { lessonFile, loadLesson } from "../../src/config/load-lesson.ts";
import { formatProblems } from "../../src/config/problem.ts";
import { renderStep } from "../../src/steps/render-step.ts";

const labs = findLabs(".");

it("there are labs", () => expect(labs.length).toBeGreaterThan(0));

describe.each(labs)("$name", (found) => {
	const outcome = loadLabWithScenarios(found);
	const readme = existsSync(`${found.dir}/README.md`) ? readFileSync(`${found.dir}/README.md`, "utf8") : "";

	it("loads with its scenarios", () => {
		expect(outcome.ok ? [] : outcome.problems).toEqual([]);
		expect(outcome.ok && outcome.lab.scenarios.length).toBeGreaterThan(0);
	});

	it("files name their schema for editors", () => {
		const files = [found.file, ...readdirSync(found.scenarios).map((name) => `${found.scenarios}/${name}`)];
		for (const file of files)
			expect(readFileSync(file, "utf8"), file).toMatch(/^# yaml-language-server: \$schema=\S+\.schema\.json\n/);
	});

	it("has a lesson of 6 to 10 steps, with something to predict and something to mend", () => {
		if (!outcome.ok) return expect.fail("does not load");
		const lesson = loadLesson(lessonFile(found.dir) ?? `${found.dir}/lesson.yaml`, outcome.lab.lab);
		if (!lesson.ok) return expect.fail(formatProblems(lesson.problems));
		const { steps } = lesson.lesson;
		expect(steps.length).toBeGreaterThanOrEqual(6);
		expect(steps.length).toBeLessThanOrEqual(10);
		expect(steps.filter(({ predict }) => predict).length).toBeGreaterThanOrEqual(2);
		expect(steps.filter(({ task }) => task?.break).length).toBeGreaterThanOrEqual(1);
		const head = readFileSync(`${found.dir}/lesson.yaml`, "utf8");
		expect(head).toMatch(/^# yaml-language-server: \$schema=\S+\/lesson\.schema\.json\n/);
	});

	it("every step renders and says why", () => {
		if (!outcome.ok) return expect.fail("does not load");
		const steps = Object.values(outcome.lab.lab.nodes).flatMap((node) => node.steps ?? []);
		for (const step of steps) expect(renderStep(step).commands.join("")).not.toBe("");
	});

	it("README has the idea, what to look at and the errata, each with a scenario or a reason", () => {
		for (const heading of ["## The idea", "## Look for yourself", "## Errata"]) expect(readme).toContain(heading);
		const names = outcome.ok ? outcome.lab.scenarios.map((scenario) => scenario.name) : [];
		const rows = (readme.split("## Errata")[1] ?? "").split("\n").filter((line) => /^\| \d+ \|/.test(line));
		expect(rows.length).toBeGreaterThan(0);
		for (const row of rows) {
			const last = row.split("|").at(-2)?.trim() ?? "";
			const shown = last.startsWith("none: ") ? last.length > 12 : names.some((name) => last.startsWith(name));
			expect(shown, `no scenario and no reason in: ${row}`).toBe(true);
		}
	});

	it("README names no scenario that does not exist, and leaves none out", () => {
		const names = outcome.ok ? outcome.lab.scenarios.map((scenario) => scenario.name) : [];
		for (const name of names)
			expect(readme, `scenario ${name} is not in the README`).toMatch(new RegExp(`\\b${name}\\b`));
	});
});

it("no file of the product mentions where its sources are kept here", () => {
	const folders = ["labs", "scenarios", "src", "images", "bpf", "schema"];
	const files = folders.flatMap((folder) => readdirSync(folder, { recursive: true, withFileTypes: true }));
	for (const file of files.filter((entry) => entry.isFile())) {
		expect(readFileSync(`${file.parentPath}/${file.name}`, "utf8"), file.name).not.toContain("../shared");
	}
});
