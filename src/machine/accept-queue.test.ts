import net, { type AddressInfo } from "node:net";
import { expect, test } from "vitest";
import { allAccepted, queueLength } from "./accept-queue.ts";

const TABLE = [
	"  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode",
	"   0: 0100007F:0947 00000000:0000 0A 00000000:00000002 00:00000000 00000000     0        0 1 1 0 100 0 0 10 0",
	"   1: 0100007F:0947 0100007F:9C40 01 00000000:00000007 00:00000000 00000000     0        0 2 1 0 20 4 30 10 -1",
].join("\n");

test("the queue is the listener's, not that of a connection", () => {
	expect(queueLength(TABLE, 2375)).toBe(2);
	expect(queueLength(TABLE, 2376)).toBeUndefined();
	expect(queueLength("", 2375)).toBeUndefined();
});

test("a listener that accepts has nobody waiting", async () => {
	const server = net.createServer();
	await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
	expect(allAccepted((server.address() as AddressInfo).port)).toBe(true);
	server.close();
});
