/** The lesson of katran-dsr as a student takes it: on a real terminal, with a fault to find on a real node. */
import { afterAll, afterEach, beforeEach, expect, it } from "vitest";
import type { Terminal } from "../support/tmux.ts";
import { Student, UP } from "./student.ts";

const student = new Student("katran-dsr");
let terminal: Terminal;

beforeEach(async () => {
	terminal = await student.sitDown();
});
afterEach(() => terminal.close());
afterAll(() => student.tidy());

it("is started, watched, failed at, helped with, mended and finished", async () => {
	student.learn(terminal);
	await terminal.shows(/The lab is coming up/);
	// Watched: every node with the step it is at.
	await terminal.shows(/^ katran +(running|up)/m, UP);
	await terminal.shows(/step 1 of 8[\s\S]*The lab is up in its own machine/, UP);

	// A wrong prediction, and what was measured instead.
	terminal.press("1", "Enter");
	await terminal.shows(/Not so\. You said "one"; measured: two \(2\)\./, 120);
	await terminal.shows(/step 1 of 8 {2}x\.{7}/);

	// The reply that the balancer never sees.
	for (const step of [2, 3, 4, 5]) {
		terminal.press("n");
		await terminal.shows(new RegExp(`step ${step} of 8[\\s\\S]*The lab is up`));
	}
	terminal.press("2", "Enter");
	await terminal.shows(/Right: no, not one of them\./, 120);

	// Nobody answers; the hint comes from the state of the gateway.
	terminal.press("n");
	await terminal.shows(/step 6 of 8[\s\S]*The lab is up/);
	terminal.press("c");
	await terminal.shows(/Not yet\.\s+FAIL {2}answered: 0 of 6 answered/, 120);
	terminal.press("h");
	await terminal.shows(/Hint\s+The reverse path filter \(rp_filter\) drops a packet/);

	// Mended by hand, in a shell on the gateway.
	terminal.press("s");
	await terminal.shows(/A shell in gateway[\s\S]*gateway:.*#/);
	terminal.type('sysctl -w net.ipv4.conf.all.rp_filter=0; echo mend"ed"');
	await terminal.shows(/^mended$/m);
	terminal.press("C-d");
	await terminal.shows(/step 6 of 8/);
	terminal.press("c");
	await terminal.shows(/Done: all that was checked is so\.[\s\S]*This step is done\./, 120);

	for (const step of [7, 8]) {
		terminal.press("n");
		await terminal.shows(new RegExp(`step ${step} of 8[\\s\\S]*The lab is up`));
	}
	terminal.press("n");
	await terminal.shows(
		/The end of "XDP, IPIP and[\s\S]*2 of 8 steps done by you, 1 predicted wrongly, 5 left out/,
		120,
	);
	terminal.press("q");
	expect(await terminal.shows(/The lesson is finished/)).toContain(`lab down ${student.instance}`);
});
