/** Which engine is taken where the daemon's kernel has no IPVS: the one of this host, when `lab selftest` has given it one. */
import { existsSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { RunReport } from "../../src/model/verdict.ts";
import { lab } from "../support/lab-command.ts";

const host = process.env.LAB_TEST_DOCKER_HOST;
if (!host) throw new Error("LAB_TEST_DOCKER_HOST names no daemon; run these tests with: ./lab selftest docker");
const env = { DOCKER_HOST: host };

/** Where the kernel of this host has it loaded, its daemon lacks nothing, and there is no choice to test. */
const hasIpvs = existsSync("/proc/net/ip_vs");

describe.skipIf(hasIpvs)("a daemon on a kernel without IPVS", () => {
	it("is refused with --engine docker, which names what is missing and the ways out", async () => {
		const { code, stdout, stderr } = await lab(["up", "ipvs-nat", "--engine", "docker", "-f", "json"], { env });
		expect(code, stderr).toBe(3);
		expect(JSON.parse(stdout)).toEqual({
			error: {
				code: "kernel-feature-missing",
				message: `ipvs-nat cannot run: the daemon at ${host} runs on a kernel without ip_vs, ip_vs_rr`,
				hint: expect.stringMatching(/modprobe.*--load-modules.*--engine vm$/),
				where: null,
			},
		});
	});

	it("makes a test a run that could not be made, and never one that passed", async () => {
		const { code, stdout, stderr } = await lab(["test", "ipvs-nat", "--engine", "docker", "-f", "json"], { env });
		expect(code, stderr).toBe(3);
		const report = JSON.parse(stdout) as RunReport;
		expect(report.labs).toEqual([
			expect.objectContaining({ status: "error", scenarios: [], reason: expect.stringContaining("without ip_vs") }),
		]);
		expect(stderr).toMatch(/hint: .*--engine vm/);
	});

	it("is passed over by --engine auto, which takes the embedded machine and says why", async () => {
		const instance = `choice-${process.pid}`;
		const args = ["test", "ipvs-nat", "-n", instance, "-s", "removed-backend", "-f", "json"];
		const { code, stdout, stderr } = await lab(args, { env: { ...env, LAB_ENGINE: "auto" } });
		expect(code, stderr).toBe(0);
		const report = JSON.parse(stdout) as RunReport;
		expect(report.engine).toMatchObject({
			kind: "vm",
			reason: `the daemon at ${host} runs on a kernel without ip_vs, ip_vs_rr`,
		});
		expect(report.status).toBe("passed");
	});
});
