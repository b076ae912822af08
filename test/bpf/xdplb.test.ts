/** The balancer's own test programs (bpf/xdplb/test), as cases of this suite: they must run, and not one may fail. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { release, tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";

const OUT = mkdtempSync(join(tmpdir(), "lab-xdplb-"));

function make(target: string) {
	const result = spawnSync("make", ["-C", "bpf/xdplb", `OUT=${OUT}`, target], {
		encoding: "utf8",
		maxBuffer: 64 << 20,
	});
	const output = `${result.stdout}${result.stderr}`;
	return { code: result.status, output, tail: output.trimEnd().split("\n").slice(-15).join("\n") };
}

describe(`bpf/xdplb on kernel ${release()}`, () => {
	afterAll(() => rmSync(OUT, { recursive: true, force: true }));

	it("compiles without a warning", () => {
		const { code, output, tail } = make("all");
		expect(code, tail).toBe(0);
		expect(output).not.toMatch(/warning:/);
	});

	it.each(["test", "integration"])("make %s", (target) => {
		const { code, output, tail } = make(target);
		const counts = /^(\d+) passed, (\d+) failed/m.exec(output);
		expect(counts, tail).not.toBeNull();
		expect([code, Number(counts?.[2])], tail).toEqual([0, 0]);
		expect(Number(counts?.[1])).toBeGreaterThan(0);
	});
});
