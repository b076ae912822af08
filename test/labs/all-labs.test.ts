/** Every lab of the project, from nothing to its verdict in the embedded machine, as `lab test` runs it. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { labNames } from "../../src/config/find-labs.ts";
import type { RunReport } from "../../src/model/verdict.ts";
import { lab } from "../support/lab-command.ts";

describe.each(labNames("."))("%s", (name) => {
	it("passes, and leaves its evidence", async () => {
		const outcome = await lab(["test", name, "--engine", "vm", "-n", `all-${name}`, "-f", "json"]);
		const report = JSON.parse(outcome.stdout) as RunReport;
		const checks = report.labs.flatMap((entry) => entry.scenarios.flatMap((scenario) => scenario.checks));
		const bad = checks.filter((check) => check.status !== "pass");
		expect([outcome.code, report.status, bad], outcome.stderr.slice(-3000)).toEqual([0, "passed", []]);
		expect(checks.length).toBeGreaterThan(0);
		const junit = readFileSync(`${report.results}/junit.xml`, "utf8");
		expect(junit.match(/<testcase /g)?.length).toBe(checks.length);
		const run = JSON.parse(readFileSync(`${report.results}/run.json`, "utf8")) as { phases: { phase: string }[] };
		expect(run.phases.map(({ phase }) => phase)).toEqual(expect.arrayContaining(["engine", "up", "test", "down"]));
	});
});
