/**
 * A daemon behind ssh, reached as the `docker` command does: through the user's own `ssh`, so that its configuration, known
 * hosts and agent count. docker-modem's own ssh accepts any host key and connects anew for every call.
 */
import { spawn } from "node:child_process";
import { Agent } from "node:http";
import { Duplex } from "node:stream";

/** Calls at once, each an ssh session; sshd allows ten per connection by default. */
const MAX_SESSIONS = 8;

/** Arguments of `ssh` for `ssh://[user@]host[:port]`. */
export function sshArguments(text: string): string[] {
	const url = new URL(text);
	const user = url.username ? ["-l", decodeURIComponent(url.username)] : [];
	const port = url.port ? ["-p", url.port] : [];
	// `--` keeps a host name from being read as an option.
	const host = url.hostname.replace(/^\[|\]$/g, "");
	return [...user, ...port, "-o", "BatchMode=yes", "-T", "--", host, "docker", "system", "dial-stdio"];
}

/** An agent whose connections are `docker system dial-stdio` on the other machine. */
export function sshAgent(text: string, program = "ssh"): Agent {
	const agent = new Agent({ keepAlive: true, maxSockets: MAX_SESSIONS });
	const args = sshArguments(text);
	Object.assign(agent, { createConnection: () => dial(program, args) });
	return agent;
}

function dial(program: string, args: string[]): Duplex {
	const child = spawn(program, args, { stdio: ["pipe", "pipe", "pipe"] });
	const stream = Duplex.from({ readable: child.stdout, writable: child.stdin });
	let words = "";
	child.stderr.on("data", (chunk: Buffer) => {
		words = (words + chunk.toString()).slice(-2000);
	});
	child.on("error", (error) => stream.destroy(error));
	child.on("exit", (code) => {
		if (code)
			stream.destroy(Object.assign(new Error(words.trim() || `ssh ended with ${code}`), { code: "ECONNREFUSED" }));
	});
	stream.on("close", () => child.kill());
	// What http expects of a socket.
	return Object.assign(stream, {
		setTimeout: () => stream,
		setNoDelay: () => stream,
		setKeepAlive: () => stream,
		ref: () => child.ref(),
		unref: () => child.unref(),
	});
}
