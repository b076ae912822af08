/** A lab from `up` to `down` on a daemon of this host, with both wirings, as a user types it. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { lab } from "../support/lab-command.ts";

const host = process.env.LAB_TEST_DOCKER_HOST;
if (!host) throw new Error("LAB_TEST_DOCKER_HOST names no daemon; run these tests with: ./lab selftest docker");
const env = { DOCKER_HOST: host, LAB_ENGINE: "docker" };
const LAB = "test/fixtures/routed";

describe.each(["as the file says", "veth", "docker"])("wiring %s", (wiring) => {
	const flags = wiring === "veth" || wiring === "docker" ? ["--wiring", wiring] : [];

	beforeAll(async () => {
		const outcome = await lab(["up", LAB, ...flags], { env });
		expect(outcome.stderr + outcome.stdout).toContain("routed is up");
		expect(outcome.code).toBe(0);
	});

	afterAll(async () => {
		expect((await lab(["down", "routed"], { env })).code).toBe(0);
		expect(JSON.parse((await lab(["ps", "-f", "json"], { env })).stdout)).toEqual([]);
	});

	const exec = (node: string, command: string) => lab(["exec", node, "--", "sh", "-c", command], { env });

	it("a second up changes nothing", async () => {
		expect((await lab(["up", LAB, ...flags], { env })).stdout).toContain("up already");
	});

	it("interfaces have the names, addresses and nothing else that the file gives them", async () => {
		const router = (await exec("router", "ip -br address")).stdout;
		expect(router).toMatch(/eth0@?\S*\s+UP\s+10\.98\.2\.1\/24/);
		expect(router).toMatch(/eth1@?\S*\s+UP\s+10\.98\.1\.2\/24/);
		expect((await exec("router", "ip route show default")).stdout).toBe("");
		expect((await exec("client", "ip route show default")).stdout).toContain("via 10.98.1.2");
	});

	it("host names and /etc/hosts are the lab's", async () => {
		expect((await exec("server1", "hostname")).stdout.trim()).toBe("server1");
		expect((await exec("server1", "cat /etc/hosts")).stdout).toContain("10.98.2.1 router");
		expect((await exec("server1", "getent hosts localhost")).code).toBe(0);
	});

	it("a look-up of any other name fails at once and leaves nothing", async () => {
		// Timed inside the node, in milliseconds: a resolver that asks outside would take its whole time-out of seconds.
		const look =
			"s=$(date +%s%N); getent hosts example.org; rc=$?; e=$(date +%s%N); echo $(( (e - s) / 1000000 )); exit $rc";
		const outcome = await exec("client", look);
		expect(outcome.code).toBe(2);
		expect(Number(outcome.stdout)).toBeLessThan(1000);
		expect((await exec("client", "cat /etc/resolv.conf")).stdout).toContain("nameserver 127.0.0.1");
	});

	it("exec ends with the exit code of the command and hands on its input", async () => {
		expect((await lab(["exec", "client", "--", "sh", "-c", "exit 7"], { env })).code).toBe(7);
		expect((await lab(["exec", "client", "--", "cat"], { env, stdin: "in and out" })).stdout).toBe("in and out");
	});

	it("logs shows what a service wrote", async () => {
		expect((await lab(["logs", "server1", "listener"], { env })).stdout).toContain("Listening on 0.0.0.0 8000");
	});

	it("a mistyped node is named with its neighbours", async () => {
		const outcome = await lab(["exec", "cleint", "--", "true"], { env });
		expect([outcome.code, outcome.stderr]).toEqual([2, expect.stringContaining("did you mean client?")]);
	});

	it("scenarios pass on a lab that is up, which stays up", async () => {
		const outcome = await lab(["test", LAB, ...flags, "-f", "json"], { env });
		const report = JSON.parse(outcome.stdout) as { status: string; labs: { scenarios: { checks: unknown[] }[] }[] };
		expect([outcome.code, report.status], outcome.stderr).toEqual([0, "passed"]);
		expect(report.labs[0]?.scenarios[0]?.checks.length).toBe(5);
		expect(JSON.parse((await lab(["ps", "-f", "json"], { env })).stdout)).toHaveLength(4);
	});
});
