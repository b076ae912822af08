/**
 * Carries connections from a unix socket to a TCP port. It copies bytes and half-closes, nothing else: hijacked streams
 * of `exec` and `attach` pass as they are.
 */

import net, { type Server, type Socket } from "node:net";

/** A running relay. */
export interface Relay {
	/** Connections open now. */
	connections(): number;
	/** Milliseconds (performance clock) when the last connection began or ended. */
	lastActivity(): number;
	close(): void;
}

/**
 * Distance between two new connections, in ms. QEMU's user-mode stack loses the first packet of connections that come
 * together, and the retry takes 1 s: 11 of 200 requests stalled when 5 came at once, none with 2 ms between them
 * (vm.md section 3). Timers are coarse, hence one more.
 */
export const CONNECT_SPACING_MS = 3;

/**
 * Listens on `socketPath` (mode 0600: the umask is set around it) and relays to `target`.
 * @param log receives what went wrong with single connections
 */
export async function startRelay(
	socketPath: string,
	target: { host: string; port: number },
	log: (line: string) => void,
	spacingMs = CONNECT_SPACING_MS,
): Promise<Relay> {
	const open = new Set<Socket>();
	let activity = performance.now();
	let nextConnect = 0;
	const server: Server = net.createServer({ allowHalfOpen: true, pauseOnConnect: true }, (client) => {
		open.add(client);
		activity = performance.now();
		client.once("close", () => {
			open.delete(client);
			activity = performance.now();
		});
		client.on("error", () => client.destroy());
		const now = performance.now();
		const at = Math.max(now, nextConnect);
		nextConnect = at + spacingMs;
		if (at <= now) join(client, target, log);
		else setTimeout(() => join(client, target, log), at - now);
	});
	const before = process.umask(0o177);
	try {
		await new Promise<void>((resolve, reject) => {
			server.once("error", reject);
			server.listen(socketPath, resolve);
		});
	} finally {
		process.umask(before);
	}
	return {
		connections: () => open.size,
		lastActivity: () => activity,
		close: () => {
			server.close();
			for (const client of open) client.destroy();
		},
	};
}

/** Connects a waiting client onwards. `allowHalfOpen` on both sides: end of stdin must not end the answer. */
function join(client: Socket, target: { host: string; port: number }, log: (line: string) => void): void {
	if (client.destroyed) return;
	const upstream = net.connect({ ...target, allowHalfOpen: true, noDelay: true });
	const end = () => {
		client.destroy();
		upstream.destroy();
	};
	upstream.on("error", (error) => {
		log(`connection to the daemon: ${error.message}`);
		end();
	});
	client.on("error", end);
	client.pipe(upstream);
	upstream.pipe(client);
}
