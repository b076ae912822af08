/**
 * dockerode without what it loads and we never use: a gRPC stack for BuildKit's sessions and an ssh client of its own
 * (docker-ssh.ts uses the user's). Together they take 60 ms of every command that talks to a daemon.
 */
import Module, { createRequire } from "node:module";
import type Dockerode from "dockerode";

const require = createRequire(import.meta.url);

function leaveOut(parent: string, name: string): void {
	const path = createRequire(require.resolve(parent)).resolve(name);
	const empty = new Module(path);
	empty.exports = {};
	empty.loaded = true;
	require.cache[path] ??= empty;
}

/** The class; loaded at the first call. */
export function loadDockerode(): typeof Dockerode {
	leaveOut("dockerode", "./session");
	leaveOut("docker-modem", "ssh2");
	return require("dockerode") as typeof Dockerode;
}
