/** `lab test` and `lab up` with a daemon in memory: what they choose, keep, take down, write, and end with. */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import { exitCodeOfRun } from "../../src/cli/verb-test.ts";
import { EXIT, worstExitCode } from "../../src/model/error.ts";
import { exitCodeOf, type LabResult, type RunStatus } from "../../src/model/verdict.ts";
import { FakeNodes, hang } from "../support/fake-nodes.ts";
import { call, freshFolders, json, TINY } from "./command-line.ts";

let engine: FakeNodes;
let env: Record<string, string>;

beforeEach(() => {
	engine = new FakeNodes();
	engine.backends = ["real1", "real2"];
	env = freshFolders();
});

const lab = (...args: string[]) => call([...args, "--engine", "docker"], { engine, env });

describe("exit codes over several labs", () => {
	it("the first of 70, 130, 143, 124, 2, 4, 3, 5, 1, 0 wins", () => {
		const order = [70, 130, 143, 124, 2, 4, 3, 5, 1, 0];
		for (const [index, code] of order.entries()) {
			expect(worstExitCode(order.slice(index).reverse())).toBe(code);
			expect(worstExitCode([...order.slice(index), ...order.slice(index)])).toBe(code);
		}
	});

	it("none at all, and one nobody knows, are bugs and never 0", () => {
		expect(worstExitCode([])).toBe(EXIT.bug);
		expect(worstExitCode([0, 99])).not.toBe(99);
	});

	const outcome = (status: RunStatus, code: number, checks = 1) => {
		const check = { phase: "p", check: "c", status: "pass", expected: "", observed: "" } as const;
		const scenarios = [{ name: "s", status, durationMs: 0, checks: Array(checks).fill(check) }];
		const result: LabResult = { lab: "l", status, durationMs: 0, scenarios: status === "skipped" ? [] : scenarios };
		return { code, result };
	};

	it("zero checks are never 0, whatever may be skipped", () => {
		expect(exitCodeOfRun([outcome("skipped", EXIT.passed)])).toBe(EXIT.environment);
		expect(exitCodeOfRun([outcome("passed", EXIT.passed, 0)])).toBe(EXIT.environment);
		expect(exitCodeOfRun([outcome("skipped", EXIT.passed), outcome("passed", EXIT.passed)])).toBe(EXIT.passed);
		expect(exitCodeOfRun([])).toBe(EXIT.bug);
	});

	it("a failure weighs less than what could not be run", () => {
		expect(exitCodeOfRun([outcome("failed", exitCodeOf("failed")), outcome("skipped", EXIT.environment)])).toBe(3);
		expect(exitCodeOfRun([outcome("failed", 1), outcome("inconsistent", 5), outcome("passed", 0)])).toBe(5);
	});
});

describe("lab test", () => {
	it("passes, takes the lab down and leaves the results", async () => {
		const { code, data } = await json(["test", TINY, "--engine", "docker"], { engine, env });
		expect(code).toBe(0);
		expect(engine.present).toEqual([]);
		const folder = (data as { results: string }).results;
		for (const file of ["run.json", "events.jsonl", "junit.xml", "summary.md", "observations/tiny/alternates/1.json"]) {
			expect(existsSync(join(folder, file)), file).toBe(true);
		}
		const run = JSON.parse(readFileSync(join(folder, "run.json"), "utf8")) as { phases: { phase: string }[] };
		expect(run.phases.map(({ phase }) => phase)).toEqual(expect.arrayContaining(["engine", "up", "test", "down"]));
		const events = readFileSync(join(folder, "events.jsonl"), "utf8").trim().split("\n");
		expect(events.map((line) => (JSON.parse(line) as { seq: number }).seq)).toEqual([...events.keys()]);
	});

	it("ends with 1 when a check fails, and says which", async () => {
		engine.backends = ["real2"];
		const { code, stdout } = await lab("test", TINY, "-s", "alternates");
		expect(code).toBe(1);
		expect(stdout).toMatch(/FAIL\S* tiny: alternates \/ four requests alternate/i);
	});

	it("-s runs that scenario alone, and --list runs nothing", async () => {
		const { data } = await json(["test", TINY, "-s", "changed", "--engine", "docker"], { engine, env });
		expect(data).toMatchObject({ labs: [{ scenarios: [{ name: "changed" }] }] });
		const calls = engine.calls.length;
		expect((await lab("test", TINY, "--list", "-s", "changed")).stdout).toMatch(/tiny\s+changed\s+A change/);
		expect(engine.calls.length).toBe(calls);
	});

	it("takes a lab that was up before as it is, and leaves it up", async () => {
		await lab("up", TINY);
		const before = [...engine.containers.keys()];
		const { code, stdout } = await lab("test", TINY);
		expect(code).toBe(0);
		expect([...engine.containers.keys()]).toEqual(before);
		expect(stdout).toContain("tiny stays up; take it down with: lab down tiny");
	});

	it("keeps with --keep what failed, and nothing that passed", async () => {
		expect((await lab("test", TINY, "--keep")).code).toBe(0);
		expect(engine.present).toEqual([]);
		engine.state = "as before";
		expect((await lab("test", TINY, "--keep")).code).toBe(1);
		expect(engine.present).toHaveLength(5);
	});

	it("ends with 4 when a step fails, names it, and leaves nothing", async () => {
		engine.failing = { node: "router", step: "banner", output: "no such thing", exitCode: 3 };
		const { code, stdout } = await lab("test", TINY);
		expect(code).toBe(4);
		expect(stdout).toContain("step banner of node router failed with exit code 3: no such thing");
		expect(engine.present).toEqual([]);
	});

	it("gives up after --timeout, cleans up and ends with 124", async () => {
		engine.onExec((request) =>
			request.request.command.at(-1)?.includes("token=$(printf") ? hang(request) : undefined,
		);
		const { code, stdout } = await lab("test", TINY, "--timeout", "0.3");
		expect(code).toBe(124);
		expect(stdout).toContain("time is up, cleaning up");
		expect(engine.present).toEqual([]);
	});

	it.each([
		["SIGINT", 130],
		["SIGTERM", 143],
		["SIGHUP", 143],
	])("cleans up on %s, also with --keep, and ends with %i", async (signal, exit) => {
		let send = () => {};
		engine.onExec((request) => {
			if (!request.request.command.at(-1)?.includes("token=$(printf")) return undefined;
			setTimeout(() => send(), 5);
			return hang(request);
		});
		const onStart = (events: NodeJS.EventEmitter) => {
			send = () => void events.emit(signal, signal);
		};
		const { code } = await call(["test", TINY, "--keep", "--engine", "docker"], { engine, env, onStart });
		expect(code).toBe(exit);
		expect(engine.present).toEqual([]);
	});

	it("ends with 130 on Ctrl-C before its first lab has begun", async () => {
		const onStart = (events: NodeJS.EventEmitter) =>
			void events.once("newListener", () => queueMicrotask(() => events.emit("SIGINT", "SIGINT")));
		const { code, stdout } = await call(["test", TINY, "--engine", "docker"], { engine, env, onStart });
		expect([code, stdout]).toEqual([130, expect.stringContaining("interrupted")]);
		expect(engine.present).toEqual([]);
	});

	it("writes the JUnit report where it is asked to, and makes the folder", async () => {
		const file = join(env.LAB_RESULTS ?? "", "reports/deep/junit.xml");
		await lab("test", TINY, "--junit", file);
		expect(readFileSync(file, "utf8")).toContain("<testsuite");
	});
});

describe("lab test --all", () => {
	it.each([
		[[], 3],
		[["--allow-skip"], 3],
	])("where no lab can run ends with 3 with %j", async (flags, exit) => {
		const { code, data } = await json(["test", "--all", "--engine", "docker", ...flags], { env });
		expect(code).toBe(exit);
		expect(data).toMatchObject({ status: "skipped" });
		for (const lab of (data as { labs: LabResult[] }).labs) {
			expect(lab).toMatchObject({
				status: "skipped",
				scenarios: [],
				reason: expect.stringContaining("no Docker daemon"),
			});
		}
	});
});

describe("results that cannot be written", () => {
	it.each([
		["is a file", (folder: string) => writeFileSync(folder, ""), /the results folder cannot be made: .*not a folder/],
		["cannot be made", undefined, /the results folder cannot be made/],
	])("a folder that %s ends with 3 and words, before anything is made", async (_what, prepare, words) => {
		const folder = prepare ? join(freshFolders().LAB_CACHE ?? "", "..", "file") : "/dev/null/results";
		prepare?.(folder);
		const { code, stderr } = await call(["test", TINY, "--engine", "docker"], {
			engine,
			env: { ...env, LAB_RESULTS: folder },
		});
		expect(stderr).toMatch(words);
		expect(stderr).not.toContain("bug");
		expect(code).toBe(3);
		expect(engine.calls).toEqual([]);
	});

	it("a file in the way of a report is an error after everything was taken down", async () => {
		engine.onExec(() => {
			// Whoever does this during a run, or fills the disk.
			const results = env.LAB_RESULTS ?? "";
			for (const run of readdirSync(results)) mkdirSync(join(results, run, "junit.xml"), { recursive: true });
			return undefined;
		});
		const { code, stderr } = await lab("test", TINY);
		expect(code).toBe(3);
		expect(stderr).toMatch(/cannot .*junit\.xml/);
		expect(engine.present).toEqual([]);
	});
});

it("a home folder that cannot be written does not keep a lab from a daemon", async () => {
	const { code } = await call(["test", TINY, "--engine", "docker"], {
		engine,
		env: { HOME: "/dev/null", LAB_RESULTS: env.LAB_RESULTS ?? "" },
	});
	expect(code).toBe(0);
});
