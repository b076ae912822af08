/** A file system in memory, for tests. */
import { resolve } from "node:path";
import type { Files } from "./files.ts";

/** Files by path below `/project`, which is the working directory as well. */
export function memoryFiles(contents: Record<string, string | Uint8Array>): Files {
	const bytes = new Map(
		Object.entries(contents).map(([path, text]) => [
			resolve("/project", path),
			typeof text === "string" ? new TextEncoder().encode(text) : text,
		]),
	);
	const below = (path: string) => [...bytes.keys()].filter((file) => file.startsWith(`${path}/`));
	return {
		stat(path) {
			const file = bytes.get(path);
			if (file) return { kind: "file", size: file.byteLength };
			return below(path).length > 0 ? { kind: "directory", size: 0 } : undefined;
		},
		read(path) {
			const file = bytes.get(path);
			if (!file) throw new Error(`ENOENT: ${path}`);
			return file;
		},
		list: (path) => [...new Set(below(path).map((file) => file.slice(path.length + 1).split("/")[0] ?? ""))].sort(),
		cwd: () => "/project",
	};
}
