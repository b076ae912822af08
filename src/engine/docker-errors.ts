/** The daemon's refusals and the connection's failures in our own words: what happened, whose words, what to do. */
import { LabError } from "../model/error.ts";
import {
	aborted,
	nameTaken,
	noSuchContainer,
	noSuchFile,
	noSuchImage,
	noSuchNetwork,
	notRunning,
} from "./engine-errors.ts";

/** What was being done, for the message. */
export interface Subject {
	/** E.g. "Starting lab-x-gw". */
	doing: string;
	/** Container, image, network or path the request was about. */
	name?: string;
	/** File in the container. */
	path?: string;
	/** Where the daemon is, e.g. unix:///var/run/docker.sock. */
	daemon: string;
}

/** What docker-modem puts on its errors. */
interface ModemError extends Error {
	statusCode?: number;
	json?: { message?: string } | Buffer | string | null;
	code?: string;
}

const CONNECTION_CODES = new Set([
	"ENOENT",
	"ECONNREFUSED",
	"ECONNRESET",
	"EPIPE",
	"ENOTSOCK",
	"ETIMEDOUT",
	"ENOTFOUND",
]);
const UNREACHABLE_CODES = new Set(["EHOSTUNREACH", "ENETUNREACH", "EAI_AGAIN", "EHOSTDOWN", "ECONNABORTED"]);

/** HTTP status of a refusal, undefined where the daemon did not answer. */
export function statusOf(error: unknown): number | undefined {
	return (error as ModemError | undefined)?.statusCode;
}

/** What the daemon (or the system) said, without docker-modem's own additions. */
export function wordsOf(error: unknown): string {
	if (!(error instanceof Error)) return String(error);
	const { json } = error as ModemError;
	if (json && typeof json === "object" && "message" in json && json.message) return json.message.trim();
	return error.message.replace(/^\(HTTP code \d+\) [^-]* - /, "").trim();
}

/** Any failure of a call as the `LabError` that the port promises. */
export function toLabError(error: unknown, subject: Subject): LabError {
	if (error instanceof LabError) return error;
	const { code, name } = (error ?? {}) as ModemError;
	const words = wordsOf(error);
	if (name === "AbortError" || code === "ABORT_ERR") return aborted(subject.doing, error);
	return connectionError(error, subject, words) ?? refusal(error, subject, words);
}

function connectionError(error: unknown, { doing, daemon }: Subject, words: string): LabError | undefined {
	const code = (error as ModemError | undefined)?.code ?? "";
	if (code === "EACCES" || code === "EPERM" || /permission denied.*docker\.sock/.test(words)) {
		return new LabError("environment", `Not allowed to talk to the Docker daemon at ${daemon}: ${words}`, {
			code: "daemon-refused",
			hint: "Add yourself to the group `docker` (`sudo usermod -aG docker $USER`, then log in again), or use `--engine vm`.",
			cause: error,
		});
	}
	if (CONNECTION_CODES.has(code) || UNREACHABLE_CODES.has(code) || /socket hang up/.test(words)) {
		return new LabError("environment", `${doing}: no Docker daemon answers at ${daemon}: ${words}`, {
			code: "no-daemon",
			hint: "Start it (`sudo systemctl start docker`), set DOCKER_HOST, or use `--engine vm`.",
			cause: error,
		});
	}
	return undefined;
}

function refusal(error: unknown, subject: Subject, words: string): LabError {
	const { doing, name = "", path = "" } = subject;
	const said = `${doing}: ${words}`;
	if (/no space left on device|disk quota exceeded/i.test(words)) {
		return new LabError("environment", said, {
			code: "disk-full",
			hint: "The disk of the daemon's machine is full: `docker system df` shows by what, `lab gc` removes what is ours.",
			cause: error,
		});
	}
	if (/No such container|no such exec/i.test(words)) return noSuchContainer(name, said, error);
	if (/No such image/i.test(words)) return noSuchImage(name, said, error);
	if (/Could not find the file|no such file or directory/i.test(words) && path) return noSuchFile(name, path, error);
	if (/^network .* not found|No such network/i.test(words)) return noSuchNetwork(name, said, error);
	if (/is not running/i.test(words)) return notRunning(name, said, error);
	if (/already in use by container|network with name .* already exists/i.test(words)) {
		return nameTaken(name, said, error);
	}
	return new LabError("broken", said, { code: "daemon-error", cause: error });
}
