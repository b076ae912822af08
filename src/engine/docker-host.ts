/** Where a Docker daemon is: DOCKER_HOST-like text to the options of a connection. */
import { readFileSync } from "node:fs";
import { Agent, type ClientRequest, type IncomingMessage } from "node:http";
import { Agent as TlsAgent } from "node:https";
import { join } from "node:path";
import { inspect } from "node:util";
import type { DockerOptions } from "dockerode";
import { LabError } from "../model/error.ts";
import { sshAgent } from "./docker-ssh.ts";

export type Environment = Readonly<Record<string, string | undefined>>;

/** A daemon's address: a unix socket, or what DOCKER_HOST may hold with the variables that go with it. */
export type DaemonAddress = { socketPath: string } | { host: string; env: Environment };

export interface Connection {
	/** For messages, e.g. unix:///var/run/docker.sock. */
	name: string;
	options: DockerOptions;
	agent: Agent;
}

const PLAIN_PORT = 2375;
const TLS_PORT = 2376;
/** Calls at once. Streams of `exec` do not count: they leave the agent when they are upgraded. */
const MAX_SOCKETS = 16;

/** Unset on purpose: docker-modem fills what is missing from the process's own DOCKER_HOST. */
const NOTHING_INHERITED = {
	socketPath: undefined,
	host: undefined,
	port: undefined,
	username: undefined,
	pathPrefix: "/",
	ca: undefined,
	cert: undefined,
	key: undefined,
	protocol: "http",
};

/** @throws LabError input/bad-docker-host when the text is not an address, or its certificates cannot be read. */
export function describeConnection(address: DaemonAddress): Connection {
	const connection = connectionTo(address);
	// docker-modem prints the options of every call for its debug log, also when nobody reads that: all sockets of the agent
	// with everything they hold, which took a sixth of the time of `lab up`.
	Object.assign(connection.agent, { [inspect.custom]: () => "Agent" });
	failOnBrokenAnswers(connection.agent);
	return connection;
}

/** What an agent takes a request with; agents of other libraries rely on it too, but it is not in the documentation. */
interface TakesRequests {
	addRequest(request: ClientRequest, ...more: unknown[]): void;
}

/**
 * docker-modem waits for the end of an answer and does not hear of one that breaks off, as it does when its machine is ended:
 * the call would never end. Of its request's errors it hears.
 */
function failOnBrokenAnswers(agent: Agent): void {
	const taking = agent as unknown as TakesRequests;
	const take = taking.addRequest.bind(agent);
	taking.addRequest = (request, ...more) => {
		request.once("response", (response: IncomingMessage) => {
			response.once("error", (error) => {
				if (request.listenerCount("error") > 0) request.emit("error", error);
			});
		});
		take(request, ...more);
	};
}

function connectionTo(address: DaemonAddress): Connection {
	if ("socketPath" in address) return overSocket(address.socketPath);
	const text = address.host.includes("://") ? address.host : `tcp://${address.host}`;
	if (text.startsWith("unix://")) return overSocket(text.slice("unix://".length) || "/var/run/docker.sock");
	const url = parseUrl(text);
	if (url.protocol === "ssh:") return overSsh(text);
	if (url.protocol === "tcp:" || url.protocol === "http:" || url.protocol === "https:")
		return overTcp(url, address.env);
	throw badHost(text, "only unix://, tcp:// and ssh:// are known");
}

function parseUrl(text: string): URL {
	// `tcp` is no special scheme to URL, which then leaves host and port unread in some texts.
	if (!URL.canParse(text)) throw badHost(text, "it is no address");
	const url = new URL(text);
	if (!url.hostname) throw badHost(text, "it names no host");
	return url;
}

function badHost(text: string, why: string): LabError {
	return new LabError("input", `DOCKER_HOST ${text} cannot be used: ${why}`, {
		code: "bad-docker-host",
		hint: "Examples: unix:///var/run/docker.sock, tcp://10.0.0.5:2376, ssh://user@host.",
	});
}

/** docker-modem's types do not allow the explicit undefined that its code needs. */
function options(some: Record<string, unknown>): DockerOptions {
	return { ...NOTHING_INHERITED, ...some } as DockerOptions;
}

function overSocket(socketPath: string): Connection {
	const agent = new Agent({ keepAlive: true, maxSockets: MAX_SOCKETS });
	return { name: `unix://${socketPath}`, options: options({ socketPath, agent }), agent };
}

function overSsh(text: string): Connection {
	const agent = sshAgent(text);
	return { name: text, options: options({ host: "docker.over.ssh", port: 80, agent }), agent };
}

/** TLS where the variables ask for it as they do for the `docker` command, or the port is the one for TLS. */
function overTcp(url: URL, env: Environment): Connection {
	const tls = Boolean(env.DOCKER_TLS_VERIFY) || url.protocol === "https:" || url.port === String(TLS_PORT);
	const port = Number(url.port || (tls ? TLS_PORT : PLAIN_PORT));
	const host = url.hostname.replace(/^\[|\]$/g, "");
	const keepAlive = { keepAlive: true, maxSockets: MAX_SOCKETS };
	const agent = tls ? new TlsAgent({ ...keepAlive, ...certificates(url, env) }) : new Agent(keepAlive);
	const protocol = tls ? "https" : "http";
	return { name: `tcp://${url.host}`, options: options({ host, port, protocol, agent }), agent };
}

function certificates(url: URL, env: Environment): { ca: Buffer; cert: Buffer; key: Buffer } {
	const folder = env.DOCKER_CERT_PATH || join(env.HOME ?? "/", ".docker");
	try {
		return {
			ca: readFileSync(join(folder, "ca.pem")),
			cert: readFileSync(join(folder, "cert.pem")),
			key: readFileSync(join(folder, "key.pem")),
		};
	} catch (error) {
		throw new LabError("input", `The certificates for ${url.host} cannot be read: ${(error as Error).message}`, {
			code: "bad-docker-host",
			hint: "Set DOCKER_CERT_PATH to the folder with ca.pem, cert.pem and key.pem.",
			cause: error,
		});
	}
}
