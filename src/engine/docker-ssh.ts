/**
 * A daemon behind ssh, reached as the `docker` command does: through the user's own `ssh`, so that its configuration, known
 * hosts and agent count. docker-modem's own ssh accepts any host key and connects anew for every call.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { Agent } from "node:http";
import { Duplex } from "node:stream";

/** Calls at once, each an ssh session; sshd allows ten per connection by default. */
const MAX_SESSIONS = 8;
/** Characters of what ssh says that are kept for the error. */
const MAX_WORDS = 2000;

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
	let words = "";
	child.stderr.on("data", (chunk: Buffer) => {
		words = (words + chunk.toString()).slice(-MAX_WORDS);
	});
	const stream = new Duplex({
		read: () => void child.stdout.resume(),
		// A failed write means that ssh has ended; its exit code and words say why.
		write: (chunk, _encoding, done) => void child.stdin.write(chunk, () => done()),
		final: (done) => void child.stdin.end(() => done()),
		destroy: (error, done) => {
			child.kill();
			done(error);
		},
	});
	child.stdout.on("data", (chunk: Buffer) => {
		if (!stream.push(chunk)) child.stdout.pause();
	});
	child.on("error", (error) => stream.destroy(error));
	child.stdin.on("error", () => undefined);
	// Only when all output is read and the exit code is known: a failed ssh must not look like a daemon that hung up.
	child.on("close", (code) => {
		if (code)
			stream.destroy(Object.assign(new Error(words.trim() || `ssh ended with ${code}`), { code: "ECONNREFUSED" }));
		else stream.push(null);
	});
	return likeSocket(stream, child);
}

/** Adds what http expects of a socket. */
function likeSocket(stream: Duplex, child: ChildProcess): Duplex {
	return Object.assign(stream, {
		setTimeout: () => stream,
		setNoDelay: () => stream,
		setKeepAlive: () => stream,
		ref: () => child.ref(),
		unref: () => child.unref(),
	});
}
