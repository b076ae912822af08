/** Runs a program on a terminal of its own, by way of util-linux's `script`. */
import { spawn } from "node:child_process";

/** All that the terminal showed, and the program's exit code. `input` is typed at once. */
export function onTerminal(
	command: string[],
	options: { env: Record<string, string>; input?: string },
): Promise<{ code: number | null; shown: string }> {
	const quoted = command.map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(" ");
	const child = spawn("script", ["-qec", quoted, "/dev/null"], {
		env: options.env,
		stdio: ["pipe", "pipe", "inherit"],
	});
	let shown = "";
	child.stdout.on("data", (chunk: Buffer) => (shown += chunk.toString("utf8")));
	child.stdin.write(options.input ?? "");
	return new Promise((settle, reject) => {
		child.once("error", reject);
		child.once("close", (code) => settle({ code, shown }));
	});
}
