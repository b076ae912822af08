/** The lesson of ipvs-nat as a student takes it: on a real terminal, with a shell in a real node. */
import { readdirSync, readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, afterEach, beforeEach, expect, it } from "vitest";
import { lab } from "../support/lab-command.ts";
import type { Terminal } from "../support/tmux.ts";
import { Student, UP } from "./student.ts";

const student = new Student("ipvs-nat");
let terminal: Terminal;

beforeEach(async () => {
	terminal = await student.sitDown();
});
afterEach(() => terminal.close());
afterAll(() => student.tidy());

const learn = (...flags: string[]) => student.learn(terminal, ...flags);

/** Processor time that the lesson has used, in seconds: the one process below the terminal that runs node. */
function processorTime(): number {
	const shell = terminal.fact("pane_pid");
	const stat = (pid: string) =>
		readFileSync(`/proc/${pid}/stat`, "utf8")
			.replace(/^.*\) /, "")
			.split(" ");
	const below = readdirSync("/proc").filter((name) => {
		try {
			return /^\d+$/.test(name) && stat(name)[1] === shell;
		} catch {
			return false;
		}
	});
	const fields = stat(below[0] ?? expect.fail("nothing runs in the terminal"));
	// User and system time are in hundredths of a second.
	return (Number(fields[11]) + Number(fields[12])) / 100;
}

it("is started, failed at, helped with, mended and finished", async () => {
	learn();
	expect(await terminal.shows(/The lab is coming up/)).toMatch(/\? keys {2}q quit/);
	await terminal.shows(/step 1 of 8.*[\s\S]*The lab is up in its own machine/, UP);

	// A wrong prediction, and what was measured instead.
	terminal.press("1");
	expect(await terminal.shows(/^ > 1\) one, as there is one address/m)).not.toContain("measured");
	terminal.press("Enter");
	await terminal.shows(/Not so\. You said "one, as there is one address"; measured: two \(2\)\./);
	expect(await terminal.shows(/step 1 of 8 {2}x\.{7}/)).toContain("This step is missed.");

	// A right one, read off the row that is shown.
	terminal.press("Enter");
	const row = await terminal.shows(/4 to\s+int[12]\./);
	const last = /4 to\s+(int[12])\./.exec(row)?.[1];
	terminal.press(last === "int1" ? "2" : "1", "Enter");
	await terminal.shows(/Right: int[12]\.[\s\S]*This step is done\./);

	for (const step of [3, 4, 5, 6]) {
		terminal.press("n");
		await terminal.shows(new RegExp(`step ${step} of 8[\\s\\S]*The lab is up`));
	}

	// Every second connection fails; the hint comes from the state of int2.
	terminal.press("c");
	await terminal.shows(/Not yet\.\s+FAIL {2}answered: 2 of 4 answered/);
	terminal.press("h");
	await terminal.shows(/Hint\s+Round robin sends every second connection to int2, and those fail\./);

	// Idle, it uses next to nothing.
	const before = processorTime();
	await sleep(4000);
	expect(processorTime() - before).toBeLessThan(0.2);

	// Mended by hand, in a shell on the node.
	terminal.press("w");
	await terminal.shows(/A shell in which node\?[\s\S]*5 {2}int2/);
	terminal.press("5");
	await terminal.shows(/A shell in int2[\s\S]*int2:.*#/);
	terminal.type("ip route");
	await terminal.shows(/10\.10\.0\.0\/24 dev eth1/);
	// A key that is pressed while a command runs would be the command's.
	terminal.type('ip route replace default via 10.10.0.1 dev eth1; echo mend"ed"');
	await terminal.shows(/^mended$/m);
	terminal.press("C-d");
	await terminal.shows(/step 6 of 8/);
	terminal.press("Enter");
	await terminal.shows(/Done: all that was checked is so\.[\s\S]*This step is done\./);

	// The screen follows the window.
	terminal.resize(100, 40);
	await terminal.shows(/^─{100}\n 6\. Broken[\s\S]*This step is done\.[\s\S]*^─{100}$/m);

	terminal.press("n");
	await terminal.shows(/step 7 of 8[\s\S]*The lab is up/);
	terminal.press("v");
	await terminal.shows(/Solved for you\. Done: [\s\S]*gw\$ ipvsadm -d -t/);
	terminal.press("n");
	await terminal.shows(/step 8 of 8[\s\S]*The lab is up/);
	terminal.press("n");
	await terminal.shows(
		/The end of "IPVS in NAT mode"[\s\S]*2 of 8 steps done by you, 1 predicted wrongly, 1 shown, 4 left out/,
	);

	// Back as it was: the shell, its screen and its echo.
	terminal.press("q");
	const left = await terminal.shows(/The lesson is finished/);
	expect(left).toContain(`${student.instance} is still up. Take it down: lab down ${student.instance}`);
	expect(left).not.toContain("The end of");
	terminal.type("echo code $?; stty -a | grep -c ' icanon .* echo '");
	await terminal.shows(/code 0\n1$/m);
});

it("goes on where it was left, and leaves the lab up however it is left", async () => {
	learn("--reset");
	await terminal.shows(/step 1 of 8[\s\S]*The lab is up/, UP);
	terminal.press("n");
	await terminal.shows(/step 2 of 8[\s\S]*The lab is up/);
	terminal.press("C-c");
	await terminal.shows(/You are at step 2 of 8; go on: lab learn ipvs-nat/);
	terminal.type("echo code $?");
	await terminal.shows(/code 130$/m);

	terminal.type("clear");
	learn();
	await terminal.shows(/step 2 of 8[\s\S]*The lab is up/, UP);
	// A window that is closed.
	terminal.close();
	const { stdout } = await lab(["ps", "-f", "json"]);
	expect(stdout).toContain(`"instance": "${student.instance}"`);
});

it("is the same by lines, for a terminal that cannot move its cursor", async () => {
	terminal.type("export TERM=dumb");
	learn("--reset");
	await terminal.shows(/step 1 of 8> ?$/m, UP);
	terminal.type("1");
	await terminal.shows(/Not so\. You said "one, as there is one address"/);
	terminal.type("shell int1");
	await terminal.shows(/A shell in int1[\s\S]*int1:.*#/);
	terminal.type("hostname; exit");
	await terminal.shows(/int1[\s\S]*Back in the lesson\.[\s\S]*step 1 of 8> ?$/m);
	terminal.type("quit");
	await terminal.shows(/Take it down: lab down/);
});
