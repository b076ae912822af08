import { Chalk } from "chalk";
import { describe, expect, it } from "vitest";
import type { LabEvent } from "../../src/model/event.ts";
import { plainReporter } from "../../src/report/plain.ts";
import { passingRun, RECORDED } from "./runs.ts";

function plainText(events: LabEvent[], level: 0 | 1 = 0, verbose = false): string {
	let text = "";
	const reporter = plainReporter({
		write: (part) => {
			text += part;
		},
		colours: new Chalk({ level }),
		verbose,
	});
	for (const event of events) reporter.onEvent(event);
	reporter.close();
	return text;
}

describe("plain lines", () => {
	it.each(Object.entries(RECORDED))("of the %s run", async (name, record) => {
		await expect(plainText(record())).toMatchFileSnapshot(`golden/${name}.plain.txt`);
	});

	it("say the same words with and without colour", () => {
		const coloured = plainText(passingRun(), 1);
		expect(coloured).toContain("\u001b[");
		// biome-ignore lint/suspicious/noControlCharactersInRegex: the escape character is what is being removed
		expect(coloured.replaceAll(/\u001b\[\d+m/g, "")).toBe(plainText(passingRun()));
	});

	it("show every set-up line when verbose, and one after ten silent seconds otherwise", () => {
		expect(plainText(passingRun(), 0, true)).toContain("packages: Get:1");
		expect(plainText(passingRun())).not.toContain("packages: Get:1");
		expect(plainText(passingRun())).toContain("packages: Unpacking");
	});
});
