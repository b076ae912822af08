/** Scripts that a container takes on the standard input of its first process, and how it tells that one has ended. */
import type { Duplex } from "node:stream";
import type { Container } from "dockerode";
import { Demux } from "./docker-stream.ts";
import type { ExecResult, ScriptRequest } from "./engine.ts";
import { aborted } from "./engine-errors.ts";

/** ASCII "end of transmission": the last line of a script; before a number it ends the output of one. */
const END = "\x04";

/**
 * Reads scripts until the input ends, then becomes the command. What was cut short, because `lab` was killed while it wrote,
 * has no end line and is not run.
 */
const READER = [
	// Not by sed, as busybox's waits for the line behind the one it quits at, nor by read alone, which takes byte by byte.
	"while read -r lines; do",
	`	script=$(head -n "$lines"); case $script in *${END}) ;; *) break;; esac`,
	`	( script=\${script%?}; set --; eval "$script" ) </dev/null`,
	`	code=$?; printf '${END}%d\\n' $code >&2; printf '${END}%d\\n' $code`,
	"done",
	'exec "$@" </dev/null',
].join("\n");

/** The command of a container that takes scripts first. */
export function scriptedCommand(command: string[]): string[] {
	return ["sh", "-c", READER, "sh", ...command];
}

/** A script as the reader wants it: the number of its lines, the lines, the end line. */
export function scriptInput(script: string): string {
	const lines = [...script.split("\n"), END];
	return `${lines.length}\n${lines.join("\n")}\n`;
}

/** The containers of an engine that take scripts, by id. */
export class ScriptShells {
	/** Made for it, and not started. */
	readonly #expected = new Set<string>();
	/** From their start to their last script. */
	readonly #shells = new Map<string, ScriptShell>();

	/** Remembers a container that was made with `scriptedCommand`. */
	expect(id: string): void {
		this.#expected.add(id);
	}

	/** Connects to a container that is about to be started, if it takes scripts: nothing it says must be missed. */
	async attach(container: Container): Promise<void> {
		if (this.#expected.delete(container.id)) this.#shells.set(container.id, await ScriptShell.attach(container));
	}

	/** Runs a script; behind the last one the container's command starts. */
	async run(id: string, request: ScriptRequest): Promise<ExecResult> {
		const shell = this.#shells.get(id);
		if (!shell) throw new Error("the container takes no scripts, or no more");
		const result = await shell.run(request);
		if (request.last) {
			this.#shells.delete(id);
			shell.close();
		}
		return result;
	}

	close(): void {
		for (const shell of this.#shells.values()) shell.close();
	}
}

/** The first process of a container, as long as it takes scripts. */
export class ScriptShell {
	readonly #stream: Duplex;
	#stdout = new Output();
	#stderr = new Output();
	#changed: () => void = () => undefined;
	#failure: Error | undefined;

	private constructor(stream: Duplex) {
		this.#stream = stream;
		const demux = new Demux(
			(chunk) => this.#stdout.push(chunk),
			(chunk) => this.#stderr.push(chunk),
		);
		stream.on("data", (chunk: Buffer) => {
			demux.push(chunk);
			this.#changed();
		});
		const fail = (error: Error) => {
			this.#failure ??= error;
			this.#changed();
		};
		stream.on("error", fail);
		stream.on("close", () => fail(new Error("the container ended, or the daemon closed the stream")));
	}

	/** Connects to a container that has not been started. */
	static async attach(container: Container): Promise<ScriptShell> {
		const options = { stream: true, hijack: true, stdin: true, stdout: true, stderr: true };
		return new ScriptShell((await container.attach(options)) as Duplex);
	}

	/** Runs one script and waits for its end. Errors are the stream's own, `aborted` excepted. */
	async run({ script, onStdout, signal }: ScriptRequest): Promise<ExecResult> {
		this.#stdout = new Output(onStdout);
		this.#stderr = new Output();
		this.#stream.write(scriptInput(script));
		let abort: () => void = () => undefined;
		try {
			return await new Promise<ExecResult>((resolve, reject) => {
				abort = () => reject(aborted("a script", signal?.reason));
				signal?.addEventListener("abort", abort, { once: true });
				if (signal?.aborted) abort();
				this.#changed = () => {
					const { exitCode } = this.#stdout;
					// Two pipes: what was said on one may come after the end on the other.
					if (exitCode !== undefined && this.#stderr.exitCode !== undefined)
						resolve({ exitCode, stdout: this.#stdout.bytes(), stderr: this.#stderr.bytes() });
					else if (this.#failure) reject(this.#failure);
				};
				this.#changed();
			});
		} finally {
			signal?.removeEventListener("abort", abort);
			this.#changed = () => undefined;
		}
	}

	/** Ends the input; the container's command starts. */
	close(): void {
		this.#stream.end();
		this.#stream.destroy();
	}
}

/** One of the two outputs, up to the line that ends it. */
class Output {
	exitCode: number | undefined;
	readonly #chunks: Buffer[] = [];
	readonly #onChunk: ((chunk: Buffer) => void) | undefined;
	/** What may be the beginning of the line that ends it. */
	#pending = Buffer.alloc(0);

	constructor(onChunk?: (chunk: Buffer) => void) {
		this.#onChunk = onChunk;
	}

	push(chunk: Buffer): void {
		let data = Buffer.concat([this.#pending, chunk]);
		this.#pending = Buffer.alloc(0);
		while (data.length > 0 && this.exitCode === undefined) {
			const at = data.indexOf(END);
			this.#emit(at < 0 ? data : data.subarray(0, at));
			if (at < 0) return;
			const line = data.toString("latin1", at + 1);
			const code = /^(\d+)\n/.exec(line)?.[1];
			if (code !== undefined) this.exitCode = Number(code);
			else if (/^\d*$/.test(line)) {
				this.#pending = data.subarray(at);
				return;
			} else this.#emit(data.subarray(at, at + 1));
			data = data.subarray(at + 1);
		}
	}

	bytes(): Buffer {
		return Buffer.concat(this.#chunks);
	}

	#emit(part: Buffer): void {
		if (part.length === 0) return;
		this.#chunks.push(part);
		this.#onChunk?.(part);
	}
}
