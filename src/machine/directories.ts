/** Where the machine keeps things: the cache (rebuilt any time) and the state of running instances. */

import { existsSync } from "node:fs";
import { chmod, mkdir } from "node:fs/promises";
import { homedir } from "node:os";
import { isAbsolute, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { LabError } from "../model/error.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/** sun_path of a unix socket, with its closing zero byte. */
const SOCKET_PATH_LIMIT = 108;

/** The cache directory: LAB_CACHE, else $XDG_CACHE_HOME/lblab, else ~/.cache/lblab. */
export function cacheDirectory(env: Environment): string {
	if (env.LAB_CACHE) return resolve(env.LAB_CACHE);
	// The specification of XDG says to ignore relative paths.
	const base = env.XDG_CACHE_HOME && isAbsolute(env.XDG_CACHE_HOME) ? env.XDG_CACHE_HOME : join(homedir(), ".cache");
	return join(base, "lblab");
}

/** Where running instances keep their sockets: $XDG_RUNTIME_DIR/lblab where that exists, else <cache>/run. */
export function stateDirectory(env: Environment): string {
	const runtime = env.XDG_RUNTIME_DIR;
	// LAB_CACHE asks for everything in one place, as tests and removal do.
	if (!env.LAB_CACHE && runtime && isAbsolute(runtime) && existsSync(runtime)) return join(runtime, "lblab");
	return join(cacheDirectory(env), "run");
}

/** The directory `images/` of the project, from src/machine as from dist/machine. */
export function imagesDirectory(): string {
	return fileURLToPath(new URL("../../images", import.meta.url));
}

/** Makes a directory only its owner can look into. */
export async function makePrivate(directory: string): Promise<string> {
	await mkdir(directory, { recursive: true, mode: 0o700 });
	await chmod(directory, 0o700);
	return directory;
}

/**
 * The path of an instance's API socket.
 * @throws LabError `environment`/`socket-path-long` when the kernel would not take it
 */
export function socketPathIn(instanceDirectory: string): string {
	const path = join(instanceDirectory, "api.sock");
	if (Buffer.byteLength(path) < SOCKET_PATH_LIMIT) return path;
	throw new LabError(
		"environment",
		`The path of the machine's socket is ${Buffer.byteLength(path)} bytes long; the kernel takes ${SOCKET_PATH_LIMIT - 1}: ${path}`,
		{
			code: "socket-path-long",
			hint: "Set XDG_RUNTIME_DIR or LAB_CACHE to a shorter directory, or use a shorter name.",
		},
	);
}
