/** Every lab of the project, from nothing to its verdict in the embedded machine, as `lab test --all` runs them. */
import { readFileSync } from "node:fs";
import { beforeAll, describe, expect, it } from "vitest";
import { labNames } from "../../src/config/find-labs.ts";
import type { RunReport } from "../../src/model/verdict.ts";
import { lab } from "../support/lab-command.ts";

let report: RunReport;
let words: string;

beforeAll(async () => {
	const outcome = await lab(["test", "--all", "--engine", "vm", "-f", "json"]);
	words = outcome.stderr;
	report = JSON.parse(outcome.stdout) as RunReport;
	expect(report.labs.map((entry) => entry.lab)).toEqual(labNames("."));
}, 1_800_000);

const checksOf = (entry: RunReport["labs"][number] | undefined) =>
	entry?.scenarios.flatMap((scenario) => scenario.checks) ?? [];

describe.each(labNames("."))("%s", (name) => {
	it("passes", () => {
		const entry = report.labs.find((candidate) => candidate.lab === name);
		const bad = checksOf(entry).filter((check) => check.status !== "pass");
		expect([entry?.status, bad], words.slice(-5000)).toEqual(["passed", []]);
		expect(checksOf(entry).length).toBeGreaterThan(0);
	});
});

it("leave their evidence", () => {
	const junit = readFileSync(`${report.results}/junit.xml`, "utf8");
	expect(junit.match(/<testcase /g)?.length).toBe(report.labs.flatMap(checksOf).length);
	const run = JSON.parse(readFileSync(`${report.results}/run.json`, "utf8")) as {
		phases: { phase: string; lab?: string }[];
	};
	for (const name of labNames(".")) {
		const phases = run.phases.filter((entry) => entry.lab === name).map(({ phase }) => phase);
		expect(phases).toEqual(expect.arrayContaining(["engine", "up", "test", "down"]));
	}
});

it("tell what they took", () => {
	expect(words).toMatch(/peak memory: \d+\.\d GB \(\d machines? at once\)/);
});
