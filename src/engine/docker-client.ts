/** The engine port over dockerode, one API version agreed on. `docker-engine.ts` makes it. */
import type Docker from "dockerode";
import type { ContainerInspectInfo } from "dockerode";
import { clashError, findClashes } from "./address-clash.ts";
import { containerRequest, endpointOf, networkRequest } from "./docker-create.ts";
import { type Subject, statusOf, toLabError, wordsOf } from "./docker-errors.ts";
import { runExec, runTerminal } from "./docker-exec.ts";
import { copyFileOut, copyFilesIn } from "./docker-files.ts";
import type { Connection } from "./docker-host.ts";
import { buildDirectory, importTar } from "./docker-images.ts";
import { containerInfo, engineInfo, labelFilter } from "./docker-inspect.ts";
import { ScriptShells } from "./docker-script.ts";
import { Demux } from "./docker-stream.ts";
import type {
	ContainerInfo,
	ContainerSpec,
	Engine,
	EngineInfo,
	ExecRequest,
	ExecResult,
	FileEntry,
	Labels,
	NetworkInfo,
	NetworkSpec,
	ScriptRequest,
	TerminalRequest,
} from "./engine.ts";

const REMOVAL_TIMEOUT_MS = 20_000;

export class DockerEngine implements Engine {
	readonly #docker: Docker;
	readonly #connection: Connection;
	readonly #api: string;
	readonly #shells = new ScriptShells();
	#info: Promise<EngineInfo> | undefined;

	constructor(docker: Docker, connection: Connection, api: string) {
		this.#docker = docker;
		this.#connection = connection;
		this.#api = api;
	}

	/** Asked once: it does not change while a command runs, and the daemon starts three programs to answer it. */
	info(): Promise<EngineInfo> {
		this.#info ??= this.#call({ doing: "Asking the daemon about itself" }, async () => ({
			...(await engineInfo(this.#docker, this.#api)),
			local: this.#connection.options.socketPath !== undefined,
		}));
		this.#info.catch(() => {
			this.#info = undefined;
		});
		return this.#info;
	}

	hasImage(tag: string): Promise<boolean> {
		return this.#call({ doing: `Looking for image ${tag}` }, async () => {
			const found = await orMissing(this.#docker.getImage(tag).inspect());
			return found !== undefined;
		});
	}

	importImage(tag: string, tarFile: string, signal?: AbortSignal): Promise<void> {
		return this.#call({ doing: `Importing image ${tag}` }, () => importTar(this.#docker, tag, tarFile, signal));
	}

	buildImage(tag: string, directory: string, onLine: (line: string) => void, signal?: AbortSignal): Promise<void> {
		const doing = `Building image ${tag}`;
		return this.#call({ doing, name: tag }, () => buildDirectory(this.#docker, tag, directory, onLine, signal));
	}

	listImages(prefix: string) {
		return this.#call({ doing: "Listing images" }, async () => {
			const images = await this.#docker.listImages();
			return images.flatMap(({ Id, RepoTags, Size, Created }) =>
				(RepoTags ?? [])
					.filter((tag) => tag.startsWith(prefix))
					.map((tag) => ({ id: Id, tag, size: Size, created: Created })),
			);
		});
	}

	removeImage(tag: string): Promise<void> {
		return this.#call({ doing: `Removing image ${tag}` }, async () => {
			await orMissing(this.#docker.getImage(tag).remove({ force: true }));
		});
	}

	createNetwork(spec: NetworkSpec): Promise<string> {
		return this.#call({ doing: `Creating network ${spec.name}`, name: spec.name }, async () => {
			try {
				return (await this.#docker.createNetwork(networkRequest(spec))).id;
			} catch (error) {
				if (!/Pool overlaps|overlaps with (other|existing)|conflicts with network/i.test(wordsOf(error))) throw error;
				const clashes = findClashes([spec], await this.listNetworks(), {});
				throw clashes.length > 0 ? clashError(clashes, error) : error;
			}
		});
	}

	listNetworks(labels: Labels = {}): Promise<NetworkInfo[]> {
		return this.#call({ doing: "Listing networks" }, async () => {
			const networks = await this.#docker.listNetworks({ filters: labelFilter(labels) });
			return networks.map(({ Id, Name, IPAM, Labels }) => ({
				id: Id,
				name: Name,
				subnets: (IPAM?.Config ?? []).flatMap(({ Subnet }) => (Subnet ? [Subnet] : [])),
				labels: Labels ?? {},
			}));
		});
	}

	removeNetwork(id: string): Promise<void> {
		return this.#call({ doing: `Removing network ${id}`, name: id }, async () => {
			await orMissing(this.#docker.getNetwork(id).remove());
		});
	}

	createContainer(spec: ContainerSpec): Promise<string> {
		return this.#call({ doing: `Creating container ${spec.name}`, name: spec.name }, async () => {
			const { options, later } = containerRequest(spec, this.#api);
			const container = await this.#docker.createContainer(options);
			try {
				for (const attachment of later) {
					const EndpointConfig = endpointOf(attachment);
					await this.#docker.getNetwork(attachment.network).connect({ Container: container.id, EndpointConfig });
				}
			} catch (error) {
				// The caller never learns its id, so nobody else could remove it.
				await container.remove({ force: true, v: true }).catch(() => undefined);
				throw error;
			}
			if (spec.scripted) this.#shells.expect(container.id);
			return container.id;
		});
	}

	startContainer(id: string): Promise<void> {
		return this.#call({ doing: `Starting container ${id}`, name: id }, async () => {
			const alreadyRuns = 304;
			const container = this.#docker.getContainer(id);
			await this.#shells.attach(container);
			await unlessStatus(container.start(), alreadyRuns);
		});
	}

	runScript(container: string, request: ScriptRequest): Promise<ExecResult> {
		return this.#call({ doing: `Running a script in ${container}`, name: container }, () =>
			this.#shells.run(container, request),
		);
	}

	inspectContainer(id: string): Promise<ContainerInfo> {
		return this.#call({ doing: `Inspecting container ${id}`, name: id }, async () =>
			containerInfo(await this.#docker.getContainer(id).inspect()),
		);
	}

	listContainers(labels: Labels): Promise<ContainerInfo[]> {
		return this.#call({ doing: "Listing containers" }, async () => {
			const listed = await this.#docker.listContainers({ all: true, filters: labelFilter(labels) });
			// The list has no process ids; what goes away between the two calls is not there.
			const found = await Promise.all(listed.map(({ Id }) => orMissing(this.#docker.getContainer(Id).inspect())));
			return found.filter((entry): entry is ContainerInspectInfo => entry !== undefined).map(containerInfo);
		});
	}

	removeContainer(id: string): Promise<void> {
		return this.#call({ doing: `Removing container ${id}`, name: id }, async () => {
			const container = this.#docker.getContainer(id);
			const removal = await container.remove({ force: true, v: true }).then(() => 204, statusOrThrow);
			const beingRemoved = 409;
			if (removal !== beingRemoved) return;
			// Another removal was faster, but has not ended.
			const deadline = Date.now() + REMOVAL_TIMEOUT_MS;
			while ((await orMissing(container.inspect())) !== undefined) {
				if (Date.now() > deadline) throw new Error("the container is still there");
				await new Promise((resolve) => setTimeout(resolve, 50));
			}
		});
	}

	exec(container: string, request: ExecRequest): Promise<ExecResult> {
		const doing = `Running \`${request.command.join(" ").slice(0, 80)}\` in ${container}`;
		return this.#call({ doing, name: container }, () => runExec(this.#docker.getContainer(container), request));
	}

	terminal(container: string, request: TerminalRequest): Promise<number> {
		const doing = `Opening a terminal in ${container}`;
		return this.#call({ doing, name: container }, () => runTerminal(this.#docker.getContainer(container), request));
	}

	copyIn(container: string, files: FileEntry[]): Promise<void> {
		const doing = `Copying files into ${container}`;
		return this.#call({ doing, name: container }, () => copyFilesIn(this.#docker.getContainer(container), files));
	}

	copyOut(container: string, path: string): Promise<Buffer> {
		const subject = { doing: `Copying ${path} out of ${container}`, name: container, path };
		return this.#call(subject, () => copyFileOut(this.#docker.getContainer(container), path));
	}

	logs(container: string, tail?: number): Promise<string> {
		return this.#call({ doing: `Reading the log of ${container}`, name: container }, async () => {
			const options = { stdout: true, stderr: true, ...(tail === undefined ? {} : { tail }) };
			const chunks: Buffer[] = [];
			const take = (chunk: Buffer) => void chunks.push(chunk);
			new Demux(take, take).push(await this.#docker.getContainer(container).logs(options));
			return Buffer.concat(chunks).toString();
		});
	}

	async close(): Promise<void> {
		this.#shells.close();
		this.#connection.agent.destroy();
	}

	async #call<T>(subject: Omit<Subject, "daemon">, action: () => Promise<T>): Promise<T> {
		try {
			return await action();
		} catch (error) {
			throw toLabError(error, { ...subject, daemon: this.#connection.name });
		}
	}
}

/** The status of a refusal that leaves nothing to remove. */
function statusOrThrow(error: unknown): number {
	const status = statusOf(error);
	if (status === 404 || (status === 409 && /in progress/.test(wordsOf(error)))) return status;
	throw error;
}

/** Undefined for what the daemon does not have. */
function orMissing<T>(answer: Promise<T>): Promise<T | undefined> {
	return unlessStatus(answer, 404);
}

async function unlessStatus<T>(answer: Promise<T>, status: number): Promise<T | undefined> {
	try {
		return await answer;
	} catch (error) {
		if (statusOf(error) === status) return undefined;
		throw error;
	}
}
