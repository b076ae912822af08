/** `lab exec` and `lab shell` */
import { fstatSync } from "node:fs";
import type { Engine, TerminalRequest } from "../engine/engine.ts";
import { LabError } from "../model/error.ts";
import type { CliContext } from "./cli-context.ts";
import type { Flags } from "./flags.ts";
import { findEverything, pickNode } from "./running.ts";

/** Runs a command in a node and returns its own exit code. */
export async function exec(context: CliContext, args: string[], flags: Flags): Promise<number> {
	const [node = "", ...words] = args;
	// Commander hands the separator on when it stands behind the first argument.
	const command = words[0] === "--" ? words.slice(1) : words;
	if (command.length === 0) {
		throw new LabError("input", "no command given", { code: "no-command", hint: `lab exec ${node} -- ip route` });
	}
	if (flags.tty) needTerminal(context, "--tty", "Leave it out to pipe something in.");
	const everything = await findEverything(context);
	try {
		const { engine, node: found } = pickNode(everything.running, node, flags.name);
		if (flags.tty) return await engine.terminal(found.container.id, terminal(context, command));
		const result = await engine.exec(found.container.id, {
			command,
			signal: context.signal,
			...(hasInput() ? { stdin: context.stdin } : {}),
			onStdout: (chunk) => context.stdout.write(chunk),
			onStderr: (chunk) => context.stderr.write(chunk),
		});
		return result.exitCode;
	} finally {
		// Whoever writes to us may go on for ever; the command has ended.
		context.stdin.destroy();
		await everything.close();
	}
}

/** True when something is piped or redirected in. A terminal is not read: for that there is --tty. */
function hasInput(): boolean {
	try {
		const info = fstatSync(0);
		return info.isFIFO() || info.isFile() || info.isSocket();
	} catch {
		// Standard input is closed.
		return false;
	}
}

/** A login-like shell in a node. */
export async function shell(context: CliContext, args: string[], flags: Flags): Promise<number> {
	needTerminal(context, "lab shell", `For a single command: lab exec ${args[0]} -- COMMAND`);
	const everything = await findEverything(context);
	try {
		const { engine, node } = pickNode(everything.running, args[0] ?? "", flags.name);
		return await openShell(context, engine, node.container.id);
	} finally {
		await everything.close();
	}
}

/** Gives the terminal to a shell in a container; returns the shell's exit code. */
export function openShell(
	context: Pick<CliContext, "stdin" | "stdout" | "signal">,
	engine: Engine,
	id: string,
): Promise<number> {
	return engine.terminal(id, terminal(context, ["sh", "-c", "exec $(command -v bash || echo sh)"]));
}

function needTerminal(context: CliContext, what: string, hint: string): void {
	if (!context.stdin.isTTY) throw new LabError("input", `${what} needs a terminal`, { code: "no-terminal", hint });
}

function terminal(context: Pick<CliContext, "stdin" | "stdout" | "signal">, command: string[]): TerminalRequest {
	const { stdin, stdout, signal } = context;
	return {
		command,
		signal,
		input: stdin,
		output: stdout,
		size: () => ({ columns: stdout.columns ?? 80, rows: stdout.rows ?? 24 }),
		onResize: (listener) => {
			stdout.on("resize", listener);
			return () => stdout.off("resize", listener);
		},
	};
}
