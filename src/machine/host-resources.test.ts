import { expect, test } from "vitest";
import { availableMemory, checkResources, measureResources, NEEDED_DISK, NEEDED_MEMORY } from "./host-resources.ts";

const ENOUGH = { disk: NEEDED_DISK, memory: NEEDED_MEMORY };

test("this machine can be measured", async () => {
	const found = await measureResources("/");
	expect(found.disk).toBeGreaterThan(0);
	expect(found.memory).toBeGreaterThan(0);
});

test("exactly enough is enough", async () => {
	await expect(checkResources("/", {}, ENOUGH)).resolves.toEqual(ENOUGH);
});

test("little disk is named with both figures and a way out", async () => {
	await expect(checkResources("/cache", {}, { ...ENOUGH, disk: 2_900_000_000 })).rejects.toMatchObject({
		kind: "environment",
		code: "disk-full",
		message: "Not enough disk space: 2900 MB free at /cache, 3000 MB needed.",
		hint: expect.stringContaining("LAB_CACHE"),
	});
});

test("little memory is an error of the environment", async () => {
	await expect(checkResources("/", {}, { ...ENOUGH, memory: 1 })).rejects.toMatchObject({ code: "memory-low" });
});

test("memory is what is available, not what is free", () => {
	expect(availableMemory("MemTotal: 100 kB\nMemFree: 1 kB\nMemAvailable:   50 kB\n")).toBe(51_200);
	expect(availableMemory("")).toBe(Number.POSITIVE_INFINITY);
});
