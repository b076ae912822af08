/** Which Docker daemon the user means: DOCKER_HOST, the `docker` command's context, or one of the usual sockets. */
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { LabError } from "../model/error.ts";
import { connectDocker } from "./docker-engine.ts";
import type { DaemonAddress, Environment } from "./docker-host.ts";
import type { Engine } from "./engine.ts";

export interface DaemonCandidate {
	address: DaemonAddress;
	/** Where it was read, e.g. `DOCKER_HOST`, `context desktop-linux`, `usual place`. */
	source: string;
	/** The address as text. */
	name: string;
}

export interface TriedDaemon extends DaemonCandidate {
	/** Why it was not taken, in the words of the failure. */
	error: LabError;
}

/** The first daemon that answers, connected; and what was tried before it, or all of it. */
export interface FoundDaemon {
	found?: DaemonCandidate & { engine: Engine };
	tried: TriedDaemon[];
}

/** Tries the candidates in order; with DOCKER_HOST or a context set, only that one. The caller closes `found.engine`. */
export async function findDaemon(env: Environment): Promise<FoundDaemon> {
	const tried: TriedDaemon[] = [];
	for (const candidate of await candidates(env)) {
		try {
			return { found: { ...candidate, engine: await connectDocker(candidate.address) }, tried };
		} catch (error) {
			if (!(error instanceof LabError)) throw error;
			tried.push({ ...candidate, error });
		}
	}
	return { tried };
}

async function candidates(env: Environment): Promise<DaemonCandidate[]> {
	if (env.DOCKER_HOST) {
		return [{ address: { host: env.DOCKER_HOST, env }, source: "DOCKER_HOST", name: env.DOCKER_HOST }];
	}
	const chosen = await contextCandidate(env);
	if (chosen) return [chosen];
	const sockets = [
		"/var/run/docker.sock",
		...(env.XDG_RUNTIME_DIR ? [join(env.XDG_RUNTIME_DIR, "docker.sock")] : []),
		...(env.HOME ? [join(env.HOME, ".docker/run/docker.sock")] : []),
	];
	return sockets.map((socketPath) => ({
		address: { socketPath },
		source: "usual place",
		name: `unix://${socketPath}`,
	}));
}

/** The context that the `docker` command would use, when it is not the default one. Its TLS files are not read. */
async function contextCandidate(env: Environment): Promise<DaemonCandidate | undefined> {
	const folder = env.DOCKER_CONFIG ?? join(env.HOME ?? "/", ".docker");
	const config = await readJson<{ currentContext?: string }>(join(folder, "config.json"));
	const context = env.DOCKER_CONTEXT ?? config?.currentContext;
	if (!context || context === "default") return undefined;
	const key = createHash("sha256").update(context).digest("hex");
	const meta = await readJson<{ Endpoints?: { docker?: { Host?: string } } }>(
		join(folder, "contexts/meta", key, "meta.json"),
	);
	const host = meta?.Endpoints?.docker?.Host;
	return host ? { address: { host, env }, source: `context ${context}`, name: host } : undefined;
}

async function readJson<T>(file: string): Promise<T | undefined> {
	try {
		return JSON.parse(await readFile(file, "utf8")) as T;
	} catch {
		// No file, or not one of the `docker` command's: then it says nothing about contexts.
		return undefined;
	}
}
