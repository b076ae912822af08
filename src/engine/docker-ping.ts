/** The API version of a daemon by its quickest call. */
import { request as httpRequest } from "node:http";
import { request as httpsRequest } from "node:https";
import type { Connection } from "./docker-host.ts";

/**
 * What `/_ping` tells in a header, or undefined where something in between leaves the header out. `/version` tells it too, but
 * asks runc and containerd for their versions first, which takes 0.3 s under emulation.
 * @throws the connection's error, or the signal's
 */
export function pingedApi({ options, agent }: Connection, signal: AbortSignal): Promise<string | undefined> {
	const { protocol, socketPath, host, port } = options;
	const send = protocol === "https" ? httpsRequest : httpRequest;
	return new Promise((resolve, reject) => {
		const where = socketPath ? { socketPath } : { host, port };
		const call = send({ ...where, agent, signal, path: "/_ping", headers: { Host: "docker" } }, (response) => {
			response.resume();
			const version = response.headers["api-version"];
			response.once("end", () => resolve(typeof version === "string" ? version : undefined));
			response.once("error", reject);
		});
		call.once("error", reject);
		call.end();
	});
}
