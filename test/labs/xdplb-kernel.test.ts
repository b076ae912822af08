/**
 * The balancer's own tests (bpf/xdplb/test) on the kernel that the labs run on, in a node with no more rights than the lab gives
 * the balancer. The suite bpf runs them on this host's kernel.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { lab } from "../support/lab-command.ts";

const LAB = "test/fixtures/bpf";
const INSTANCE = `bpf-${process.pid}`;
const OUT = mkdtempSync(join(tmpdir(), "lab-xdplb-kernel-"));
// Any daemon will do that is named for tests; else a machine.
const host = process.env.LAB_TEST_DOCKER_HOST;
const env: Record<string, string> = host ? { DOCKER_HOST: host, LAB_ENGINE: "docker" } : { LAB_ENGINE: "vm" };

const exec = (script: string, stdin?: string) =>
	lab(["exec", "-n", INSTANCE, "tester", "--", "bash", "-c", script], {
		env,
		...(stdin === undefined ? {} : { stdin }),
	});

/** Copies a file into the node as a program. */
async function copyIn(file: string, target: string): Promise<void> {
	const copied = await exec(`base64 -d >${target} && chmod +x ${target}`, readFileSync(file).toString("base64"));
	expect(copied.code, copied.stderr).toBe(0);
}

/** Runs a test program in the node; nothing of it may fail, and it must have tried something. */
async function passes(command: string, atLeast: number): Promise<void> {
	const { code, stdout, stderr } = await exec(`${command} 2>&1`);
	const counts = /^(\d+) passed, (\d+) failed/m.exec(stdout);
	const said = `${stdout
		.split("\n")
		.filter((line) => line.startsWith("FAIL"))
		.join("\n")}\n${stdout.slice(-1500)}${stderr}`;
	expect([code, Number(counts?.[2])], said).toEqual([0, 0]);
	expect(Number(counts?.[1])).toBeGreaterThanOrEqual(atLeast);
}

describe("bpf/xdplb in a node", () => {
	beforeAll(async () => {
		const built = spawnSync("make", ["-C", "bpf/xdplb", `OUT=${OUT}`, "all", `${OUT}/xdplb-test`], {
			encoding: "utf8",
		});
		expect(built.status, built.stderr).toBe(0);
		const outcome = await lab(["up", LAB, "-n", INSTANCE], { env });
		expect(outcome.code, outcome.stderr).toBe(0);
		await copyIn(join(OUT, "xdplb"), "/usr/local/bin/xdplb");
		await copyIn(join(OUT, "xdplb-test"), "/usr/local/bin/xdplb-test");
		await copyIn("bpf/xdplb/test/integration.sh", "/usr/local/bin/integration.sh");
		const { stdout } = await exec("uname -r");
		process.stdout.write(`bpf/xdplb is tested on kernel ${stdout.trim()}\n`);
	});

	afterAll(async () => {
		rmSync(OUT, { recursive: true, force: true });
		expect((await lab(["down", INSTANCE], { env })).code).toBe(0);
	});

	it("every frame is treated as it should be", () => passes("xdplb-test", 500));

	it("what is on the wire is what was tested", () => passes("integration.sh /usr/local/bin/xdplb", 30));
});
