/** `lab learn` line by line, and its proof of a lesson, with a daemon in memory. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import { IllNodes } from "../run/lesson-setting.ts";
import { call, freshFolders, json, TINY } from "./command-line.ts";

let engine: IllNodes;
let env: Record<string, string>;

beforeEach(() => {
	engine = new IllNodes();
	engine.backends = ["real1", "real2"];
	env = freshFolders();
});

const learn = (input: string, ...flags: string[]) =>
	call(["learn", TINY, "--engine", "docker", ...flags], { engine, env, input });

/** What was kept of the student's progress. */
function kept(): { at: string; steps: Record<string, { standing?: string; hints: number }> } {
	return JSON.parse(readFileSync(join(env.XDG_STATE_HOME ?? "", "lblab/learn/tiny.json"), "utf8"));
}

describe("a lesson by lines", () => {
	it("is taken from its first question to its end", async () => {
		const { code, stdout } = await learn("nobody\nnext\ncheck\nhint\nsolve\n\nquit\n");
		expect(code).toBe(0);
		const order = [
			"1. Whose turn is it?",
			"Before you answer, some requests were sent. Measured: request 1 to real1, 2 to real2.",
			"  2) real2",
			'Not so. You said "nobody"; measured: real1.',
			"The third request goes where the first one went.",
			"2. Mend the router",
			"Not yet.",
			"FAIL  the router is well",
			"It is as ill as it was.",
			"Solved for you. Done",
			"router$ make well",
			'The end of "The tiny lesson"',
			"0 of 2 steps done by you, 1 predicted wrongly, 1 shown, 1 hint taken.",
			"tiny is still up. Take it down: lab down tiny",
			"The lesson is finished; to begin again: lab learn tiny --reset",
		];
		const shown = stdout.replaceAll(/(?<=\w)\n(?=\w)/g, " ");
		let from = 0;
		for (const words of order) {
			const at = shown.indexOf(words, from);
			expect(at, `${words}\nis not in, or not in its place:\n${shown.slice(from)}`).toBeGreaterThanOrEqual(0);
			from = at;
		}
		expect(kept()).toMatchObject({
			at: "",
			steps: { turn: { standing: "missed" }, mend: { standing: "shown", hints: 1 } },
		});
	});

	it("tells that the lab is coming up, and then speaks alone", async () => {
		const { stdout } = await learn("1\nquit\n");
		expect(stdout).toContain("tiny: real1 configured");
		expect(stdout.slice(stdout.indexOf("Whose turn"))).not.toMatch(/\d+\.\ds {2}/);
	});

	it("goes on where it was left, on the lab that is up", async () => {
		const first = await learn("1\nnext\n");
		expect(first.stdout).toContain("tiny is still up, and broken as the step wants it. Take it down: lab down tiny");
		expect(first.stdout).toContain("You are at step 2 of 2; go on: lab learn tiny");
		engine.state = "half mended";
		const second = await learn("quit\n");
		expect(second.stdout).toContain("2. Mend the router");
		expect(second.stdout).not.toContain("1. Whose turn");
		expect(engine.state).toBe("half mended");
	});

	it("begins again with --reset, and when the lesson has changed", async () => {
		await learn("1\nnext\nquit\n");
		expect((await learn("quit\n", "--reset")).stdout).toContain("1. Whose turn is it?");
		expect((await learn("1\nquit\n")).stdout).not.toContain("has changed");
		const file = join(env.XDG_STATE_HOME ?? "", "lblab/learn/tiny.json");
		writeFileSync(file, readFileSync(file, "utf8").replace(/"version": "\w+"/, '"version": "older"'));
		expect((await learn("quit\n")).stdout).toContain("The lesson has changed since you took it, so it begins anew.");
	});

	it("says what it does not understand, and lists what it does", async () => {
		const { stdout } = await learn("dance\ncheck\nshell nowhere\nshell\nhelp\nback\n7\n");
		expect(stdout).toContain('There is no command "dance".');
		expect(stdout).toContain("There is nothing to check here; answer the question with a number.");
		expect(stdout).toContain('There is no node "nowhere". Nodes: client, router, real1, real2.');
		expect(stdout).toContain("A shell needs a terminal. In another window: lab shell client");
		expect(stdout).toContain("  hint        a hint from the state your lab is in");
		expect(stdout).toContain('There is no command "7".');
	});

	it("is for a person: -f json is refused, with what it is for", async () => {
		const { code, data } = await json(["learn", TINY], { engine, env });
		expect(code).toBe(2);
		expect(data).toMatchObject({ error: { code: "no-json", hint: expect.stringContaining("--as-author") } });
	});

	it("says that a lab has no lesson, and where to write one", async () => {
		const { code, stderr } = await call(["learn", "test/fixtures/routed"], { engine, env });
		expect(code).toBe(2);
		expect(stderr).toMatch(/lab routed has no lesson\n {2}Write one: test\/fixtures\/routed\/lesson\.yaml/);
	});
});

describe("the proof of a lesson", () => {
	it("is a table, ends with 0, and leaves nothing", async () => {
		const { code, stdout } = await learn("", "--as-author");
		expect(code, stdout).toBe(0);
		expect(stdout).toMatch(/^ok {4}turn {4}prediction has a measured answer +real1$/m);
		expect(stdout).toMatch(/^ok {4}mend {4}check is red before the solution +fail: the router is well: "ill"/m);
		expect(stdout).toContain("The lesson holds: 11 proofs.");
		expect(engine.present).toEqual([]);
	});

	it("ends with 1 when something does not hold", async () => {
		engine.unlogged.add(0);
		const { code, data } = await json(["learn", TINY, "--as-author", "--engine", "docker"], { engine, env });
		expect(code).toBe(1);
		expect(data).toMatchObject({ schema: 1, lab: "tiny", status: "failed" });
		const { proofs } = data as { proofs: { step: string; holds: boolean }[] };
		expect(proofs.filter(({ holds }) => !holds).map(({ step }) => step)).toContain("turn");
		expect(engine.present).toEqual([]);
	});

	it("ends with 4 when there is no lab to prove it on", async () => {
		engine.failing = { node: "router", step: "banner", output: "no", exitCode: 1 };
		const { code, data } = await json(["learn", TINY, "--as-author", "--engine", "docker"], { engine, env });
		expect(code).toBe(4);
		expect(data).toMatchObject({ error: { code: expect.any(String) } });
		expect(engine.present).toEqual([]);
	});
});
