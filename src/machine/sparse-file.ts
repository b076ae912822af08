/**
 * Reading a sparse file without its holes. RAM and disk of a machine are 6 GB of which 0.8 GB was ever written; reading
 * the rest would fill as much page cache with zeroes (17 s instead of 2).
 */

import { spawn } from "node:child_process";
import type { FileHandle } from "node:fs/promises";

/** A part of a file that may hold data: `[start, end)` in bytes. */
export type Extent = readonly [start: number, end: number];

/**
 * Node has no lseek(2). Perl is part of every Debian (and of mmdebstrap, without which there is no machine): 3 is
 * SEEK_DATA, 4 is SEEK_HOLE, and a seek past the last data fails.
 */
const LIST_EXTENTS = `
	open(my $file, "<", $ARGV[0]) or die;
	for (my $at = 0; defined(my $data = sysseek($file, $at, 3)); ) {
		$at = sysseek($file, $data, 4);
		print 0 + $data, " ", 0 + $at, "\\n";
	}`;

/** The parts of a file that hold data; the whole file where that cannot be told. */
export async function dataExtents(path: string, size: number): Promise<Extent[]> {
	const listed = await new Promise<string | undefined>((resolve) => {
		const perl = spawn("perl", ["-e", LIST_EXTENTS, path], { stdio: ["ignore", "pipe", "ignore"] });
		let text = "";
		perl.stdout.setEncoding("utf8").on("data", (chunk: string) => {
			text += chunk;
		});
		perl.once("error", () => resolve(undefined));
		perl.once("close", (code) => resolve(code === 0 ? text : undefined));
	});
	if (listed === undefined) return [[0, size]];
	return listed
		.split("\n")
		.filter((line) => line !== "")
		.map((line) => line.split(" ").map(Number) as [number, number]);
}

/** The positions of the blocks that extents touch, each once, in order. Extents are in order and do not overlap. */
export function* touchedBlocks(extents: readonly Extent[], block: number): Generator<number> {
	let next = 0;
	for (const [start, end] of extents) {
		for (let at = Math.max(next, Math.floor(start / block) * block); at < end; at += block) {
			yield at;
			next = at + block;
		}
	}
}

/**
 * Hands out every block that is not all zeroes. Which blocks those are depends on the content alone, not on where a
 * copy of the file happens to have holes.
 */
export async function* dataBlocks(
	file: FileHandle,
	extents: readonly Extent[],
	block: number,
): AsyncGenerator<{ position: number; bytes: Buffer }> {
	const buffer = Buffer.alloc(block);
	const zeroes = Buffer.alloc(block);
	for (const position of touchedBlocks(extents, block)) {
		const { bytesRead } = await file.read(buffer, 0, block, position);
		const bytes = buffer.subarray(0, bytesRead);
		if (bytesRead > 0 && !bytes.equals(zeroes.subarray(0, bytesRead))) yield { position, bytes };
	}
}
