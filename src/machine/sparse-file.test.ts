import { truncateSync, writeFileSync } from "node:fs";
import { open } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { temporaryDirectory } from "../../test/machine/context.ts";
import { dataBlocks, dataExtents, touchedBlocks } from "./sparse-file.ts";

let directory: ReturnType<typeof temporaryDirectory>;
let path: string;
beforeEach(() => {
	directory = temporaryDirectory();
	path = join(directory.path, "sparse");
});
afterEach(() => directory.remove());

test("blocks are named once, though several extents touch them", () => {
	const extents = [
		[10, 20],
		[30, 250],
		[260, 270],
		[500, 600],
	] as const;
	expect([...touchedBlocks(extents, 100)]).toEqual([0, 100, 200, 500]);
	expect([...touchedBlocks([], 100)]).toEqual([]);
});

test("data is found between holes", async () => {
	const size = 64 * 2 ** 20;
	writeFileSync(path, "head");
	truncateSync(path, size);
	const file = await open(path, "r+");
	await file.write(Buffer.from("middle"), 0, 6, 32 * 2 ** 20);
	const extents = await dataExtents(path, size);
	expect(extents.every(([start, end]) => start < end && end <= size)).toBe(true);
	const found: [number, string][] = [];
	for await (const { position, bytes } of dataBlocks(file, extents, 4096)) {
		found.push([position, bytes.toString().replaceAll("\0", "")]);
	}
	expect(found).toEqual([
		[0, "head"],
		[32 * 2 ** 20, "middle"],
	]);
	await file.close();
});

test("a file without a hole, an empty one, one of zeroes", async () => {
	writeFileSync(path, "full");
	expect(await dataExtents(path, 4)).toEqual([[0, 4]]);
	writeFileSync(path, "");
	expect(await dataExtents(path, 0)).toEqual([]);
	writeFileSync(path, Buffer.alloc(10_000));
	const file = await open(path);
	for await (const block of dataBlocks(file, [[0, 10_000]], 4096)) expect(block).toBeUndefined();
	await file.close();
});

test("a file that is not there is taken for full, and reading it fails elsewhere", async () => {
	expect(await dataExtents(join(directory.path, "none"), 7)).toEqual([[0, 7]]);
});
