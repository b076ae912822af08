/** QEMU's monitor: JSON commands over a unix socket (QMP). */

import net, { type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { LabError } from "../model/error.ts";
import { shellQuote } from "./command.ts";

interface Reply {
	return?: unknown;
	error?: { class: string; desc: string };
}

/**
 * Connects to a unix socket that may not exist yet.
 * @param timeoutMs how long to try; QEMU makes its sockets within 50 ms
 * @throws LabError `environment`/`qemu-silent`
 */
export async function connectWhenThere(path: string, timeoutMs: number): Promise<Socket> {
	const deadline = performance.now() + timeoutMs;
	for (;;) {
		const socket = net.connect(path);
		const connected = await new Promise<boolean>((resolve) => {
			socket.once("connect", () => resolve(true));
			socket.once("error", () => resolve(false));
		});
		if (connected) return socket;
		if (performance.now() > deadline) {
			throw new LabError("environment", `QEMU did not open ${path} within ${timeoutMs} ms.`, { code: "qemu-silent" });
		}
		await sleep(5);
	}
}

/** A monitor connection, ready for commands. */
export class Qmp {
	readonly #socket: Socket;
	readonly #waiting: ((reply: Reply) => void)[] = [];

	private constructor(socket: Socket) {
		this.#socket = socket;
		let pending = "";
		socket.setEncoding("utf8");
		socket.on("data", (chunk: string) => {
			pending += chunk;
			const lines = pending.split("\n");
			pending = lines.pop() ?? "";
			for (const line of lines) this.#receive(line);
		});
		socket.on("error", () => undefined);
		socket.on("close", () => {
			for (const settle of this.#waiting.splice(0)) settle({ error: { class: "closed", desc: "QEMU ended" } });
		});
	}

	/** Connects and leaves negotiation mode. */
	static async connect(path: string, timeoutMs = 5000): Promise<Qmp> {
		const qmp = new Qmp(await connectWhenThere(path, timeoutMs));
		await qmp.run("qmp_capabilities");
		return qmp;
	}

	/** Answers come in the order of the commands; greetings and events have neither `return` nor `error`. */
	#receive(line: string): void {
		if (line.trim() === "") return;
		const message = JSON.parse(line) as Reply;
		if ("return" in message || "error" in message) this.#waiting.shift()?.(message);
	}

	/**
	 * Runs a command and returns its answer.
	 * @throws LabError `environment`/`qmp-failed`
	 */
	async run(execute: string, args: object = {}): Promise<unknown> {
		const reply = await new Promise<Reply>((resolve) => {
			this.#waiting.push(resolve);
			this.#socket.write(`${JSON.stringify({ execute, arguments: args })}\n`);
		});
		if (!reply.error) return reply.return;
		throw new LabError("environment", `QEMU refused ${execute}: ${reply.error.desc}`, { code: "qmp-failed" });
	}

	/** Repeats a query until `done` says so. */
	async until(query: string, done: (status: string) => boolean): Promise<string> {
		for (;;) {
			const { status = "" } = (await this.run(query)) as { status?: string };
			if (done(status)) return status;
			await sleep(5);
		}
	}

	/** Closes the connection; QEMU runs on. */
	close(): void {
		this.#socket.destroy();
	}
}

/** RAM stays in its file: only the state of processors and devices (0.4 MB) is written. */
async function leaveRamInFile(qmp: Qmp): Promise<void> {
	await qmp.run("migrate-set-capabilities", { capabilities: [{ capability: "x-ignore-shared", state: true }] });
}

/**
 * Stops the machine, writes its state and ends QEMU. RAM and disk file are frozen with it.
 * @throws LabError `environment`/`snapshot-failed`
 */
export async function saveState(qmp: Qmp, stateFile: string): Promise<void> {
	await qmp.run("stop");
	await leaveRamInFile(qmp);
	// `file:` exists since QEMU 8.2 only.
	await qmp.run("migrate", { uri: `exec:cat > ${shellQuote(stateFile)}` });
	const status = await qmp.until("query-migrate", (state) => ["completed", "failed", "cancelled"].includes(state));
	if (status !== "completed") {
		throw new LabError("environment", `QEMU could not save its state (${status}).`, { code: "snapshot-failed" });
	}
	await qmp.run("quit");
	qmp.close();
}

/**
 * Loads a saved state into a QEMU started with `-incoming defer` and lets it run.
 * @throws LabError `environment`/`restore-failed`
 */
export async function restoreState(qmp: Qmp, stateFile: string): Promise<void> {
	await leaveRamInFile(qmp);
	await qmp.run("migrate-incoming", { uri: `exec:cat ${shellQuote(stateFile)}` });
	const status = await qmp.until("query-status", (state) => state !== "inmigrate");
	if (status !== "paused" && status !== "running") {
		throw new LabError("environment", `The saved machine could not be restored (${status}).`, {
			code: "restore-failed",
		});
	}
	await qmp.run("cont");
}
