import { randomBytes } from "node:crypto";
import { statSync } from "node:fs";
import net, { type AddressInfo, type Socket } from "node:net";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { temporaryDirectory } from "../../test/machine/context.ts";
import { type Relay, startRelay } from "./relay.ts";

let directory: ReturnType<typeof temporaryDirectory>;
let socketPath: string;
let server: net.Server;
let relay: Relay | undefined;
let arrivals: number[];

/** Starts the far end and a relay to it. */
async function start(serve: (socket: Socket) => void, accepted?: () => boolean) {
	arrivals = [];
	server = net.createServer({ allowHalfOpen: true }, (socket) => {
		arrivals.push(performance.now());
		socket.on("error", () => undefined);
		serve(socket);
	});
	await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
	const { port } = server.address() as AddressInfo;
	const options = { target: { host: "127.0.0.1", port }, log: () => undefined };
	relay = await startRelay(socketPath, accepted === undefined ? options : { ...options, accepted });
}

/** Connects, sends, ends its half, and reads to the end of the other. */
async function exchange(bytes: Buffer): Promise<Buffer> {
	const socket = net.connect({ path: socketPath, allowHalfOpen: true });
	socket.end(bytes);
	return readToEnd(socket);
}

/** Reads one half to its end and leaves the other open (`for await` would destroy both). */
function readToEnd(socket: Socket): Promise<Buffer> {
	const chunks: Buffer[] = [];
	return new Promise((resolve, reject) => {
		socket.on("data", (chunk) => chunks.push(chunk));
		socket.once("end", () => resolve(Buffer.concat(chunks)));
		socket.once("error", reject);
	});
}

beforeEach(() => {
	directory = temporaryDirectory();
	socketPath = join(directory.path, "s");
});
afterEach(async () => {
	relay?.close();
	server?.close();
	await directory.remove();
});

test("only its owner may connect", async () => {
	await start((socket) => socket.end());
	expect(statSync(socketPath).mode & 0o777).toBe(0o600);
});

test("end of input reaches the far end, whose answer still comes back", async () => {
	await start(async (socket) => socket.end((await readToEnd(socket)).reverse()));
	const bytes = randomBytes(3_000_000);
	expect((await exchange(bytes)).equals(Buffer.from(bytes).reverse())).toBe(true);
});

test("end of the answer does not cut what is still sent", async () => {
	let received: Promise<Buffer> | undefined;
	await start((socket) => {
		socket.end("early answer");
		received = readToEnd(socket);
	});
	expect((await exchange(Buffer.alloc(2_000_000))).toString()).toBe("early answer");
	expect(await received).toHaveLength(2_000_000);
});

test("a connection is made only when the one before was taken", async () => {
	let taken = 0;
	let most = 0;
	await start(
		(socket) => {
			most = Math.max(most, arrivals.length - taken);
			// Taking one lasts longer than making one.
			setTimeout(() => taken++, 5);
			socket.end("x");
		},
		() => taken === arrivals.length,
	);
	await Promise.all(Array.from({ length: 8 }, () => exchange(Buffer.from("x"))));
	expect(arrivals).toHaveLength(8);
	expect(most).toBe(1);
});

test("open connections are counted, and none is left after use", async () => {
	await start((socket) => socket.pipe(socket));
	const socket = net.connect(socketPath);
	await expect.poll(() => relay?.connections()).toBe(1);
	socket.destroy();
	await expect.poll(() => relay?.connections()).toBe(0);
});

test("a refused connection ends the client's", async () => {
	await start(() => undefined);
	await new Promise((resolve) => server.close(resolve));
	await expect(exchange(Buffer.from("x")).catch(() => Buffer.alloc(0))).resolves.toHaveLength(0);
});
