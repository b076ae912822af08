/** iptables-single needs neither IPVS nor IPIP, so it runs on a daemon of this host's own kernel as well as in the machine. */
import { afterAll, expect, it } from "vitest";
import { lab } from "../support/lab-command.ts";
import { LabCopies } from "../support/lab-copy.ts";

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

const copies = new LabCopies("iptables-single");
afterAll(() => copies.remove());

it("requests that nobody answered take none from those after the rules were mended", async () => {
	// Few ports to pick from, so that a kernel that picks by chance meets again what conntrack keeps of the first phase.
	const few = "sysctl -w net.ipv4.ip_local_port_range='40000 40199'";
	const range = "sysctl -w net.ipv4.ip_local_port_range='32768 60999'";
	const folder = copies.write([
		{
			name: "outside",
			edits: { "phases/0/traffic/count": 40, "phases/0/traffic/parallel": 20 },
			plant: { phase: 0, change: { on: "client", run: few, undo: range } },
		},
	]);
	const outcome = await lab(["test", folder, "-f", "json"], { env });
	const report = JSON.parse(outcome.stdout) as { status: string };
	expect([outcome.code, report.status], outcome.stderr).toEqual([0, "passed"]);
});
