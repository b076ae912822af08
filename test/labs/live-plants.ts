/**
 * Faults planted in a lab that is up: each scenario must turn red at the named check and at the fault's doing, and is given the
 * healthy lab back for the next one. One lab serves all plants, so a plant costs one scenario and no `up`.
 */
import { readdirSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { lab } from "../support/lab-command.ts";

export interface LivePlant {
	scenario: string;
	/** The fault in words. */
	fault: string;
	/** Commands by node. */
	plant: Record<string, string>;
	/** Commands by node that take it back. */
	undo: Record<string, string>;
	/** Checks that must fail, as `phase: check`, the beginnings of both. */
	red: string[];
}

interface Report {
	status: string;
	labs: { scenarios: { checks: { phase: string; check: string; status: string; observed: string }[] }[] }[];
}

/** Names of the checks that did not pass. */
function redChecks(report: Report): string[] {
	const checks = report.labs.flatMap(({ scenarios }) => scenarios.flatMap((scenario) => scenario.checks));
	return checks
		.filter(({ status }) => status === "fail" || status === "error")
		.map(({ phase, check, status, observed }) => `${phase}: ${check} (${status}: ${observed})`);
}

/**
 * Declares one test per plant, and one that every scenario of the lab has a plant, here or `elsewhere`.
 */
export function livePlants(name: string, plants: readonly LivePlant[], elsewhere: readonly string[] = []): void {
	const instance = `plants-${name}`.slice(0, 30);
	const scenarios = readdirSync(`scenarios/${name}`).map((file) => file.replace(/\.yaml$/, ""));
	// The daemon that is named for tests, where its kernel can run the lab; else a machine of the lab's own.
	const host = process.env.LAB_TEST_DOCKER_HOST;
	const env: Record<string, string> = host ? { DOCKER_HOST: host, LAB_ENGINE: "auto" } : { LAB_ENGINE: "vm" };
	const run = (args: string[]) => lab(args, { env });
	const exec = async (commands: Record<string, string>) => {
		for (const [node, command] of Object.entries(commands)) {
			const outcome = await run(["exec", "-n", instance, node, "--", "sh", "-e", "-c", command]);
			expect([node, command, outcome.code], outcome.stderr).toEqual([node, command, 0]);
		}
	};

	describe(`faults planted in ${name}`, () => {
		beforeAll(async () => {
			const outcome = await run(["up", name, "-n", instance]);
			expect(outcome.code, outcome.stderr).toBe(0);
		});

		afterAll(async () => {
			expect((await run(["down", instance])).code).toBe(0);
		});

		it.each(plants)("$scenario: $fault", async ({ scenario, plant, undo, red }) => {
			await exec(plant);
			const outcome = await run(["test", name, "-n", instance, "-s", scenario, "--keep", "-f", "json"]);
			await exec(undo);
			expect([1, 4, 5], outcome.stderr).toContain(outcome.code);
			const seen = redChecks(JSON.parse(outcome.stdout) as Report);
			for (const check of red) {
				const [phase = "", title = ""] = check.split(": ");
				const found = seen.some((text) => text.startsWith(phase) && text.includes(`: ${title}`));
				expect(found, `${check} is not among:\n${seen.join("\n")}`).toBe(true);
			}
		});

		it("every scenario has been seen red", () => {
			const planted = [...plants.map(({ scenario }) => scenario), ...elsewhere];
			expect([...new Set(planted)].sort()).toEqual(scenarios.sort());
		});
	});
}
