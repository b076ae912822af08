/** Compiles a program of ours inside a container, for hosts that have no compiler (macOS, or a daemon far away). */
import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { LabError } from "../model/error.ts";
import type { Engine, FileEntry } from "./engine.ts";

const FOLDER = "/build";

/**
 * Copies the sources in, runs make, and copies the result out. The container is removed whatever happens.
 * @throws LabError `broken`/`build-failed` with the end of the compiler's output
 */
export async function buildInContainer(
	engine: Engine,
	image: string,
	source: string,
	name: string,
	signal: AbortSignal,
): Promise<Buffer> {
	const id = await engine.createContainer({
		name: `lab-builder-${process.pid}-${name}`,
		image,
		hostname: "builder",
		command: ["sleep", "600"],
		labels: { "lblab.role": "builder", "lblab.instance": `builder-${process.pid}` },
		capabilities: [],
		privileged: false,
		attachments: [],
	});
	try {
		await engine.copyIn(id, await sourceFiles(source));
		await engine.startContainer(id);
		const result = await engine.exec(id, { command: ["make", "-C", FOLDER, `OUT=${FOLDER}/out`], signal });
		if (result.exitCode !== 0) {
			const words = `${result.stdout.toString("utf8")}${result.stderr.toString("utf8")}`.trim().split("\n").slice(-10);
			throw new LabError("broken", `${name} does not compile:\n${words.join("\n")}`, { code: "build-failed" });
		}
		return await engine.copyOut(id, `${FOLDER}/out/${name}`);
	} finally {
		await engine.removeContainer(id);
	}
}

/** The files of a source folder, build results left out. */
async function sourceFiles(source: string): Promise<FileEntry[]> {
	const names = (await readdir(source, { recursive: true })).filter((name) => !name.startsWith("build"));
	const entries = await Promise.all(
		names.map(async (name): Promise<FileEntry[]> => {
			const path = join(source, name);
			const info = await stat(path);
			if (!info.isFile()) return [];
			return [{ path: `${FOLDER}/${name}`, content: await readFile(path), mode: info.mode & 0o777 }];
		}),
	);
	return entries.flat();
}
