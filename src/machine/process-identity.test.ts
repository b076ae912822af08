import { spawn } from "node:child_process";
import { once } from "node:events";
import { expect, test } from "vitest";
import {
	identityOf,
	identityText,
	isAlive,
	isIdentity,
	ownIdentity,
	parseIdentity,
	residentBytes,
} from "./process-identity.ts";

test("this process is alive and has memory", () => {
	expect(isAlive(ownIdentity())).toBe(true);
	expect(residentBytes(process.pid)).toBeGreaterThan(10_000_000);
});

test("a reused pid is another process", () => {
	expect(isAlive({ ...ownIdentity(), startTicks: 1 })).toBe(false);
});

test("a process of an earlier boot is dead, whoever has its pid now", () => {
	expect(isAlive({ ...ownIdentity(), bootId: "before" })).toBe(false);
});

test("a child is dead once it has ended", async () => {
	const child = spawn("sleep", ["60"]);
	await once(child, "spawn");
	const identity = identityOf(child.pid ?? 0);
	expect(identity && isAlive(identity)).toBe(true);
	child.kill("SIGKILL");
	await once(child, "exit");
	expect(identity && isAlive(identity)).toBe(false);
	expect(residentBytes(child.pid ?? 0)).toBeUndefined();
});

test("an identity survives being a label, and nothing else is taken for one", () => {
	expect(parseIdentity(identityText(ownIdentity()))).toEqual(ownIdentity());
	expect(["", "1", "somebody", "1 2", "1 x boot"].map(parseIdentity)).toEqual(Array(5).fill(undefined));
});

test.each([undefined, null, 3, {}, { pid: "1", startTicks: 1, bootId: "" }])("%j is no identity", (value) => {
	expect(isIdentity(value)).toBe(false);
});
