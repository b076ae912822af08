/** The source of an image: `packages.txt`, `dpkg.cfg`, `files/` and `customize` of one directory below `images/`, and its hash. */

import { createHash } from "node:crypto";
import { lstat, readdir, readFile, readlink } from "node:fs/promises";
import { basename, join } from "node:path";
import { LabError } from "../model/error.ts";

/** The Debian release all images are made of. */
export const SUITE = "trixie";

/** Changed whenever the recipe in rootfs.ts makes something else from the same sources. */
const RECIPE = "1";

/** Debian's own rule for package names (Debian policy 5.6.1). */
const PACKAGE_NAME = /^[a-z0-9][a-z0-9+.-]+$/;

/**
 * The packages of a `packages.txt`: one or more a line, `#` begins a comment.
 * @throws LabError `input`/`package-name` with file and line
 */
export function parsePackages(text: string, file: string): string[] {
	const names = text.split("\n").flatMap((line, index) => {
		const words = line.replace(/#.*/, "").split(/\s+/).filter(Boolean);
		for (const word of words) {
			if (PACKAGE_NAME.test(word)) continue;
			throw new LabError("input", `"${word}" is not the name of a Debian package.`, {
				code: "package-name",
				where: { file, line: index + 1, column: line.indexOf(word) + 1 },
			});
		}
		return words;
	});
	return [...new Set(names)];
}

/** The packages of an image directory. */
export async function readPackages(imageDirectory: string): Promise<string[]> {
	const file = join(imageDirectory, "packages.txt");
	const text = await readFile(file, "utf8").catch((cause: unknown) => {
		throw new LabError("input", `The image ${basename(imageDirectory)} has no packages.txt.`, {
			code: "image-unknown",
			where: { file },
			cause,
		});
	});
	return parsePackages(text, file);
}

/**
 * Hash of everything an image is made from: every file of its directory (path, content, executable or not), the
 * release and `extra`. The mirror's state is not part of it: an image is built once and kept until its source changes.
 * @returns 64 hexadecimal digits; tags use the first 12
 */
export async function hashImageSource(imageDirectory: string, extra: readonly string[] = []): Promise<string> {
	const hash = createHash("sha256");
	hash.update(JSON.stringify([RECIPE, SUITE, basename(imageDirectory), ...extra]));
	for (const path of (await readdir(imageDirectory, { recursive: true })).sort()) {
		const full = join(imageDirectory, path);
		const stats = await lstat(full);
		if (stats.isDirectory()) continue;
		const link = stats.isSymbolicLink();
		const content = link ? await readlink(full) : await readFile(full);
		const kind = link ? "link" : stats.mode & 0o100 ? "program" : "file";
		hash.update(JSON.stringify([path, kind, content.length]));
		hash.update(content);
	}
	return hash.digest("hex");
}

/** The first digits of a hash, as used in names. */
export function shortHash(hash: string): string {
	return hash.slice(0, 12);
}

/** The tag of an image made from a source with this hash: `lblab/node:0123456789ab`. */
export function imageTag(name: string, hash: string): string {
	return `lblab/${name}:${shortHash(hash)}`;
}
