/** iptables-single needs neither IPVS nor IPIP, so it runs on a daemon of this host's own kernel as well as in the machine. */
import { expect, it } from "vitest";
import { lab } from "../support/lab-command.ts";

const host = process.env.LAB_TEST_DOCKER_HOST;
if (!host) throw new Error("LAB_TEST_DOCKER_HOST names no daemon; run these tests with: ./lab selftest docker");
const env = { DOCKER_HOST: host, LAB_ENGINE: "docker" };

it("every scenario passes on a daemon of this host", async () => {
	const outcome = await lab(["test", "iptables-single", "-f", "json"], { env });
	const report = JSON.parse(outcome.stdout) as {
		status: string;
		engine: { kind: string };
		labs: { scenarios: unknown[] }[];
	};
	expect([outcome.code, report.status, report.engine.kind], outcome.stderr).toEqual([0, "passed", "docker"]);
	expect(report.labs[0]?.scenarios.length).toBeGreaterThanOrEqual(6);
});
