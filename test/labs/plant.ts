/** Plants a fault into a real lab, runs a scenario on it, and compares its checks with those of the run without the fault. */
import { appendFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { CheckResult, CheckStatus, RunReport, ScenarioResult } from "../../src/model/verdict.ts";
import { lab } from "../support/lab-command.ts";
import { type Edits, LabCopies, type Planted } from "../support/lab-copy.ts";

/** A check that comes out otherwise than without the fault. */
export interface Noticed {
	check: string;
	/** Position of the phase, from 0. */
	phase?: number;
	status: CheckStatus;
	observed: RegExp;
}

export interface Plant {
	/** What is wrong. */
	fault: string;
	scenario: string;
	/** The fault as a change that the scenario makes: the lab stays up for the next plant. */
	plant?: Planted;
	/** The fault as another lab file: the plant gets an instance of its own. */
	lab?: Edits;
	/** The fault as another scenario. */
	edits?: Edits;
	exit: 1 | 4 | 5;
	/** The check that tells the fault, and those that cannot but come out otherwise, too, each with the reason. */
	notices: [] | [Noticed, ...(Noticed & { why: string })[]];
	/** Why the scenario broke off. */
	reason?: RegExp;
}

/** What every run of a scenario is given, so that it is quick: smaller numbers. */
export type Sizes = Record<string, Edits>;

const STATUS_OF_EXIT = { 1: "failed", 4: "error", 5: "inconsistent" } as const;

interface Run {
	code: number;
	scenario: ScenarioResult;
	stderr: string;
}

/** `0 answered`: checks of the same name in different phases are different ones. */
function keyed(checks: CheckResult[]): Map<string, CheckResult> {
	const phases = [...new Set(checks.map(({ phase }) => phase))];
	return new Map(checks.map((result) => [`${phases.indexOf(result.phase)} ${result.check}`, result]));
}

function statuses(checks: Map<string, CheckResult>): Record<string, CheckStatus> {
	return Object.fromEntries([...checks].map(([key, { status }]) => [key, status]));
}

/** Runs the plants of one lab, one after another; describes the tests. */
export function describePlants(name: string, sizes: Sizes, plants: Plant[]): void {
	const copies = new LabCopies(name);
	// Whatever daemon this machine has: these labs need a kernel that has everything.
	const env = { LAB_ENGINE: "vm" };
	const instance = `planted-${name}-${process.pid}`;
	const healthy = new Map<string, Promise<Run>>();

	async function run(scenario: string, { plant, edits = {}, lab: labEdits = {} }: Partial<Plant>): Promise<Run> {
		const folder = copies.write([{ name: scenario, edits: { ...sizes[scenario], ...edits }, plant }], labEdits);
		const { code, stdout, stderr } = await lab(["test", folder, "-n", instance, "-f", "json"], {
			env,
			results: join(copies.folder, "results"),
		});
		const report = stdout ? (JSON.parse(stdout) as RunReport) : undefined;
		const result = report?.labs[0]?.scenarios[0];
		if (!result) throw new Error(`exit ${code} without a result: ${stderr}`);
		return { code, scenario: result, stderr };
	}

	function withoutFault(scenario: string): Promise<Run> {
		const known = healthy.get(scenario);
		if (known) return known;
		const first = run(scenario, {});
		healthy.set(scenario, first);
		return first;
	}

	async function check(planted: Plant): Promise<void> {
		const before = await withoutFault(planted.scenario);
		expect([before.code, before.scenario.status], before.stderr).toEqual([0, "passed"]);
		const after = await run(planted.scenario, planted);
		const checks = keyed(after.scenario.checks);
		const expected = statuses(keyed(before.scenario.checks));
		for (const { phase = 0, check: changed, status } of planted.notices) expected[`${phase} ${changed}`] = status;
		if (process.env.PF_DUMP)
			appendFileSync(
				process.env.PF_DUMP,
				`${JSON.stringify(
					{
						fault: planted.fault,
						code: after.code,
						reason: after.scenario.reason,
						ms: after.scenario.durationMs,
						changed: [...checks]
							.filter(([k, c]) => c.status !== keyed(before.scenario.checks).get(k)?.status)
							.map(([k, c]) => `${k}: ${c.status}: ${c.observed}`),
					},
					null,
					1,
				)}\n`,
			);
		expect(statuses(checks), after.stderr).toEqual(expected);
		for (const { phase = 0, check: changed, observed } of planted.notices) {
			expect(checks.get(`${phase} ${changed}`)?.observed).toMatch(observed);
		}
		expect([after.code, after.scenario.status]).toEqual([planted.exit, STATUS_OF_EXIT[planted.exit]]);
		expect(after.scenario.reason ?? "").toMatch(planted.reason ?? /^$/);
	}

	afterAll(() => copies.remove());

	describe.sequential("on a lab that is up", () => {
		beforeAll(async () => {
			const outcome = await lab(["up", copies.write([]), "-n", instance], {
				env,
				results: join(copies.folder, "results"),
			});
			expect(outcome.code, outcome.stderr).toBe(0);
		});
		afterAll(async () => {
			expect((await lab(["down", instance], { env })).code).toBe(0);
		});
		for (const planted of plants.filter((entry) => !entry.lab)) it.sequential(planted.fault, () => check(planted));
	});

	describe.sequential("in the lab file", () => {
		for (const planted of plants.filter((entry) => entry.lab)) it.sequential(planted.fault, () => check(planted));
	});
}
