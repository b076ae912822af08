/** Images over the Docker API: import of a root file system, classic build. */
import { createReadStream } from "node:fs";
import { lstat, readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import type Docker from "dockerode";
import { LabError } from "../model/error.ts";
import { type Progress, readProgress } from "./docker-stream.ts";
import { packTar, type TarFile } from "./tar.ts";

/** A pull says something all the time; silence for so long means that no registry answers. */
const PULL_SILENCE_MS = 20_000;

const NO_REGISTRY =
	/no such host|network is unreachable|i\/o timeout|connection refused|Client\.Timeout|TLS handshake|proxyconnect|name resolution|failed to resolve|no route to host|pull access denied|manifest unknown|toomanyrequests|context deadline exceeded|server misbehaving|unexpected EOF|connection reset|deadline exceeded|x509/i;

/** `repo:tag` apart, as the import call wants it; a colon before a slash is a registry's port. */
export function splitTag(tag: string): { repo: string; tag: string } {
	const colon = tag.lastIndexOf(":");
	if (colon <= tag.lastIndexOf("/")) return { repo: tag, tag: "latest" };
	return { repo: tag.slice(0, colon), tag: tag.slice(colon + 1) };
}

/** Errors are the daemon's own. */
export async function importTar(docker: Docker, tag: string, file: string, signal?: AbortSignal): Promise<void> {
	const source = createReadStream(file);
	// Opened first: a missing file is no failure of the daemon's.
	await new Promise<void>((resolve, reject) => source.once("open", () => resolve()).once("error", reject));
	try {
		const stream = await docker.importImage(source, { ...splitTag(tag), ...(signal ? { abortSignal: signal } : {}) });
		for await (const message of readProgress(Readable.from(stream))) failOnError(message);
	} finally {
		source.destroy();
	}
}

function failOnError(message: Progress): void {
	const words = message.errorDetail?.message ?? message.error;
	if (words) throw new Error(words);
}

/** Classic build of `directory`. @throws LabError environment/no-registry; the daemon's own errors. */
export async function buildDirectory(
	docker: Docker,
	tag: string,
	directory: string,
	onLine: (line: string) => void,
	signal?: AbortSignal,
): Promise<void> {
	const silence = new AbortController();
	const both = AbortSignal.any([silence.signal, ...(signal ? [signal] : [])]);
	const context = Readable.from([packTar(await contextFiles(directory))]);
	const progress = new BuildProgress(onLine, () => silence.abort());
	try {
		const stream = await docker.buildImage(context, { t: tag, rm: true, forcerm: true, abortSignal: both });
		for await (const message of readProgress(Readable.from(stream))) progress.take(message);
	} catch (error) {
		throw progress.pulling && !signal?.aborted ? noRegistry(tag, progress, error, silence.signal.aborted) : error;
	} finally {
		progress.end();
	}
}

/** Follows the steps of a build; `pulling` while the base image is being fetched. */
class BuildProgress {
	pulling = false;
	base = "";
	readonly #onLine: (line: string) => void;
	readonly #onSilence: () => void;
	#timer: NodeJS.Timeout | undefined;
	#rest = "";

	constructor(onLine: (line: string) => void, onSilence: () => void) {
		this.#onLine = onLine;
		this.#onSilence = onSilence;
	}

	take(message: Progress): void {
		const text = message.stream ?? "";
		const step = /^Step \d+\/\d+ : (\w+)\s*(\S*)/.exec(text);
		if (step) this.pulling = step[1]?.toUpperCase() === "FROM";
		if (step && this.pulling) this.base = step[2] ?? "";
		// The id of the base image: it is there.
		if (/^ ---> [0-9a-f]{8}/.test(text)) this.pulling = false;
		this.#watch();
		this.#print(text);
		failOnError(message);
	}

	end(): void {
		clearTimeout(this.#timer);
		if (this.#rest) this.#onLine(this.#rest);
	}

	#watch(): void {
		clearTimeout(this.#timer);
		if (this.pulling) this.#timer = setTimeout(this.#onSilence, PULL_SILENCE_MS);
	}

	#print(text: string): void {
		const lines = (this.#rest + text).split("\n");
		this.#rest = lines.pop() ?? "";
		for (const line of lines) this.#onLine(line);
	}
}

function noRegistry(tag: string, { base }: BuildProgress, error: unknown, silent: boolean): unknown {
	const words = silent ? `nothing came for ${PULL_SILENCE_MS / 1000} s` : (error as Error).message;
	if (!silent && !NO_REGISTRY.test(words)) return error;
	return new LabError("environment", `Image ${tag}: the daemon cannot get its base image ${base}: ${words}`, {
		code: "no-registry",
		hint: "Give the daemon a way to a registry, or import the image: `lab image build` does without one on Debian and Ubuntu.",
		cause: error,
	});
}

/** Every file below `directory`; links are followed, as what they point to may lie outside the context. */
async function contextFiles(directory: string): Promise<TarFile[]> {
	const names = await readdir(directory, { recursive: true });
	const files: TarFile[] = [];
	for (const path of names.sort()) {
		const full = join(directory, path);
		const status = await lstat(full);
		if (status.isDirectory()) continue;
		files.push({ path, content: await readFile(full), mode: status.mode & 0o777 });
	}
	return files;
}
