/** `./lab` as a process: pipes that close, disks that are full, terminals that can and cannot. */
import { spawn } from "node:child_process";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, vi } from "vitest";
import { lab } from "../support/lab-command.ts";
import { onTerminal } from "../support/pty.ts";

vi.setConfig({ testTimeout: 120_000 });

const place = mkdtempSync(join(tmpdir(), "lab-process-"));
const NO_DAEMON = {
	DOCKER_HOST: `unix://${place}/none.sock`,
	LAB_CACHE: join(place, "cache"),
	LAB_RESULTS: join(place, "results"),
};
const FAILING = ["up", "ipvs-nat", "--engine", "docker"];

function shell(script: string): Promise<{ code: number | null; stdout: string; stderr: string }> {
	const env = { PATH: process.env.PATH, HOME: place, ...NO_DAEMON };
	const child = spawn("bash", ["-c", script], { env, stdio: ["ignore", "pipe", "pipe"] });
	let stdout = "";
	let stderr = "";
	child.stdout.on("data", (chunk: Buffer) => (stdout += chunk.toString()));
	child.stderr.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
	return new Promise((settle) => child.once("close", (code) => settle({ code, stdout, stderr })));
}

describe("stdout", () => {
	it.each([
		["read to its first line", "./lab list -f json | head -1"],
		["not read at all", "./lab schema lab | true"],
		["closed from the start", "./lab list >&-"],
	])("%s is no trouble", async (_what, script) => {
		const { stderr } = await shell(script);
		// The launcher may have had to build.
		expect(stderr.replaceAll(/^lab: (building|built|another lab) .*\n/gm, "")).toBe("");
	});

	it.each(["list", "list -f json", "schema", "completion bash", "help up"])(
		"on a full disk is told for %s",
		async (args) => {
			const { code, stderr } = await shell(`./lab ${args} >/dev/full`);
			expect(stderr).toContain("no space is left on the device");
			expect(code).toBe(3);
		},
	);

	it("has the data and stderr the rest", async () => {
		const { stdout, stderr, code } = await lab([...FAILING, "-f", "json"], { env: NO_DAEMON });
		expect(JSON.parse(stdout)).toMatchObject({ error: { code: "no-daemon" } });
		expect(stderr).toContain("no Docker daemon answers");
		expect(code).toBe(3);
	});
});

/** Options of node for a program in which `body` is done for each last, empty piece of output. */
function atTheEnd(body: string): string {
	const hook = `const { stdout } = process; const write = stdout.write.bind(stdout);
		stdout.write = (text, ...more) => { if (text === "") { ${body} } return write(text, ...more); };`;
	return `--import=data:text/javascript,${encodeURIComponent(hook)}`;
}

describe("the end", () => {
	it("is not changed by a signal that comes when the work is done", async () => {
		const NODE_OPTIONS = atTheEnd('process.kill(process.pid, "SIGTERM");');
		const { code, stdout } = await lab(["list"], { env: { ...NO_DAEMON, NODE_OPTIONS } });
		expect([code, stdout]).toEqual([0, expect.stringContaining("ipvs-nat")]);
	});

	it("is a bug that is told where something is waited for that cannot come", async () => {
		const { code, stderr } = await lab(["list"], { env: { ...NO_DAEMON, NODE_OPTIONS: atTheEnd("return true;") } });
		expect([code, stderr]).toEqual([70, expect.stringContaining("it waits for what cannot come any more")]);
	});
});

describe("colours", () => {
	const ESCAPE = "\x1b";
	const RED = `${ESCAPE}[31m`;
	const env = { PATH: process.env.PATH ?? "", HOME: place, TERM: "xterm-256color", ...NO_DAEMON };
	const shown = async (more: Record<string, string>) =>
		(await onTerminal(["./lab", ...FAILING, "--plain"], { env: { ...env, ...more } })).shown;

	it("are used on a terminal", async () => {
		expect(await shown({})).toContain(RED);
	});

	it.each([{ NO_COLOR: "1" }, { TERM: "dumb" }, { FORCE_COLOR: "0" }, { NO_COLOR: "1", FORCE_COLOR: "1" }])(
		"are left out with %j",
		async (more) => {
			const text = await shown(more as Record<string, string>);
			expect(text).toContain("no Docker daemon answers");
			expect(text).not.toContain("\x1b[");
		},
	);

	it("are left out in a pipe, unless they are forced", async () => {
		expect((await lab(FAILING, { env: NO_DAEMON })).stdout).not.toContain("\x1b[");
		expect((await lab(FAILING, { env: { ...NO_DAEMON, FORCE_COLOR: "1" } })).stdout).toContain(RED);
	});

	it("and the live view are left out in CI and on a dumb terminal", async () => {
		const live = async (more: Record<string, string>) =>
			(await onTerminal(["./lab", ...FAILING], { env: { ...env, ...more } })).shown;
		// Moves of the cursor, erased lines, a hidden cursor; all that colours are not.
		const MOVES = new RegExp(`${ESCAPE}\\[\\??\\d*[AGKlh]`);
		expect(await live({})).toMatch(MOVES);
		expect(await live({ CI: "true" })).not.toMatch(MOVES);
		expect(await live({ TERM: "dumb" })).not.toMatch(MOVES);
	});
});
