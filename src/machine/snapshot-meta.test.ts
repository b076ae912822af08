import { cpSync, readFileSync, rmSync, truncateSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { temporaryDirectory } from "../../test/machine/context.ts";
import { SNAPSHOT_FILES, sealSnapshot, verifySnapshot } from "./snapshot-meta.ts";

const HASH = "0123456789abcdef";
let directory: ReturnType<typeof temporaryDirectory>;
let ram: string;

beforeEach(async () => {
	directory = temporaryDirectory();
	ram = join(directory.path, SNAPSHOT_FILES.ram);
	for (const name of Object.values(SNAPSHOT_FILES)) writeFileSync(join(directory.path, name), `content of ${name}`);
	// As real RAM: mostly holes.
	truncateSync(ram, 5_000_000);
	await sealSnapshot(directory.path, {
		hash: HASH,
		accel: "tcg",
		accelReason: "test",
		kernel: "6.12",
		qemuVersion: "7.2",
		memoryMiB: 5,
		cpus: 1,
		nodeImage: { tag: "t", id: "i", hash: "h" },
		daemon: { version: "26", api: "1.45" },
		createdAt: new Date(0).toISOString(),
	});
});
afterEach(() => directory.remove());

/** Changes one byte without changing size or modification time. */
function flip(path: string, offset: number) {
	const bytes = readFileSync(path);
	bytes[offset] = (bytes[offset] ?? 0) ^ 1;
	writeFileSync(path, bytes);
}

test("an untouched snapshot passes without being read", async () => {
	const slow: string[] = [];
	expect(await verifySnapshot(directory.path, HASH, (why) => slow.push(why))).toHaveProperty("meta.hash", HASH);
	expect(slow).toEqual([]);
});

test("a copy passes after it was read once", async () => {
	const copy = `${directory.path}-copy`;
	cpSync(directory.path, copy, { recursive: true });
	try {
		const slow: string[] = [];
		expect(await verifySnapshot(copy, HASH, (why) => slow.push(why))).toHaveProperty("meta");
		expect(await verifySnapshot(copy, HASH, (why) => slow.push(why))).toHaveProperty("meta");
		expect(slow).toHaveLength(1);
	} finally {
		rmSync(copy, { recursive: true });
	}
});

test("after a start of the host the contents are compared, dates or not", async () => {
	const path = join(directory.path, "meta.json");
	const meta = JSON.parse(readFileSync(path, "utf8"));
	writeFileSync(path, JSON.stringify({ ...meta, checkedInBoot: "another" }));
	const slow: string[] = [];
	expect(await verifySnapshot(directory.path, HASH, (why) => slow.push(why))).toHaveProperty("meta");
	expect(slow).toEqual(["first use since this computer was started"]);
});

test.each(Object.values(SNAPSHOT_FILES))("one changed bit in %s is noticed, old date or not", async (name) => {
	const path = join(directory.path, name);
	flip(path, 3);
	utimesSync(path, new Date(0), new Date(0));
	expect(await verifySnapshot(directory.path, HASH)).toEqual({ fault: `${name} was changed after it was made` });
});

test("content that moved to where zeroes were is noticed", async () => {
	const bytes = readFileSync(ram);
	writeFileSync(ram, Buffer.concat([Buffer.alloc(2 ** 20), bytes.subarray(0, bytes.length - 2 ** 20)]));
	expect(await verifySnapshot(directory.path, HASH)).toEqual({ fault: "ram.img was changed after it was made" });
});

test("a missing or cut file is named", async () => {
	truncateSync(ram, 100);
	expect(await verifySnapshot(directory.path, HASH)).toEqual({ fault: "ram.img has 100 bytes instead of 5000000" });
	rmSync(ram);
	expect(await verifySnapshot(directory.path, HASH)).toEqual({ fault: "ram.img is missing" });
});

test("without meta.json it was never finished", async () => {
	rmSync(join(directory.path, "meta.json"));
	expect(await verifySnapshot(directory.path, HASH)).toHaveProperty("fault");
	writeFileSync(join(directory.path, "meta.json"), "{ broken");
	expect(await verifySnapshot(directory.path, HASH)).toHaveProperty("fault");
});

test("a snapshot of something else is refused", async () => {
	expect(await verifySnapshot(directory.path, "f".repeat(16))).toEqual({ fault: "it was made for something else" });
});
