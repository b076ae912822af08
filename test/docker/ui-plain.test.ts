/** `lab ui --plain`, fed with lines: the same things are done, and no drawing is made. */
import { afterAll, expect, it } from "vitest";
import { lab, startLab } from "../support/lab-command.ts";

const host = process.env.LAB_TEST_DOCKER_HOST;
if (!host) throw new Error("LAB_TEST_DOCKER_HOST names no daemon; run these tests with: ./lab selftest docker");
const env = { DOCKER_HOST: host, LAB_ENGINE: "docker" };
const LAB = "iptables-single";

afterAll(async () => {
	await lab(["down", "--all"], { env });
});

/** Answers by their words: the menus say themselves which number stands for what. */
function answering(...words: string[]): Promise<{ code: number | null; stdout: string; unused: string[] }> {
	const child = startLab(["ui", LAB, "--plain"], { env });
	const unused = [...words];
	let stdout = "";
	let unread = "";
	child.stdout?.on("data", (chunk: Buffer) => {
		stdout += chunk.toString("utf8");
		unread += chunk.toString("utf8");
		if (!/Your choice, 1 to \d+: $/.test(unread)) return;
		const wanted = unused.shift() ?? "Leave";
		const chosen = unread.split("\n").findLast((line) => line.replace(/^\d+ /, "").startsWith(wanted));
		child.stdin?.write(`${/^\d+/.exec(chosen ?? "")?.[0] ?? `no "${wanted}"`}\n`);
		unread = "";
	});
	return new Promise((settle, reject) => {
		child.once("error", reject);
		child.once("close", (code) => settle({ code, stdout, unused }));
	});
}

it("brings a lab up, sends, follows, tests and takes it down, in lines alone", async () => {
	const { code, stdout, unused } = await answering(
		...["Bring it up", "Send traffic", "Send 20 requests", "Back to the lab"],
		...["Follow one request", "Follow one request from", "Back to the lab"],
		...["Scenarios", "Run rules", "Checks and evidence of rules", "Back", "Back to the lab"],
		...["Take it down", "Yes", "Leave"],
	);
	expect([unused, code], stdout.slice(-2000)).toEqual([[], 0]);
	expect(stdout).toMatch(/web1: got \d+, expected 2 to 18, logged \d+, balancer counted \d+/);
	expect(stdout).toMatch(/Hop 1, request: machine to web[12]/);
	expect(stdout).toContain("PASSED iptables-single: scenario rules");
	expect(stdout).toContain("machine# iptables -t nat -S OUTPUT");
	expect(stdout).toContain("No lab is up.");
	// Neither drawings nor control sequences.
	expect(stdout).not.toContain("\u001b");
	expect(stdout).not.toMatch(/[\u2500-\u259f]/);
});

it("leaves when its input ends", async () => {
	const ended = await lab(["ui", "--plain"], { env, stdin: "" });
	expect([ended.code, ended.stdout]).toEqual([0, expect.stringContaining("No lab is up.")]);
});
