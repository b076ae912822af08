/** The project's own labs and scenarios: they load, and an editor can complete them. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { labNames, projectProblems } from "./find-labs.ts";
import { formatProblems } from "./problem.ts";

const ROOT = join(import.meta.dirname, "../..");

function head(file: string): string {
	return readFileSync(file, "utf8").split("\n")[0] ?? "";
}

test("all labs and scenarios of the project load", () => {
	expect(formatProblems(projectProblems(ROOT))).toBe("");
});

describe.each(labNames(ROOT))("%s", (name) => {
	test("names the schema of a lab in its first line", () => {
		expect(head(join(ROOT, "labs", name, "lab.yaml"))).toBe(
			"# yaml-language-server: $schema=../../schema/lab.schema.json",
		);
	});

	test("names the schema of a scenario in the first line of each", () => {
		const folder = join(ROOT, "scenarios", name);
		for (const file of readdirSync(folder).filter((entry) => entry.endsWith(".yaml"))) {
			expect(`${file}: ${head(join(folder, file))}`).toBe(
				`${file}: # yaml-language-server: $schema=../../schema/scenario.schema.json`,
			);
		}
	});
});
