/** What every lab must let a student do in `lab ui`, in a real terminal. */
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Terminal } from "../support/tmux.ts";

export interface Journey {
	lab: string;
	env: Record<string, string>;
	/** Node that sends, as the traffic tab names it first. */
	client: string;
	/** Node whose forwarding makes the difference between answers and none. */
	router: string;
	/** Shell commands there that break the lab and mend it. */
	breaks: string;
	mends: string;
	/** What the topology must show. */
	topology: RegExp[];
	/** What the path tab must say about the way of a request. */
	path: RegExp[];
	/** A scenario that takes a few seconds, and its place in the list. */
	scenario: { name: string; place: number };
	/** Seconds for bringing it up. */
	patience: number;
}

/** Runs the journey as tests, in order: each goes on where the one before has left the screen. */
export function journey(plan: Journey): void {
	const { lab } = plan;
	const results = mkdtempSync(join(tmpdir(), "lab-ui-results-"));
	const env = { ...plan.env, LAB_RESULTS: results, LAB_YES: "1", PS1: "prompt> ", TERM: "xterm-256color" };
	let terminal: Terminal;

	const start = async (command = `ui ${lab}`) => {
		terminal.type(`${resolve("lab")} ${command}; echo "exit code $?"`);
		await terminal.shows(/1 topology/, 60);
	};

	const comingUp = async () => {
		terminal.type("clear");
		await start();
		await terminal.shows(/lab > \S+ down/, 30);
		terminal.press("u");
		await terminal.shows("is coming up", 5);
	};

	describe(`lab ui with ${lab}`, () => {
		beforeAll(() => {
			terminal = new Terminal(80, 24, env);
		});

		afterAll(async () => {
			terminal.close();
			const last = new Terminal(80, 24, env);
			last.type(`${resolve("lab")} down ${lab}; echo "exit code $?"`);
			await last.shows(/exit code \d/, 120).finally(() => last.close());
		});

		it("draws a lab that is down, and answers keys while it comes up", async () => {
			await start();
			for (const wanted of plan.topology) expect(terminal.screen()).toMatch(wanted);
			terminal.press("u");
			await terminal.shows(`${lab} is coming up`, 5);
			terminal.press("2");
			await terminal.shows("[2 steps]", 2);
			terminal.press("1");
			await terminal.shows(/lab > \S+ up \(/, plan.patience);
		});

		it("counts packets of a lab that is up", async () => {
			await terminal.shows(/in +\d+ out +\d+/, 30);
		});

		it("sends traffic, and shows it against what is expected", async () => {
			terminal.press("3", "Enter");
			const shown = await terminal.shows(/PASS +share by backend/, 120);
			expect(shown).toContain("20 of 20 sent, 20 answered");
			expect(shown).toMatch(/█+/);
			await terminal.shows("20 requests: passed", 30);
		});

		it("follows one request hop by hop", async () => {
			terminal.press("4", "Enter");
			const first = await terminal.shows(/Hop 1 of \d/, 120);
			const seen = new Set([first]);
			for (let hop = 2; hop <= Number(/Hop 1 of (\d)/.exec(first)?.[1]); hop++) {
				terminal.press("Down");
				seen.add(await terminal.shows(`Hop ${hop} of`, 5));
			}
			terminal.resize(120, 40);
			seen.add(await terminal.shows(/\* .*\n/, 5));
			terminal.resize(80, 24);
			await terminal.shows(WHOLE, 10);
			for (const wanted of plan.path) expect([...seen].join("\n")).toMatch(wanted);
		});

		it("opens a shell in a node and comes back to the same screen", async () => {
			terminal.press("s");
			await terminal.shows("A shell in which node?", 5);
			await openShell(terminal, plan.router);
			terminal.type("hostname -s; echo size $(stty size)");
			await terminal.shows(new RegExp(`^${plan.router}$`, "m"), 30);
			await terminal.shows("size 24 80", 10);
			terminal.type(`${plan.breaks}; exit`);
			await terminal.shows("[4 path]", 30);
		});

		it("says why a check failed, with its evidence, once the lab is broken", async () => {
			terminal.press("3", "Down", "Down", "Left", "Left", "Left", "Enter");
			const shown = await terminal.shows(/FAIL/, 120);
			expect(shown).toMatch(/expected +all 1 requests answered/);
			await terminal.shows(/1 request: (failed|error|inconsistent)/, 60);
			terminal.press("e");
			await terminal.shows(/#1 lab-\S+: not answered/, 10);
			terminal.press("Escape");
			await terminal.shows("[3 traffic]", 5);
		});

		it("runs a scenario once it is mended", async () => {
			terminal.press("s");
			await terminal.shows("A shell in which node?", 5);
			await openShell(terminal, plan.router);
			terminal.type(`${plan.mends}; exit`);
			await terminal.shows("[3 traffic]", 30);
			terminal.press("5", ...Array.from({ length: plan.scenario.place }, () => "Down"), "Enter");
			await terminal.shows(new RegExp(`PASSED ${plan.scenario.name}`), 180);
		});

		it("follows the terminal's size", async () => {
			terminal.press("1");
			terminal.resize(120, 40);
			const large = await terminal.shows(/in +\d+ out +\d+ *\n/, 10);
			expect(large.split("\n").filter((line) => line !== "").length).toBeGreaterThan(15);
			terminal.resize(60, 16);
			await terminal.shows(WHOLE, 10);
			terminal.resize(80, 24);
			await terminal.shows(WHOLE, 10);
		});

		it("leaves by q, restores the terminal and says what is still up", async () => {
			expect(terminal.fact("alternate_on")).toBe("1");
			terminal.press("q");
			const shown = await terminal.shows(/exit code \d/, 30);
			expect(shown).toContain("exit code 0");
			expect(shown).toContain(`to take it down: lab down ${lab}`);
			expect([terminal.fact("alternate_on"), terminal.fact("cursor_flag")]).toEqual(["0", "1"]);
		});

		it("leaves by Ctrl-C as well", async () => {
			await start();
			terminal.press("C-c");
			await terminal.shows(/exit code 0[\s\S]*exit code 0/, 30);
			expect(terminal.fact("alternate_on")).toBe("0");
		});

		it("ends with a closed terminal, and leaves the lab as it was", async () => {
			await start();
			terminal.close();
			terminal = new Terminal(80, 24, env);
			terminal.type(`${resolve("lab")} ps`);
			await terminal.shows(new RegExp(`${lab} +${lab} +\\S+ +running`), 30);
		});

		it("ends with a closed terminal, also while a shell is open, and the shell with it", async () => {
			terminal.type("clear");
			await start();
			await terminal.shows(/lab > \S+ up \(/, 30);
			terminal.press("s");
			await openShell(terminal, plan.router);
			terminal.close();
			terminal = new Terminal(80, 24, env);
			const there = [`pgrep -f "main.js ui ${lab}$"`, `${resolve("lab")} exec ${plan.router} -- pgrep -x bash`];
			terminal.type(`while ${there.join(" || ")}; do sleep 0.2; done; echo all "is gone"`);
			await terminal.shows("all is gone", 30);
		});

		it("takes the lab down, after asking", async () => {
			await start();
			await terminal.shows(/lab > \S+ up \(/, 30);
			terminal.press("d");
			await terminal.shows(`Take ${lab} down?`, 5);
			terminal.press("y");
			await terminal.shows(`${lab} is down.`, 120);
			terminal.press("q");
			expect(await terminal.shows(/exit code \d/, 30)).not.toContain(`lab down ${lab}`);
		});

		it("leaves nothing when it is left by Ctrl-C while the lab comes up", async () => {
			await comingUp();
			terminal.press("C-c");
			const shown = await terminal.shows(/exit code 130/, 60);
			expect(shown).toContain(`${lab} is coming up: stopped, and cleaned up.`);
			expect(shown).not.toContain(`lab down ${lab}`);
		});

		it("leaves nothing when the terminal is closed while the lab comes up", async () => {
			await comingUp();
			terminal.close();
			terminal = new Terminal(80, 24, env);
			// What is left of it goes on cleaning up after its terminal.
			terminal.type(`while ${resolve("lab")} ps 2>&1 | grep -w ${lab}; do sleep 0.2; done; echo all "is clean"`);
			await terminal.shows("all is clean", 60);
		});
	});
}

/** A frame from its title to its keys: drawn for the size that the terminal has now. */
const WHOLE = /^ lab > [\s\S]*q quit\s*$/;

/** Presses the number in front of a node. */
async function openShell(terminal: Terminal, node: string): Promise<void> {
	const shown = await terminal.shows(new RegExp(`\\d ${node} `), 5);
	terminal.press(new RegExp(`(\\d) ${node} `).exec(shown)?.[1] ?? "Escape");
	// The last thing on the screen: above it there may be the prompts of an earlier shell.
	await terminal.shows(new RegExp(`root@${node}:[^\\n]*#\\s*$`), 30);
}
