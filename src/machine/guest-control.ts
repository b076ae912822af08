/** The control program inside the guest (images/vm/files/usr/lib/lblab/control), over the second serial port. */

import { randomBytes } from "node:crypto";
import type { Socket } from "node:net";
import { LabError } from "../model/error.ts";
import { connectWhenThere } from "./qmp.ts";

/** A restored guest answers in about 30 ms under emulation; a booting one has the program after some seconds. */
const ANSWER_TIMEOUT_MS = 10_000;

/** A connection to the control program. */
export class GuestControl {
	readonly #socket: Socket;
	#pending = "";
	#settle: ((line: string) => void) | undefined;

	private constructor(socket: Socket) {
		this.#socket = socket;
		socket.setEncoding("utf8");
		socket.on("error", () => undefined);
		socket.on("data", (chunk: string) => {
			this.#pending += chunk;
			const lines = this.#pending.split("\n");
			this.#pending = lines.pop() ?? "";
			for (const line of lines) this.#settle?.(line.trim());
		});
	}

	static async connect(path: string): Promise<GuestControl> {
		return new GuestControl(await connectWhenThere(path, 5000));
	}

	/**
	 * Runs one command and waits for its answer.
	 * @throws LabError `environment`/`guest-control`
	 */
	async run(command: string): Promise<void> {
		const name = command.split(" ", 1)[0] ?? "";
		const answer = await new Promise<string>((resolve) => {
			const timer = setTimeout(() => resolve("no answer"), ANSWER_TIMEOUT_MS);
			this.#settle = (line) => {
				// Anything else is an answer nobody waited for any more ("ok start").
				if (line !== `ok ${name}` && !line.startsWith(`error ${name}`)) return;
				clearTimeout(timer);
				resolve(line);
			};
			this.#socket.write(`${command}\n`);
		});
		if (answer === `ok ${name}`) return;
		throw new LabError("environment", `The machine did not obey "${name}": ${answer}`, { code: "guest-control" });
	}

	/**
	 * Sets the wall clock and reseeds the random generator: a restored guest has those of the snapshot, and two guests
	 * of one snapshot would give their containers the same ids.
	 */
	async freshen(): Promise<void> {
		await this.run(`entropy ${randomBytes(32).toString("hex")}`);
		await this.run(`clock ${(Date.now() / 1000).toFixed(3)}`);
	}

	close(): void {
		this.#socket.destroy();
	}
}
