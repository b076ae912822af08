/** Every lesson of the project, proven as its author promises it, in the embedded machine. */
import { describe, it } from "vitest";
import { labNames } from "../../src/config/find-labs.ts";
import type { Proof } from "../../src/learn/prove.ts";
import { lab } from "../support/lab-command.ts";

describe.concurrent.each(labNames("."))("the lesson of %s", (name) => {
	it("holds", async ({ expect }) => {
		const args = ["learn", name, "--as-author", "--engine", "vm", "-n", `prove-${name}`, "-f", "json"];
		const { code, stdout, stderr } = await lab(args);
		const { status, proofs } = JSON.parse(stdout) as { status: string; proofs: Proof[] };
		const bad = proofs?.filter(({ holds }) => !holds);
		expect([code, status, bad], stderr.slice(-3000)).toEqual([0, "passed", []]);
		expect(proofs.length).toBeGreaterThan(12);
	});
});
