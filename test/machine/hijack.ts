/** A hijacked `exec` over the machine's socket, by hand: upgrade, raw bytes in, framed bytes out. */

import net from "node:net";
import type { ApiClient } from "../../src/machine/api-client.ts";

/** What came back on the two outputs. */
export interface ExecOutput {
	stdout: Buffer;
	stderr: Buffer;
}

/** Runs `command` in a container with `input` on its stdin, ends stdin by closing our half, and reads to the end. */
export async function execWithInput(
	api: ApiClient,
	socketPath: string,
	container: string,
	command: string[],
	input: Buffer,
): Promise<ExecOutput> {
	const { Id } = await api.call<{ Id: string }>("POST", `/containers/${container}/exec`, {
		body: { Cmd: command, AttachStdin: true, AttachStdout: true, AttachStderr: true },
	});
	const body = JSON.stringify({ Detach: false, Tty: false });
	const socket = net.connect({ path: socketPath, allowHalfOpen: true });
	socket.write(
		`POST /exec/${Id}/start HTTP/1.1\r\nHost: docker\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n` +
			`Content-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
	);
	return new Promise((resolve, reject) => {
		const chunks: Buffer[] = [];
		let head: string | undefined;
		socket.on("error", reject);
		socket.on("data", (chunk: Buffer) => {
			chunks.push(chunk);
			if (head !== undefined) return;
			const all = Buffer.concat(chunks);
			const end = all.indexOf("\r\n\r\n");
			if (end < 0) return;
			head = all.toString("latin1", 0, end);
			chunks.splice(0, chunks.length, all.subarray(end + 4));
			if (!head.startsWith("HTTP/1.1 101 ")) reject(new Error(`not upgraded: ${head}`));
			socket.end(input);
		});
		socket.on("end", () => {
			socket.destroy();
			resolve(unframe(Buffer.concat(chunks)));
		});
	});
}

/** Takes Docker's frames apart: one byte stream, three bytes nothing, four bytes length, content. */
function unframe(bytes: Buffer): ExecOutput {
	const parts: [Buffer[], Buffer[]] = [[], []];
	for (let at = 0; at < bytes.length; ) {
		const length = bytes.readUInt32BE(at + 4);
		parts[bytes[at] === 2 ? 1 : 0].push(bytes.subarray(at + 8, at + 8 + length));
		at += 8 + length;
	}
	return { stdout: Buffer.concat(parts[0]), stderr: Buffer.concat(parts[1]) };
}
