import { chmodSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { temporaryDirectory, testContext } from "../../test/machine/context.ts";
import { decideFromFacts, probeKvm } from "./accelerator.ts";
import { architectureOf } from "./architecture.ts";

test.each([
	[{ forced: undefined, module: true, device: true }, "try"],
	[{ forced: undefined, module: true, device: false }, "tcg"],
	[{ forced: undefined, module: false, device: true }, "tcg"],
	[{ forced: undefined, module: false, device: false }, "tcg"],
	[{ forced: "", module: true, device: true }, "try"],
	[{ forced: "tcg", module: true, device: true }, "tcg"],
	[{ forced: "kvm", module: true, device: true }, "try"],
	// Demanded KVM is tried on an unknown module too: the user may know better.
	[{ forced: "kvm", module: false, device: true }, "try"],
] as const)("%j -> %s", (facts, expected) => {
	const decision = decideFromFacts(facts);
	expect(decision === "try" ? "try" : decision.accel).toBe(expected);
});

test("demanded KVM without a device is refused", () => {
	expect(() => decideFromFacts({ forced: "kvm", module: true, device: false })).toThrow(
		expect.objectContaining({ kind: "environment", code: "kvm-unusable" }),
	);
});

test("an unknown accelerator is a mistake of input", () => {
	expect(() => decideFromFacts({ forced: "hvf", module: true, device: true })).toThrow(
		expect.objectContaining({ kind: "input", code: "accel-unknown" }),
	);
});

let directory: ReturnType<typeof temporaryDirectory>;
beforeEach(() => {
	directory = temporaryDirectory();
});
afterEach(() => directory.remove());

/** Probes with a program in QEMU's place. */
async function probe(script: string, timeoutMs: number) {
	const command = join(directory.path, "qemu");
	writeFileSync(command, `#!/bin/sh\necho $$ > ${directory.path}/pid\n${script}\n`);
	chmodSync(command, 0o755);
	const architecture = { ...architectureOf("x64"), qemu: { command, package: "none" } };
	const works = await probeKvm(testContext(), architecture, "/none", timeoutMs);
	const pid = Number(readFileSync(join(directory.path, "pid"), "utf8"));
	return { works, pid };
}

test("a kernel's first line is proof", async () => {
	expect((await probe("echo SeaBIOS; echo '[0.0] Linux version 6.12'; exec sleep 60", 3000)).works).toBe(true);
});

test("firmware alone is not, and its QEMU is ended", async () => {
	const { works, pid } = await probe("echo SeaBIOS; echo Booting from ROM; exec sleep 60", 300);
	expect(works).toBe(false);
	await expect.poll(() => isThere(pid)).toBe(false);
});

test("QEMU giving up at once is an answer at once", async () => {
	const started = performance.now();
	expect((await probe("exit 134", 3000)).works).toBe(false);
	expect(performance.now() - started).toBeLessThan(2000);
});

function isThere(pid: number): boolean {
	try {
		process.kill(pid, 0);
		return true;
	} catch {
		return false;
	}
}
