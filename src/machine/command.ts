/** Running programs of the host: one way to start, watch, cancel and report them. */

import { type ChildProcess, spawn } from "node:child_process";
import { access, constants } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { LabError } from "../model/error.ts";
import type { SetupContext } from "../model/progress.ts";

/** What a program did. */
export interface CommandResult {
	code: number;
	stdout: string;
	stderr: string;
}

export interface CommandOptions {
	/** Called with every line of stdout and stderr. */
	onLine?: (line: string) => void;
	/** Overrides and additions to the context's environment. */
	env?: Readonly<Record<string, string>>;
	cwd?: string;
	/** Where stdin comes from: nothing (default), an open file descriptor, or the terminal. */
	stdin?: number | "inherit";
	/** Limit in milliseconds; none by default. */
	timeoutMs?: number;
}

/** After SIGTERM a program gets this long (ms) to clean up, mmdebstrap for one removes its temporary tree. */
const TERM_GRACE_MS = 5000;

/** PATH with the system directories ordinary users lack on Debian: mke2fs and ip live there. */
export function searchPath(env: SetupContext["env"]): string {
	const own = (env.PATH ?? "").split(delimiter).filter((part) => part !== "");
	const system = ["/usr/local/sbin", "/usr/sbin", "/sbin", "/usr/bin", "/bin"];
	return [...own, ...system.filter((part) => !own.includes(part))].join(delimiter);
}

/** Full path of a command, or undefined. An absolute path is looked at as a file of any kind. */
export async function findCommand(env: SetupContext["env"], command: string): Promise<string | undefined> {
	const isFile = command.startsWith("/");
	const candidates = isFile
		? [command]
		: searchPath(env)
				.split(delimiter)
				.map((part) => join(part, command));
	for (const path of candidates) {
		try {
			await access(path, isFile ? constants.R_OK : constants.X_OK);
			return path;
		} catch {
			// the next directory
		}
	}
	return undefined;
}

/** The context's environment with the search path above and `extra`. */
export function commandEnvironment(env: SetupContext["env"], extra: Readonly<Record<string, string>> = {}) {
	return { ...env, PATH: searchPath(env), ...extra };
}

/**
 * Runs a program to its end and returns whatever it did. It runs in a process group of its own, which is ended when
 * the context's signal aborts or the time is up: SIGTERM, then SIGKILL.
 * @throws LabError `environment`/`command-failed` when it cannot be started; the signal's reason when cancelled;
 *   LabError `timeout`/`command-timeout`
 */
export async function runCommand(
	context: Pick<SetupContext, "signal" | "env">,
	command: string,
	args: readonly string[],
	options: CommandOptions = {},
): Promise<CommandResult> {
	context.signal.throwIfAborted();
	// A terminal's password prompt (sudo) needs the foreground process group.
	const ownGroup = options.stdin !== "inherit";
	const child = spawn(command, args, {
		cwd: options.cwd,
		env: commandEnvironment(context.env, options.env),
		stdio: [options.stdin ?? "ignore", "pipe", "pipe"],
		detached: ownGroup,
	});
	const ending = endWhen(child, ownGroup, context.signal, options.timeoutMs);
	const stdout = collect(child.stdout, options.onLine);
	const stderr = collect(child.stderr, options.onLine);
	try {
		const code = await new Promise<number>((resolve, reject) => {
			child.once("error", (cause) =>
				reject(new LabError("environment", `${command} could not be started.`, { code: "command-failed", cause })),
			);
			child.once("close", (status) => resolve(status ?? 1));
		});
		context.signal.throwIfAborted();
		if (ending.timedOut()) {
			throw new LabError("timeout", `${command} did not end within ${options.timeoutMs} ms.`, {
				code: "command-timeout",
			});
		}
		return { code, stdout: stdout(), stderr: stderr() };
	} finally {
		ending.forget();
	}
}

/** Ends a child, or its process group, when a signal aborts or time is up. */
function endWhen(child: ChildProcess, group: boolean, signal: AbortSignal, timeoutMs: number | undefined) {
	let timedOut = false;
	let killer: NodeJS.Timeout | undefined;
	const send = (name: NodeJS.Signals) => {
		if (child.pid === undefined) return;
		try {
			process.kill(group ? -child.pid : child.pid, name);
		} catch {
			// already gone
		}
	};
	const stop = () => {
		send("SIGTERM");
		killer ??= setTimeout(() => send("SIGKILL"), TERM_GRACE_MS);
	};
	const expire = () => {
		timedOut = true;
		stop();
	};
	const timer = timeoutMs === undefined ? undefined : setTimeout(expire, timeoutMs);
	signal.addEventListener("abort", stop, { once: true });
	return {
		timedOut: () => timedOut,
		forget: () => {
			signal.removeEventListener("abort", stop);
			clearTimeout(timer);
			clearTimeout(killer);
		},
	};
}

/**
 * As `runCommand`, but a code other than 0 is an error that shows the end of what the program printed.
 * @throws LabError `environment`/`command-failed`
 */
export async function mustRun(
	context: Pick<SetupContext, "signal" | "env">,
	command: string,
	args: readonly string[],
	options: CommandOptions = {},
): Promise<CommandResult> {
	const result = await runCommand(context, command, args, options);
	if (result.code === 0) return result;
	const tail = (result.stderr || result.stdout).trimEnd().split("\n").slice(-8).join("\n");
	throw new LabError("environment", `${command} ended with code ${result.code}:\n${tail}`, {
		code: "command-failed",
		hint: `The command was: ${[command, ...args].join(" ")}`,
	});
}

/** Keeps the text of a stream and hands out whole lines on the way. */
function collect(stream: NodeJS.ReadableStream | null, onLine?: (line: string) => void): () => string {
	let text = "";
	let line = "";
	stream?.setEncoding("utf8");
	stream?.on("data", (chunk: string) => {
		text += chunk;
		if (!onLine) return;
		line += chunk;
		const lines = line.split(/[\r\n]+/);
		line = lines.pop() ?? "";
		for (const complete of lines) if (complete !== "") onLine(complete);
	});
	return () => text;
}

/** A word quoted for sh. */
export function shellQuote(word: string): string {
	return `'${word.replaceAll("'", "'\\''")}'`;
}
