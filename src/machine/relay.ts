/**
 * Carries connections from a unix socket to a TCP port. It copies bytes and half-closes, nothing else: hijacked streams
 * of `exec` and `attach` pass as they are.
 */

import net, { type Server, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { allAccepted } from "./accept-queue.ts";

/** A running relay. */
export interface Relay {
	/** Connections open now. */
	connections(): number;
	/** Milliseconds (performance clock) when the last connection began or ended. */
	lastActivity(): number;
	close(): void;
}

export interface RelayOptions {
	target: { host: string; port: number };
	/** Receives what went wrong with single connections. */
	log: (line: string) => void;
	/** Whether the target has taken every connection made so far; only then the next is made. */
	accepted?: () => boolean;
}

/** Time in ms between two looks at the target's queue. QEMU takes a connection within 1 ms unless the host is busy. */
const POLL_MS = 1;

/**
 * Listens on `socketPath` (mode 0600: the umask is set around it) and relays to the target, connecting one by one.
 *
 * QEMU's user-mode network listens with a queue of one. Connections that come faster than it accepts are dropped by the
 * kernel and tried again after a second: of 1050 requests in bursts of 5 to 20, 51 took over a second when merely spaced
 * by 3 ms on a busy host. So each connection waits until QEMU has taken the one before.
 */
export async function startRelay(socketPath: string, options: RelayOptions): Promise<Relay> {
	const { target, log, accepted = () => allAccepted(target.port) } = options;
	const open = new Set<Socket>();
	const waiting: Socket[] = [];
	let activity = performance.now();
	let connecting = false;
	const connectWaiting = async () => {
		if (connecting) return;
		connecting = true;
		for (let client = waiting.shift(); client !== undefined; client = waiting.shift()) {
			if (client.destroyed) continue;
			while (!accepted()) await sleep(POLL_MS);
			await join(client, target, log);
		}
		connecting = false;
	};
	const server: Server = net.createServer({ allowHalfOpen: true, pauseOnConnect: true }, (client) => {
		open.add(client);
		activity = performance.now();
		client.once("close", () => {
			open.delete(client);
			activity = performance.now();
		});
		client.on("error", () => client.destroy());
		waiting.push(client);
		void connectWaiting();
	});
	await listenPrivately(server, socketPath);
	return {
		connections: () => open.size,
		lastActivity: () => activity,
		close: () => {
			server.close();
			for (const client of open) client.destroy();
		},
	};
}

/** Binds a socket that only its owner may open, from its first moment on. */
async function listenPrivately(server: Server, socketPath: string): Promise<void> {
	const before = process.umask(0o177);
	try {
		await new Promise<void>((resolve, reject) => {
			server.once("error", reject);
			server.listen(socketPath, resolve);
		});
	} finally {
		process.umask(before);
	}
}

/**
 * Connects a client onwards; resolves when that has worked or failed. `allowHalfOpen` on both sides: the end of stdin
 * must not end the answer.
 */
function join(client: Socket, target: RelayOptions["target"], log: RelayOptions["log"]): Promise<void> {
	const upstream = net.connect({ ...target, allowHalfOpen: true, noDelay: true });
	const end = () => {
		client.destroy();
		upstream.destroy();
	};
	client.on("error", end);
	client.pipe(upstream);
	upstream.pipe(client);
	return new Promise((resolve) => {
		upstream.once("connect", () => resolve());
		upstream.on("error", (error) => {
			log(`connection to the daemon: ${error.message}`);
			end();
			resolve();
		});
	});
}
