/** An engine in memory, for tests of what is built on the port: programmable `exec`, recorded calls, planted faults. */
import { readFile } from "node:fs/promises";
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
import {
	aborted,
	nameTaken,
	noSuchContainer,
	noSuchFile,
	noSuchImage,
	noSuchNetwork,
	notRunning,
} from "./engine-errors.ts";
import { FakeScript } from "./fake-script.ts";

export type { FakeExec, FakeExecResult } from "./fake-script.ts";

interface FakeContainer {
	info: ContainerInfo;
	spec: ContainerSpec;
	files: Map<string, FileEntry>;
	log: string;
	/** Takes scripts. */
	scripted: boolean;
}

/** What it runs, how it fails and what it was asked is in `FakeScript`. */
export class FakeEngine extends FakeScript implements Engine {
	readonly images = new Map<string, { id: string; tag: string; size: number; created: number }>();
	readonly networks = new Map<string, NetworkInfo>();
	readonly containers = new Map<string, FakeContainer>();
	/** What `info` answers; change at will. */
	facts: EngineInfo = {
		id: "FAKE",
		boot: "fake-boot",
		local: false,
		daemon: "26.1.5",
		api: "1.45",
		kernel: "6.12.0-fake",
		system: "Fake Linux",
		architecture: "x86_64",
		apparmor: false,
	};
	#serial = 0;

	async info(): Promise<EngineInfo> {
		this.record("info");
		return { ...this.facts };
	}

	async hasImage(tag: string): Promise<boolean> {
		this.record("hasImage", tag);
		return this.images.has(tag);
	}

	async importImage(tag: string, tarFile: string, signal?: AbortSignal): Promise<void> {
		this.record("importImage", tag, tarFile);
		if (signal?.aborted) throw aborted(`Import of ${tag}`, signal.reason);
		this.addImage(tag, (await readFile(tarFile)).length);
	}

	async buildImage(tag: string, directory: string, onLine: (line: string) => void, signal?: AbortSignal) {
		this.record("buildImage", tag, directory);
		if (signal?.aborted) throw aborted(`Build of ${tag}`, signal.reason);
		onLine(`built ${tag}`);
		this.addImage(tag);
	}

	/** Puts an image there without a call being recorded. */
	addImage(tag: string, size = 1): this {
		this.images.set(tag, { id: this.#id(), tag, size, created: 0 });
		return this;
	}

	async listImages(prefix: string) {
		this.record("listImages", prefix);
		return [...this.images.values()].filter((image) => image.tag.startsWith(prefix));
	}

	async removeImage(tag: string): Promise<void> {
		this.record("removeImage", tag);
		this.images.delete(tag);
	}

	async createNetwork(spec: NetworkSpec): Promise<string> {
		this.record("createNetwork", spec);
		const id = this.#id();
		this.networks.set(id, { id, name: spec.name, subnets: [spec.subnet], labels: spec.labels });
		return id;
	}

	async listNetworks(labels: Labels = {}): Promise<NetworkInfo[]> {
		this.record("listNetworks", labels);
		return [...this.networks.values()].filter((network) => hasLabels(network.labels, labels));
	}

	async removeNetwork(id: string): Promise<void> {
		this.record("removeNetwork", id);
		for (const [key, { name }] of this.networks) if (key === id || name === id) this.networks.delete(key);
	}

	async createContainer(spec: ContainerSpec): Promise<string> {
		this.record("createContainer", spec);
		if (!this.images.has(spec.image)) throw noSuchImage(spec.image);
		if ([...this.containers.values()].some(({ info }) => info.name === spec.name)) throw nameTaken(spec.name);
		const id = this.#id();
		const endpoints = Object.fromEntries(
			spec.attachments.map(({ network, address, mac }, index) => [
				this.#network(network).name,
				{ address, mac: mac ?? `02:42:00:00:${hex(this.#serial)}:${hex(index)}` },
			]),
		);
		const { name, image, labels } = spec;
		const info = { id, name, image, state: "created", pid: 0, labels, endpoints, created: 0 };
		this.containers.set(id, { info, spec, files: new Map(), log: "", scripted: spec.scripted ?? false });
		return id;
	}

	async startContainer(id: string): Promise<void> {
		this.record("startContainer", id);
		const { info } = this.#container(id);
		if (info.state === "running") return;
		info.state = "running";
		info.pid = 1000 + ++this.#serial;
		await this.#runFirst(this.#container(id));
	}

	async inspectContainer(id: string): Promise<ContainerInfo> {
		this.record("inspectContainer", id);
		return structuredClone(this.#container(id).info);
	}

	async listContainers(labels: Labels): Promise<ContainerInfo[]> {
		this.record("listContainers", labels);
		const found = [...this.containers.values()].filter(({ info }) => hasLabels(info.labels, labels));
		return found.map(({ info }) => structuredClone(info));
	}

	async removeContainer(id: string): Promise<void> {
		this.record("removeContainer", id);
		for (const [key, { info }] of this.containers) if (key === id || info.name === id) this.containers.delete(key);
	}

	async exec(container: string, request: ExecRequest): Promise<ExecResult> {
		this.record("exec", container, request);
		if (request.signal?.aborted) throw aborted(request.command.join(" "), request.signal.reason);
		const { info, spec, files } = this.#running(container);
		const answer = await this.answer({ container: info, spec, request, files });
		if (request.signal?.aborted) throw aborted(request.command.join(" "), request.signal.reason);
		const stdout = Buffer.from(answer.stdout ?? "");
		const stderr = Buffer.from(answer.stderr ?? "");
		if (stdout.length > 0) request.onStdout?.(stdout);
		if (stderr.length > 0) request.onStderr?.(stderr);
		return { exitCode: answer.exitCode ?? 0, stdout, stderr };
	}

	/** Recorded and answered as the `exec` it stands for. */
	async runScript(container: string, { script, last, ...rest }: ScriptRequest): Promise<ExecResult> {
		const entry = this.#running(container);
		if (!entry.scripted) throw new Error(`${container} takes no scripts, or no more`);
		if (last) entry.scripted = false;
		return this.exec(container, { command: ["sh", "-c", script], ...rest });
	}

	async terminal(container: string, request: TerminalRequest): Promise<number> {
		this.record("terminal", container, request);
		const { info, spec, files } = this.#running(container);
		const answer = await this.answer({ container: info, spec, request, files });
		request.output.write(Buffer.concat([Buffer.from(answer.stdout ?? ""), Buffer.from(answer.stderr ?? "")]));
		return answer.exitCode ?? 0;
	}

	async copyIn(container: string, entries: FileEntry[]): Promise<void> {
		this.record("copyIn", container, entries);
		const { files } = this.#container(container);
		for (const entry of entries) files.set(entry.path, entry);
	}

	async copyOut(container: string, path: string): Promise<Buffer> {
		this.record("copyOut", container, path);
		const entry = this.#container(container).files.get(path);
		if (!entry) throw noSuchFile(container, path);
		return entry.content;
	}

	async logs(container: string, tail?: number): Promise<string> {
		this.record("logs", container, tail);
		const lines = this.#container(container).log.split(/(?<=\n)/);
		return (tail === undefined ? lines : lines.slice(-tail)).join("");
	}

	async close(): Promise<void> {
		this.record("close");
	}

	/** What the handlers answer to the container's own command is its log; their exit code is not used. */
	async #runFirst(entry: FakeContainer): Promise<void> {
		const { info, spec, files } = entry;
		const { stdout = "", stderr = "" } = await this.answer({ container: info, spec, request: spec, files });
		entry.log += `${stdout}${stderr}`;
	}

	#id(): string {
		return (++this.#serial).toString(16).padStart(64, "f");
	}

	#network(name: string): NetworkInfo {
		const found = this.networks.get(name) ?? [...this.networks.values()].find((network) => network.name === name);
		if (!found) throw noSuchNetwork(name);
		return found;
	}

	#container(name: string): FakeContainer {
		const found = this.containers.get(name) ?? [...this.containers.values()].find(({ info }) => info.name === name);
		if (!found) throw noSuchContainer(name);
		return found;
	}

	#running(name: string): FakeContainer {
		const found = this.#container(name);
		if (found.info.state !== "running") throw notRunning(name);
		return found;
	}
}

function hasLabels(has: Labels, wanted: Labels): boolean {
	return Object.entries(wanted).every(([key, value]) => has[key] === value);
}

function hex(value: number): string {
	return (value & 0xff).toString(16).padStart(2, "0");
}
