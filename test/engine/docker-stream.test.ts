import { describe, expect, it } from "vitest";
import { Demux, readProgress } from "../../src/engine/docker-stream.ts";

function frame(stream: number, text: string): Buffer {
	const head = Buffer.alloc(8);
	head[0] = stream;
	head.writeUInt32BE(Buffer.byteLength(text), 4);
	return Buffer.concat([head, Buffer.from(text)]);
}

describe("the multiplexed stream", () => {
	it.each([1, 3, 7, 8, 9, 1000])("comes apart when cut into pieces of %i bytes", (size) => {
		const bytes = Buffer.concat([frame(1, "one"), frame(2, "ERR"), frame(1, ""), frame(1, "two")]);
		let [out, error] = ["", ""];
		const demux = new Demux(
			(chunk) => {
				out += chunk;
			},
			(chunk) => {
				error += chunk;
			},
		);
		for (let at = 0; at < bytes.length; at += size) demux.push(bytes.subarray(at, at + size));
		expect([out, error, demux.complete]).toEqual(["onetwo", "ERR", true]);
	});

	it("tells when it was cut", () => {
		const demux = new Demux(
			() => undefined,
			() => undefined,
		);
		demux.push(frame(1, "text").subarray(0, 10));
		expect(demux.complete).toBe(false);
	});
});

it("reads progress messages over any cut, characters included", async () => {
	const text = Buffer.from('{"stream":"größe\\n"}\r\n{"error":"bad"}');
	const pieces = [...text].map((byte) => Buffer.from([byte]));
	const messages = [];
	for await (const message of readProgress(
		(async function* () {
			yield* pieces;
		})(),
	))
		messages.push(message);
	expect(messages).toEqual([{ stream: "größe\n" }, { error: "bad" }]);
});
