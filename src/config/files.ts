/** The few things this layer does with a file system, so that tests and previews can bring their own. */
import { readdirSync, readFileSync, statSync } from "node:fs";
import { isAbsolute, relative, resolve, sep } from "node:path";

export interface FileStat {
	kind: "file" | "directory" | "other";
	/** Bytes. */
	size: number;
}

export interface Files {
	/** Undefined when nothing is there. */
	stat(path: string): FileStat | undefined;
	read(path: string): Uint8Array;
	/** Names in a directory; empty when it does not exist. */
	list(path: string): string[];
	/** Directory that relative paths start from. */
	cwd(): string;
}

/** The files of this machine. */
export const diskFiles: Files = {
	stat(path) {
		const entry = statSync(path, { throwIfNoEntry: false });
		if (!entry) return undefined;
		return { kind: entry.isFile() ? "file" : entry.isDirectory() ? "directory" : "other", size: entry.size };
	},
	read: (path) => readFileSync(path),
	list(path) {
		const entry = statSync(path, { throwIfNoEntry: false });
		return entry?.isDirectory() ? readdirSync(path).sort() : [];
	},
	cwd: () => process.cwd(),
};

/** The path as messages show it: relative to the working directory, absolute outside of it. */
export function shownPath(path: string, files: Files): string {
	const full = resolve(files.cwd(), path);
	const short = relative(files.cwd(), full);
	if (short === "") return ".";
	return short === ".." || short.startsWith(`..${sep}`) || isAbsolute(short) ? full : short;
}
