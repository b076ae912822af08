/** The few calls of the Docker API that setting a machine up takes, over its unix socket and without a library. */

import http, { type IncomingMessage } from "node:http";
import type { Readable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { signalWithDeadline } from "../model/deadline.ts";
import { LabError } from "../model/error.ts";

/** How long one `/_ping` may take, in ms; under emulation it takes 100. */
const ATTEMPT_MS = 1000;

/** An answer of the daemon. */
export interface ApiAnswer {
	status: number;
	body: string;
}

export interface ApiRequest {
	/** JSON, or a stream sent as a tar. */
	body?: object | Readable;
	/** Limit in ms for the whole exchange. */
	timeoutMs?: number;
}

/** A connection-per-request client of one daemon. */
export class ApiClient {
	readonly #socketPath: string;
	readonly #signal: AbortSignal;

	constructor(socketPath: string, signal: AbortSignal) {
		this.#socketPath = socketPath;
		this.#signal = signal;
	}

	/** Sends a request and reads the whole answer. Rejects with the connection's error, or the signal's reason. */
	async send(method: string, path: string, { body, timeoutMs = 120_000 }: ApiRequest = {}): Promise<ApiAnswer> {
		const stream = body !== undefined && "pipe" in body ? (body as Readable) : undefined;
		const json = body !== undefined && stream === undefined ? JSON.stringify(body) : undefined;
		const request = http.request({
			socketPath: this.#socketPath,
			method,
			path,
			// No connection may be open when RAM is saved.
			agent: false,
			signal: signalWithDeadline(this.#signal, timeoutMs),
			headers: {
				Host: "docker",
				...(json === undefined
					? {}
					: { "Content-Type": "application/json", "Content-Length": Buffer.byteLength(json) }),
				...(stream === undefined ? {} : { "Content-Type": "application/x-tar" }),
			},
		});
		const answered = new Promise<IncomingMessage>((resolve, reject) => {
			request.once("response", resolve);
			request.once("error", reject);
		});
		if (stream) {
			stream.once("error", (error) => request.destroy(error));
			stream.pipe(request);
		} else {
			request.end(json);
		}
		try {
			const response = await answered;
			const chunks: Buffer[] = [];
			for await (const chunk of response) chunks.push(chunk as Buffer);
			return { status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString("utf8") };
		} catch (error) {
			this.#signal.throwIfAborted();
			throw error;
		}
	}

	/**
	 * As `send`, with JSON back, and every code but 2xx an error.
	 * @throws LabError `broken`/`daemon-refused`
	 */
	async call<T = unknown>(method: string, path: string, request: ApiRequest = {}): Promise<T> {
		const { status, body } = await this.send(method, path, request);
		if (status < 200 || status > 299) {
			throw new LabError("broken", `The daemon answered ${status} to ${method} ${path}: ${messageOf(body)}`, {
				code: "daemon-refused",
			});
		}
		return (body.trim().startsWith("{") || body.trim().startsWith("[") ? parseLast(body) : undefined) as T;
	}

	/**
	 * Runs a program in a container to its end.
	 * @returns its exit code and what it printed. A terminal is asked for, as its stream has no frames.
	 */
	async exec(container: string, command: readonly string[]): Promise<{ code: number; output: string }> {
		const { Id } = await this.call<{ Id: string }>("POST", `/containers/${container}/exec`, {
			body: { Cmd: command, AttachStdout: true, AttachStderr: true, Tty: true },
		});
		const { body: output } = await this.send("POST", `/exec/${Id}/start`, { body: { Detach: false, Tty: true } });
		const { ExitCode } = await this.call<{ ExitCode: number }>("GET", `/exec/${Id}/json`);
		return { code: ExitCode, output };
	}

	/**
	 * Waits until the daemon answers. Its socket is bound long before that, so connecting proves nothing. `/_ping` is
	 * asked until it answers, since an abandoned `/version` keeps the daemon busy asking runc and containerd for theirs.
	 * @param alive asked between attempts; throws when there is nothing to wait for any more
	 * @throws LabError `environment`/`daemon-silent`
	 */
	async waitReady(timeoutMs: number, alive: () => void): Promise<DaemonVersion> {
		const deadline = performance.now() + timeoutMs;
		for (;;) {
			this.#signal.throwIfAborted();
			alive();
			const left = deadline - performance.now();
			if (left <= 0) break;
			// A connection made before the guest has a network hangs for good: many short tries instead of a long one.
			const attempt = { timeoutMs: Math.min(left, ATTEMPT_MS) };
			const ping = await this.send("GET", "/_ping", attempt).catch(() => undefined);
			if (ping?.status === 200) return this.call<DaemonVersion>("GET", "/version", { timeoutMs: left });
			await sleep(50);
		}
		throw new LabError("environment", `The daemon in the machine did not answer within ${timeoutMs} ms.`, {
			code: "daemon-silent",
		});
	}
}

/** What of `GET /version` is used. */
export interface DaemonVersion {
	Version: string;
	ApiVersion: string;
	KernelVersion: string;
}

/** A daemon's error message, or the body as it is. */
function messageOf(body: string): string {
	try {
		return (JSON.parse(body) as { message?: string }).message ?? body;
	} catch {
		return body.slice(0, 500);
	}
}

/** JSON, or the last line of a stream of JSON lines (progress of an import). */
function parseLast(body: string): unknown {
	try {
		return JSON.parse(body);
	} catch {
		return JSON.parse(body.trim().split("\n").at(-1) ?? "null");
	}
}
