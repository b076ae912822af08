/** How many connections wait to be accepted by a listener in this network namespace. */

import { closeSync, openSync, readSync } from "node:fs";

/** State of a listening socket in /proc/net/tcp. */
const LISTEN = "0A";
/** Listeners are the first lines of the table; one page holds them, however many connections follow. */
const PAGE = 4096;

/**
 * Length of the accept queue of a listener on 127.0.0.1, from the text of /proc/net/tcp (column rx_queue of a listener).
 * @returns undefined when nobody listens on that port
 */
export function queueLength(table: string, port: number): number | undefined {
	const address = `0100007F:${port.toString(16).toUpperCase().padStart(4, "0")}`;
	for (const line of table.split("\n").slice(1)) {
		const [, local, , state, queues = ""] = line.trim().split(/\s+/);
		if (local === address && state === LISTEN) return Number.parseInt(queues.split(":")[1] ?? "0", 16);
	}
	return undefined;
}

/** Whether the listener on that port has taken every connection made so far. True where that cannot be told. */
export function allAccepted(port: number): boolean {
	try {
		const file = openSync("/proc/net/tcp", "r");
		try {
			const page = Buffer.alloc(PAGE);
			const length = readSync(file, page, 0, PAGE, null);
			return (queueLength(page.toString("latin1", 0, length), port) ?? 0) === 0;
		} finally {
			closeSync(file);
		}
	} catch {
		return true;
	}
}
