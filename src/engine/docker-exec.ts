/** Commands in containers over the Docker API: with captured output, or on a terminal. */
import { randomUUID } from "node:crypto";
import type { Duplex } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import type { Container, Exec } from "dockerode";
import { Demux } from "./docker-stream.ts";
import type { ExecRequest, ExecResult, TerminalRequest } from "./engine.ts";
import { aborted } from "./engine-errors.ts";

/** Marks the processes of an exec that can be aborted: the API has no call that ends them. */
const MARK = "LAB_EXEC_ID";
/** The end of the output is announced a little before the exit code is known. */
const EXIT_CODE_TIMEOUT_MS = 10_000;
const KILL_TIMEOUT_MS = 5_000;

/** Runs a command and waits for its end and for the end of its output. Errors are the daemon's own, `aborted` excepted. */
export async function runExec(container: Container, request: ExecRequest): Promise<ExecResult> {
	const { command, stdin, signal } = request;
	const what = `\`${command.join(" ").slice(0, 80)}\` in ${container.id}`;
	if (signal?.aborted) throw aborted(what, signal.reason);
	const mark = signal && `${MARK}=${randomUUID()}`;
	const exec = await container.exec({
		Cmd: command,
		Env: [...environmentList(request.environment), ...(mark ? [mark] : [])],
		AttachStdin: stdin !== undefined,
		AttachStdout: true,
		AttachStderr: true,
		Tty: false,
	});
	const stream = await exec.start({ hijack: true, stdin: stdin !== undefined, Tty: false });
	try {
		const output = await collect(stream, request);
		return { exitCode: await exitCode(exec), ...output };
	} catch (error) {
		if (!signal?.aborted) throw error;
		if (mark) await killMarked(container, mark);
		throw aborted(what, signal.reason);
	} finally {
		stream.destroy();
	}
}

function environmentList(environment: Record<string, string> = {}): string[] {
	return Object.entries(environment).map(([key, value]) => `${key}=${value}`);
}

function collect(stream: Duplex, request: ExecRequest): Promise<{ stdout: Buffer; stderr: Buffer }> {
	const { stdin, signal, onStdout, onStderr } = request;
	const stdout: Buffer[] = [];
	const stderr: Buffer[] = [];
	const demux = new Demux(
		(chunk) => {
			stdout.push(chunk);
			onStdout?.(chunk);
		},
		(chunk) => {
			stderr.push(chunk);
			onStderr?.(chunk);
		},
	);
	return new Promise((resolve, reject) => {
		const finish = (error?: Error | null) => {
			signal?.removeEventListener("abort", abort);
			if (error) reject(error);
			else resolve({ stdout: Buffer.concat(stdout), stderr: Buffer.concat(stderr) });
		};
		const abort = () => stream.destroy(new Error("aborted"));
		signal?.addEventListener("abort", abort);
		if (signal?.aborted) abort();
		stream.on("data", (chunk: Buffer) => demux.push(chunk));
		stream.on("end", () => finish(demux.complete ? null : new Error("the daemon closed the stream within a message")));
		// A command that ends without having read its input is no failure: the exit code tells how it went.
		stream.on("error", (error: NodeJS.ErrnoException) =>
			finish(error.code === "EPIPE" && demux.complete ? null : error),
		);
		stream.on("close", () => finish(new Error("the daemon closed the stream")));
		// A command may end before its input does, so a stream is handed on as it comes and never waited for.
		if (typeof stdin === "string" || Buffer.isBuffer(stdin)) stream.end(stdin);
		else stdin?.pipe(stream);
	});
}

/** Waits until the daemon has noticed the end of the command. */
async function exitCode(exec: Exec): Promise<number> {
	const deadline = Date.now() + EXIT_CODE_TIMEOUT_MS;
	for (let pause = 2; ; pause = Math.min(pause * 2, 250)) {
		const { Running, ExitCode } = await exec.inspect();
		if (!Running && ExitCode !== null) return ExitCode;
		if (Date.now() > deadline) throw new Error("the command closed its output, but does not end");
		await sleep(pause);
	}
}

/** Kills every process that carries the mark in its environment; a container without a shell keeps them. */
async function killMarked(container: Container, mark: string): Promise<void> {
	// Not by grep alone: busybox's stops at the first of the zero bytes that part the variables.
	const script = `for p in /proc/[0-9]*; do
		case " $(tr '\\0' ' ' <$p/environ 2>/dev/null)" in *" ${mark} "*) kill -9 \${p#/proc/};; esac
	done`;
	const abortSignal = AbortSignal.timeout(KILL_TIMEOUT_MS);
	try {
		const exec = await container.exec({ Cmd: ["sh", "-c", script], AttachStdout: true, abortSignal });
		const stream = await exec.start({ hijack: true, stdin: false, abortSignal });
		stream.resume();
		await new Promise((resolve) => stream.on("close", resolve));
	} catch {
		// The container may be gone, which is as good.
	}
}

/** Runs a command on a terminal; returns its exit code. The input is in raw mode meanwhile. */
export async function runTerminal(container: Container, request: TerminalRequest): Promise<number> {
	const { input, output, signal } = request;
	const mark = `${MARK}=${randomUUID()}`;
	const exec = await container.exec({
		Cmd: request.command,
		Env: [`TERM=${process.env.TERM ?? "xterm"}`, mark],
		AttachStdin: true,
		AttachStdout: true,
		AttachStderr: true,
		Tty: true,
	});
	const stream = await exec.start({ hijack: true, stdin: true, Tty: true });
	const resize = () => {
		const { columns, rows } = request.size();
		// Refused when the command has just ended.
		exec.resize({ w: columns, h: rows }).catch(() => undefined);
	};
	const unsubscribe = request.onResize(resize);
	const leaveRaw = enterRaw(input);
	let gone = false;
	const abort = () => {
		gone = true;
		stream.destroy();
	};
	signal?.addEventListener("abort", abort, { once: true });
	// In raw mode no key ends the input: it ends, or cannot be read, when the terminal is closed.
	input.once("end", abort);
	input.once("error", abort);
	try {
		if (signal?.aborted) abort();
		resize();
		input.pipe(stream);
		stream.pipe(output, { end: false });
		await new Promise<void>((resolve, reject) => {
			stream.on("end", resolve);
			stream.on("close", resolve);
			stream.on("error", (error: NodeJS.ErrnoException) => (error.code === "EPIPE" ? resolve() : reject(error)));
		});
	} finally {
		signal?.removeEventListener("abort", abort);
		input.off("end", abort);
		input.off("error", abort);
		unsubscribe();
		input.unpipe(stream);
		input.pause();
		leaveRaw();
		stream.destroy();
	}
	if (gone) {
		// A terminal that is closed ends what runs in it; the daemon does not pass that on.
		await killMarked(container, mark);
		throw aborted(`the terminal in ${container.id}`, signal?.reason);
	}
	return exitCode(exec);
}

/** Raw mode where the input is a terminal; returns what undoes it. */
function enterRaw(input: NodeJS.ReadableStream): () => void {
	const tty = input as Partial<NodeJS.ReadStream>;
	if (!tty.isTTY || !tty.setRawMode) return () => undefined;
	const before = tty.isRaw ?? false;
	tty.setRawMode.call(input, true);
	return () => tty.setRawMode?.call(input, before);
}
