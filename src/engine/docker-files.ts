/** Files into and out of containers, as tar archives of the Docker API. */
import { posix } from "node:path";
import { buffer } from "node:stream/consumers";
import type { Container } from "dockerode";
import { runExec } from "./docker-exec.ts";
import type { FileEntry } from "./engine.ts";
import { noSuchFile } from "./engine-errors.ts";
import { packTar, unpackTar } from "./tar.ts";

const MAX_LINKS = 8;

/** Mount points in a running container, which an archive cannot replace ("device or resource busy"). */
const MANAGED = new Set(["/etc/hosts", "/etc/hostname", "/etc/resolv.conf"]);

/** @throws Error when a path is not absolute or too long for an archive; the daemon's own errors. */
export async function copyFilesIn(container: Container, files: FileEntry[]): Promise<void> {
	const clean = files.map((file) => ({ ...file, path: posix.normalize(file.path) }));
	const wrong = clean.find(({ path }) => !path.startsWith("/") || path.endsWith("/"));
	if (wrong) throw new Error(`not an absolute path of a file: ${wrong.path}`);
	const plain = clean.filter(({ path }) => !MANAGED.has(path));
	if (plain.length > 0) {
		const missing = await missingFolders(container, plain);
		const folders = missing.map((path) => ({ path: `${path.slice(1)}/`, content: Buffer.alloc(0), mode: 0o755 }));
		const mtime = Date.now() / 1000;
		const archive = packTar([...folders, ...plain.map((file) => ({ ...file, path: file.path.slice(1), mtime }))]);
		await container.putArchive(archive, { path: "/" });
	}
	for (const file of clean.filter(({ path }) => MANAGED.has(path))) await writeInPlace(container, file);
}

/** Folders the daemon would make by itself, but with permissions that differ between its versions. */
async function missingFolders(container: Container, files: FileEntry[]): Promise<string[]> {
	const wanted = new Set<string>();
	for (const { path } of files) {
		for (let dir = posix.dirname(path); dir !== "/"; dir = posix.dirname(dir)) wanted.add(dir);
	}
	const present = new Set<string>();
	// Deepest first: where a folder is, its parents are too.
	for (const dir of [...wanted].sort((a, b) => b.length - a.length)) {
		if (present.has(dir) || !(await exists(container, dir))) continue;
		for (let parent = dir; parent !== "/"; parent = posix.dirname(parent)) present.add(parent);
	}
	return [...wanted].filter((dir) => !present.has(dir)).sort();
}

async function exists(container: Container, path: string): Promise<boolean> {
	try {
		await container.infoArchive({ path });
		return true;
	} catch (error) {
		if (isMissing(error)) return false;
		throw error;
	}
}

/** HEAD answers have no text, so the status alone must do. */
function isMissing(error: unknown): boolean {
	return (error as { statusCode?: number }).statusCode === 404;
}

async function writeInPlace(container: Container, { path, content, mode }: FileEntry): Promise<void> {
	const script = `cat > ${path} && chmod ${mode.toString(8)} ${path}`;
	const { exitCode, stderr } = await runExec(container, { command: ["sh", "-c", script], stdin: content });
	if (exitCode !== 0) throw new Error(`writing ${path} failed: ${stderr.toString().trim()}`);
}

/** Reads one file; symbolic links are followed. */
export async function copyFileOut(container: Container, path: string): Promise<Buffer> {
	let current = posix.normalize(path);
	for (let links = 0; links < MAX_LINKS; links++) {
		const stream = await container.getArchive({ path: current });
		const [entry] = unpackTar(await buffer(stream));
		if (entry?.type === "file") return entry.content;
		if (entry?.type !== "link") throw new Error(`${current} is not a file`);
		current = posix.resolve(posix.dirname(current), entry.target);
	}
	throw noSuchFile(container.id, path, new Error("too many symbolic links"));
}
