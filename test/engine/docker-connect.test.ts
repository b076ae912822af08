/** Finding and refusing daemons, against small servers that play them. */
import { createHash } from "node:crypto";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type RequestListener, type Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { connectDocker } from "../../src/engine/docker-engine.ts";
import { toLabError } from "../../src/engine/docker-errors.ts";
import { findDaemon } from "../../src/engine/docker-find.ts";
import { describeConnection } from "../../src/engine/docker-host.ts";
import { sshArguments } from "../../src/engine/docker-ssh.ts";

let dir: string;
let servers: Server[] = [];

beforeEach(() => {
	dir = mkdtempSync(join(tmpdir(), "lab-connect-"));
});

afterEach(() => {
	for (const server of servers) {
		server.closeAllConnections();
		server.close();
	}
	servers = [];
	rmSync(dir, { recursive: true });
});

function serve(listener: RequestListener, socketPath = join(dir, "docker.sock")): Promise<string> {
	const server = createServer(listener);
	servers.push(server);
	return new Promise((resolve) => server.listen(socketPath, () => resolve(socketPath)));
}

function daemon(version: object, seen: string[] = []): RequestListener {
	return (request, response) => {
		seen.push(request.url ?? "");
		response.setHeader("content-type", "application/json");
		response.end(JSON.stringify(request.url?.endsWith("/version") ? version : []));
	};
}

describe("connecting", () => {
	it.each([
		["1.41", "1.12", "v1.41"],
		["1.45", "1.24", "v1.45"],
		["1.52", "1.44", "v1.45"],
		["1.60", "1.50", "v1.50"],
	])("a daemon of API %s (from %s on) is spoken to in %s", async (ApiVersion, MinAPIVersion, spoken) => {
		const seen: string[] = [];
		const socketPath = await serve(daemon({ Version: "99", ApiVersion, MinAPIVersion }, seen));
		const engine = await connectDocker({ socketPath });
		await engine.listNetworks();
		expect(seen.at(-1)).toContain(`/${spoken}/networks`);
		await engine.close();
	});

	it.each([
		["1.41", ["/_ping"], "v1.41"],
		["1.45", ["/_ping"], "v1.45"],
		["1.60", ["/_ping", "/version"], "v1.50"],
		["1.40x", ["/_ping", "/version"], "v1.50"],
	])("a daemon whose ping says API %s is asked %j", async (pinged, asked, spoken) => {
		const seen: string[] = [];
		const answer = daemon({ Version: "99", ApiVersion: "1.60", MinAPIVersion: "1.50" }, seen);
		const socketPath = await serve((request, response) => {
			response.setHeader("api-version", pinged);
			answer(request, response);
		});
		const engine = await connectDocker({ socketPath });
		await engine.listNetworks();
		await engine.close();
		expect(seen.slice(0, -1)).toEqual(asked);
		expect(seen.at(-1)).toContain(`/${spoken}/networks`);
	});

	it("refuses a daemon that is too old, with its version", async () => {
		const socketPath = await serve(daemon({ Version: "19.03.15", ApiVersion: "1.40", MinAPIVersion: "1.12" }));
		await expect(connectDocker({ socketPath })).rejects.toMatchObject({
			kind: "environment",
			code: "daemon-too-old",
			message: expect.stringMatching(/19\.03\.15.*1\.40.*1\.41/),
		});
	});

	it("says that no daemon answers, and where", async () => {
		await expect(connectDocker({ socketPath: join(dir, "none.sock") })).rejects.toMatchObject({
			kind: "environment",
			code: "no-daemon",
			message: expect.stringContaining("none.sock"),
		});
	});

	it("gives up on a socket behind which nobody answers", { timeout: 10_000 }, async () => {
		const socketPath = await serve(() => undefined);
		await expect(connectDocker({ socketPath })).rejects.toMatchObject({
			code: "no-daemon",
			message: expect.stringContaining("within 5 s"),
		});
	});

	it("says so when the daemon ends in the middle of an answer", async () => {
		const answer = daemon({ Version: "99", ApiVersion: "1.45", MinAPIVersion: "1.24" });
		const socketPath = await serve((request, response) => {
			if (!request.url?.includes("/networks")) return answer(request, response);
			response.writeHead(200, { "content-type": "application/json", "content-length": 1000 });
			response.write("[", () => response.destroy());
		});
		const engine = await connectDocker({ socketPath });
		await expect(engine.listNetworks()).rejects.toMatchObject({
			code: "no-daemon",
			message: `Listing networks: no Docker daemon answers at unix://${socketPath}: aborted`,
		});
		await engine.close();
	});

	it("explains a socket that may not be opened", () => {
		const refused = Object.assign(new Error("connect EACCES /var/run/docker.sock"), { code: "EACCES" });
		expect(toLabError(refused, { doing: "x", daemon: "unix:///var/run/docker.sock" })).toMatchObject({
			kind: "environment",
			code: "daemon-refused",
			hint: expect.stringContaining("usermod -aG docker"),
		});
	});

	it("calls a full disk what it is", () => {
		const full = Object.assign(new Error("(HTTP code 500) server error - x "), {
			statusCode: 500,
			json: { message: "write /var/lib/docker/x: no space left on device" },
		});
		expect(toLabError(full, { doing: "Importing", daemon: "d" })).toMatchObject({
			kind: "environment",
			code: "disk-full",
			message: "Importing: write /var/lib/docker/x: no space left on device",
		});
	});

	it.each(["ftp://x", "tcp://", "ssh://"])("refuses %s as DOCKER_HOST", async (host) => {
		await expect(connectDocker({ host, env: {} })).rejects.toMatchObject({ kind: "input", code: "bad-docker-host" });
	});

	it("does as the docker command does with TLS variables and ports", () => {
		const plain = describeConnection({ host: "tcp://10.0.0.5", env: {} }).options;
		expect(plain).toMatchObject({ host: "10.0.0.5", port: 2375, protocol: "http" });
		const secure = () => describeConnection({ host: "10.0.0.5:2376", env: { DOCKER_CERT_PATH: join(dir, "none") } });
		expect(secure).toThrow(/certificates for 10\.0\.0\.5:2376 cannot be read.*none/);
		for (const name of ["ca", "cert", "key"]) writeFileSync(join(dir, `${name}.pem`), "");
		const env = { DOCKER_TLS_VERIFY: "1", DOCKER_CERT_PATH: dir };
		expect(describeConnection({ host: "tcp://h", env }).options).toMatchObject({ port: 2376, protocol: "https" });
	});
});

describe("ssh", () => {
	it("is asked as the docker command asks it, and takes no option from a host name", () => {
		expect(sshArguments("ssh://me@example.org:2222").slice(0, 4)).toEqual(["-l", "me", "-p", "2222"]);
		const args = sshArguments("ssh://example.org");
		expect(args.slice(args.indexOf("--"))).toEqual(["--", "example.org", "docker", "system", "dial-stdio"]);
	});

	it("carries calls over its standard streams", async () => {
		const socketPath = await serve(daemon({ Version: "26.1", ApiVersion: "1.45", MinAPIVersion: "1.24" }));
		const relay = `const s=require("net").connect(${JSON.stringify(socketPath)});process.stdin.pipe(s);s.pipe(process.stdout)`;
		writeFileSync(join(dir, "ssh"), `#!/bin/sh\nexec ${process.execPath} -e '${relay}'\n`);
		await withSsh(async () => {
			const engine = await connectDocker({ host: "ssh://far.example", env: {} });
			expect(await engine.listNetworks()).toEqual([]);
			await engine.close();
		});
	});

	it("passes on what it says when it cannot connect", async () => {
		writeFileSync(join(dir, "ssh"), "#!/bin/sh\necho 'Host key verification failed.' >&2; exit 255\n");
		await withSsh(() =>
			expect(connectDocker({ host: "ssh://far.example", env: {} })).rejects.toMatchObject({
				kind: "environment",
				code: "no-daemon",
				message: expect.stringMatching(/ssh:\/\/far\.example.*Host key verification failed/),
			}),
		);
	});

	async function withSsh(action: () => Promise<unknown>): Promise<void> {
		chmodSync(join(dir, "ssh"), 0o755);
		const path = process.env.PATH;
		process.env.PATH = `${dir}:${path}`;
		try {
			await action();
		} finally {
			process.env.PATH = path;
		}
	}
});

describe("finding a daemon", () => {
	it("takes the first usual place that answers and tells what was tried", async () => {
		mkdirSync(join(dir, ".docker/run"), { recursive: true });
		const version = { Version: "26.1", ApiVersion: "1.45", MinAPIVersion: "1.24" };
		const socketPath = await serve(daemon(version), join(dir, ".docker/run/docker.sock"));
		const { found, tried } = await findDaemon({ HOME: dir, XDG_RUNTIME_DIR: join(dir, "run") });
		expect(found?.name).toBe(`unix://${socketPath}`);
		expect(tried.map(({ name, error }) => [name, error.code])).toEqual([
			["unix:///var/run/docker.sock", "no-daemon"],
			[`unix://${dir}/run/docker.sock`, "no-daemon"],
		]);
		await found?.engine.close();
	});

	it("tries nothing but DOCKER_HOST when it is set", async () => {
		const { found, tried } = await findDaemon({ DOCKER_HOST: `unix://${dir}/none.sock`, HOME: dir });
		expect(found).toBeUndefined();
		expect(tried.map(({ source }) => source)).toEqual(["DOCKER_HOST"]);
	});

	it("follows the docker command's context", async () => {
		const socketPath = await serve(daemon({ Version: "26.1", ApiVersion: "1.45", MinAPIVersion: "1.24" }));
		const folder = join(dir, ".docker/contexts/meta", createHash("sha256").update("far").digest("hex"));
		mkdirSync(folder, { recursive: true });
		writeFileSync(join(dir, ".docker/config.json"), JSON.stringify({ currentContext: "far" }));
		const meta = { Name: "far", Endpoints: { docker: { Host: `unix://${socketPath}` } } };
		writeFileSync(join(folder, "meta.json"), JSON.stringify(meta));
		const { found } = await findDaemon({ HOME: dir });
		expect(found).toMatchObject({ source: "context far", name: `unix://${socketPath}` });
		await found?.engine.close();
	});
});
