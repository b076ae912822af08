/**
 * The balancer's own tests (bpf/xdplb/test) on the kernel that the labs run on, in a node with no more rights than the lab gives
 * the balancer. The suite bpf runs them on this host's kernel.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { debianTree } from "../support/debian-tree.ts";
import { testCacheDir } from "../support/host-daemon-setup.ts";
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

/** Hands bytes to a command in the node. */
async function hand(bytes: Buffer, command: string): Promise<void> {
	const handed = await exec(`base64 -d | ${command}`, bytes.toString("base64"));
	expect(handed.code, handed.stderr).toBe(0);
}

/** Copies a file into the node as a program. */
const copyIn = (file: string, target: string) => hand(readFileSync(file), `cat >${target} && chmod +x ${target}`);

/** Nodes have no Python, and the hosts around the balancer are played by it: Debian's, of the node's own release. */
async function bringPython(): Promise<void> {
	const tree = await debianTree({
		...{ cacheDir: testCacheDir(), suite: "trixie", name: "python" },
		packages: ["python3-minimal", "libpython3-stdlib"],
		// The node has its own.
		without: /^(libc6|libgcc|gcc-|libssl|zlib1g)/,
	});
	const archive = spawnSync("tar", ["-C", tree, "-cz", "--exclude=./usr/share", "."], { maxBuffer: 64 << 20 });
	expect(archive.status, String(archive.stderr)).toBe(0);
	await hand(archive.stdout, `{ mkdir -p ${PYTHON} && tar -C ${PYTHON} -xz; }`);
}

/** Where Python is in the node, and how it is called from there. */
const PYTHON = "/opt/python";
const CALL_PYTHON = `LD_LIBRARY_PATH=$(echo ${PYTHON}/usr/lib/*-linux-gnu) PYTHONHOME=${PYTHON}/usr ${PYTHON}/usr/bin/python3`;

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

	it("connections go through it, stay and end as they should", async () => {
		await bringPython();
		await copyIn("bpf/xdplb/test/endtoend.py", "/usr/local/bin/endtoend.py");
		await passes(`${CALL_PYTHON} /usr/local/bin/endtoend.py /usr/local/bin/xdplb`, 30);
	});
});
