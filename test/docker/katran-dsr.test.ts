/** katran-dsr on a daemon of this host's own kernel: with its tunnel device where that has ipip, else with `xdplb decap`. */
import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import type { RunReport } from "../../src/model/verdict.ts";
import { lab } from "../support/lab-command.ts";

const host = process.env.LAB_TEST_DOCKER_HOST;
if (!host) throw new Error("LAB_TEST_DOCKER_HOST names no daemon; run these tests with: ./lab selftest docker");
const env = { DOCKER_HOST: host, LAB_ENGINE: "docker" };

async function run(...args: string[]): Promise<RunReport> {
	const outcome = await lab(["test", "katran-dsr", "-f", "json", ...args], { env });
	const report = JSON.parse(outcome.stdout) as RunReport;
	const bad = report.labs.flatMap(({ scenarios }) =>
		scenarios.flatMap(({ name, checks }) =>
			checks.filter(({ status }) => status !== "pass").map((check) => ({ name, ...check })),
		),
	);
	expect([outcome.code, report.status, bad], outcome.stderr.slice(-3000)).toEqual([0, "passed", []]);
	return report;
}

it("every scenario passes on a daemon of this host, and the run says how the outer header was taken off", async () => {
	const { engine, results } = await run();
	expect(engine.kind).toBe("docker");
	const [choice] = engine.choices ?? [];
	const steps = (taken: string[]) => ["real1", "real2", "real3"].flatMap((real) => taken.map((id) => `${real}: ${id}`));
	expect(choice).toMatchObject({
		feature: "ipip",
		steps: steps(choice?.has ? ["tunnel", "tunnel-address"] : ["decap"]),
	});
	const stored = JSON.parse(readFileSync(`${results}/run.json`, "utf8")) as { engine: RunReport["engine"] };
	expect(stored.engine.choices).toEqual(engine.choices);
});

it("--without ipip takes xdplb decap on every kernel", async () => {
	const { engine, labs } = await run("-s", "decapsulation", "--without", "ipip");
	expect(engine.choices).toEqual([
		{ feature: "ipip", has: false, how: "--without ipip", steps: ["real1: decap", "real2: decap", "real3: decap"] },
	]);
	const phases = new Set(
		labs.flatMap(({ scenarios }) => scenarios.flatMap(({ checks }) => checks.map((c) => c.phase))),
	);
	expect([...phases]).toEqual(["xdplb decap takes it off, as there is no tunnel device"]);
});

it("in native mode every scenario passes with veth wiring, where the fabric has its end of the wire", async () => {
	const { labs } = await run("--set", "mode=native", "--wiring", "veth");
	const checks = labs.flatMap(({ scenarios }) => scenarios.flatMap((scenario) => scenario.checks));
	const shown = checks.find(({ check }) => check.startsWith("state at katran: xdplb show"));
	expect(shown?.observed).toContain('"mode":"native"');
});

it("the lesson holds on this kernel, too", async () => {
	const outcome = await lab(["learn", "katran-dsr", "--as-author"], { env });
	expect([outcome.code, outcome.stdout.split("\n").filter((line) => line.startsWith("FAIL"))]).toEqual([0, []]);
});
