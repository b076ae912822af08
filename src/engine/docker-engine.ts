/** Connects the engine port to a Docker daemon, from API 1.41 (Docker 20.10) on. */
import type Docker from "dockerode";
import { LabError } from "../model/error.ts";
import { DockerEngine } from "./docker-client.ts";
import { apiAtLeast } from "./docker-create.ts";
import { toLabError } from "./docker-errors.ts";
import { type DaemonAddress, describeConnection } from "./docker-host.ts";
import { loadDockerode } from "./docker-load.ts";
import { pingedApi } from "./docker-ping.ts";
import type { Engine } from "./engine.ts";

export type { DaemonAddress } from "./docker-host.ts";

const OLDEST_API = "1.41";
/** Newest API the requests here were tried with; a newer daemon is asked to speak this one, if it still does. */
const NEWEST_API = "1.45";
const CONNECT_TIMEOUT_MS = 5_000;

/**
 * Connects to a daemon and agrees on an API version. `patienceMs`: how long it may take to answer.
 * @throws LabError environment: no-daemon, daemon-refused, daemon-too-old; input: bad-docker-host.
 */
export async function connectDocker(address: DaemonAddress, patienceMs = CONNECT_TIMEOUT_MS): Promise<Engine> {
	const connection = describeConnection(address);
	try {
		const pinged = await pingedApi(connection, AbortSignal.timeout(patienceMs));
		const Dockerode = loadDockerode();
		const api = isKnown(pinged)
			? pinged
			: agreeOnApi(await askVersion(new Dockerode(connection.options)), connection.name);
		return new DockerEngine(new Dockerode({ ...connection.options, version: `v${api}` }), connection, api);
	} catch (error) {
		connection.agent.destroy();
		if ((error as Error).name !== "AbortError")
			throw toLabError(error, { doing: "Connecting", daemon: connection.name });
		const seconds = patienceMs / 1000;
		throw new LabError("environment", `The Docker daemon at ${connection.name} does not answer within ${seconds} s`, {
			code: "no-daemon",
			hint: "It may still be starting; its own log tells. `--engine vm` does without it.",
			cause: error,
		});
	}
}

/** True for a version that needs no further question: neither too old nor newer than what was tried. */
function isKnown(version: string | undefined): version is string {
	return version !== undefined && apiAtLeast(version, OLDEST_API) && apiAtLeast(NEWEST_API, version);
}

interface DaemonVersion {
	Version: string;
	ApiVersion: string;
	MinAPIVersion?: string;
}

/** Bounded, for a socket that takes connections with nobody behind it. */
function askVersion(docker: Docker): Promise<DaemonVersion> {
	// @types/dockerode does not know that every call takes options.
	const call = docker.version as unknown as (options: { abortSignal: AbortSignal }) => Promise<DaemonVersion>;
	return call.call(docker, { abortSignal: AbortSignal.timeout(CONNECT_TIMEOUT_MS) });
}

function agreeOnApi(version: DaemonVersion, daemon: string): string {
	const { Version, ApiVersion, MinAPIVersion = OLDEST_API } = version;
	if (!apiAtLeast(ApiVersion, OLDEST_API)) {
		const words = `Docker ${Version} at ${daemon} is too old: it speaks API ${ApiVersion}, ${OLDEST_API} is needed`;
		throw new LabError("environment", words, {
			code: "daemon-too-old",
			hint: "Install Docker 20.10 or newer, or use `--engine vm`.",
		});
	}
	if (!apiAtLeast(ApiVersion, NEWEST_API)) return ApiVersion;
	return apiAtLeast(NEWEST_API, MinAPIVersion) ? NEWEST_API : MinAPIVersion;
}
