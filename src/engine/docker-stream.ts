/** The two framings of the Docker API: multiplexed output of containers, and JSON lines of progress. */

const HEADER = 8;
const STDERR = 2;

/**
 * Takes the daemon's multiplexed stream apart: frames of 8 bytes header (stream, 3 zero bytes, length) and payload.
 * Payload is passed on as it comes, without waiting for the end of its frame.
 */
export class Demux {
	readonly #onStdout: (chunk: Buffer) => void;
	readonly #onStderr: (chunk: Buffer) => void;
	/** Bytes of a header that has not come in full. */
	#head = Buffer.alloc(0);
	/** Bytes still to come of the current frame. */
	#left = 0;
	#isStderr = false;

	constructor(onStdout: (chunk: Buffer) => void, onStderr: (chunk: Buffer) => void) {
		this.#onStdout = onStdout;
		this.#onStderr = onStderr;
	}

	push(data: Buffer): void {
		let chunk = data;
		while (chunk.length > 0) {
			if (this.#left > 0) chunk = this.#payload(chunk);
			else chunk = this.#header(chunk);
		}
	}

	/** True between frames: output that ends elsewhere was cut. */
	get complete(): boolean {
		return this.#left === 0 && this.#head.length === 0;
	}

	#payload(chunk: Buffer): Buffer {
		const part = chunk.subarray(0, this.#left);
		this.#left -= part.length;
		(this.#isStderr ? this.#onStderr : this.#onStdout)(part);
		return chunk.subarray(part.length);
	}

	#header(chunk: Buffer): Buffer {
		const missing = HEADER - this.#head.length;
		const head = Buffer.concat([this.#head, chunk.subarray(0, missing)]);
		this.#head = head;
		if (head.length < HEADER) return Buffer.alloc(0);
		this.#isStderr = head[0] === STDERR;
		this.#left = head.readUInt32BE(4);
		this.#head = Buffer.alloc(0);
		return chunk.subarray(missing);
	}
}

/** One message of an import or a build. */
export interface Progress {
	stream?: string;
	status?: string;
	error?: string;
	errorDetail?: { message?: string };
}

/** The messages of a progress stream as they come. */
export async function* readProgress(stream: AsyncIterable<Buffer | string>): AsyncGenerator<Progress> {
	let rest = "";
	const decoder = new TextDecoder();
	for await (const chunk of stream) {
		rest += typeof chunk === "string" ? chunk : decoder.decode(chunk, { stream: true });
		const lines = rest.split("\n");
		rest = lines.pop() ?? "";
		for (const line of lines) if (line.trim()) yield JSON.parse(line) as Progress;
	}
	if (rest.trim()) yield JSON.parse(rest) as Progress;
}
