/**
 * The container daemon in our own words: the only view of Docker that planning, running and judging have.
 * `docker-engine.ts` speaks to a real daemon, `fake-engine.ts` is for tests; one contract suite holds for both.
 */

export interface EngineInfo {
	/** The daemon's own identifier; stays over restarts. */
	id: string;
	/** Changes with every boot of the daemon's machine (at most more often); absent where the daemon gives no way to tell. */
	boot?: string;
	/** Version of the daemon, e.g. 26.1.5. */
	daemon: string;
	/** API version in use, e.g. 1.45. */
	api: string;
	/** True where it is reached over a Unix socket, and so most likely runs on this host. */
	local: boolean;
	/** Kernel of the machine the daemon runs on. */
	kernel: string;
	/** Operating system as the daemon tells it. */
	system: string;
	architecture: string;
	/** True when the daemon confines containers with AppArmor. */
	apparmor: boolean;
}

export type Labels = Record<string, string>;

export interface NetworkSpec {
	name: string;
	/** CIDR. */
	subnet: string;
	/** Address of the subnet that no node uses; Docker insists on one. The bridge does not get it. */
	gateway: string;
	mtu?: number;
	labels: Labels;
}

export interface NetworkInfo {
	id: string;
	name: string;
	/** Subnets as CIDR. */
	subnets: string[];
	labels: Labels;
}

export interface Attachment {
	/** Id or name of the network. */
	network: string;
	/** IPv4 address without prefix length. */
	address: string;
	/** A wish: before API 1.44 only the first network's is granted. What came of it is in the inspected endpoints. */
	mac?: string;
}

export interface ContainerSpec {
	name: string;
	image: string;
	hostname: string;
	command: string[];
	labels: Labels;
	/** Capabilities beyond the few that ordinary programs of root need; everything else is dropped. */
	capabilities: string[];
	privileged: boolean;
	/** `unconfined` lifts the daemon's AppArmor profile. */
	apparmor?: "unconfined";
	/** Shares the daemon machine's process ids (the fabric needs it to reach every node). */
	hostPids?: boolean;
	/** Docker networks to join. Empty: networking is disabled and wires are made by the fabric. */
	attachments: Attachment[];
	/** Takes scripts (`runScript`) before its command starts; that takes a shell and `head` in the image. */
	scripted?: boolean;
}

export interface ContainerInfo {
	id: string;
	name: string;
	image: string;
	/** created, running, exited, ... */
	state: string;
	/** Process id on the daemon's machine; 0 when not running. */
	pid: number;
	labels: Labels;
	/** Docker network name to endpoint, as the daemon reports it. */
	endpoints: Record<string, { address: string; mac: string }>;
	/** Seconds since the epoch. */
	created: number;
}

export interface ExecRequest {
	command: string[];
	/** Written to standard input, which is then closed; a stream is handed on as it comes. */
	stdin?: string | Buffer | NodeJS.ReadableStream;
	/** Called with output as it comes. */
	onStdout?: (chunk: Buffer) => void;
	onStderr?: (chunk: Buffer) => void;
	environment?: Record<string, string>;
	/** Aborting kills the command with everything it started, also in the background, where the container has a shell. */
	signal?: AbortSignal;
}

export interface ScriptRequest {
	/** For `sh`; runs in a subshell with empty standard input. */
	script: string;
	/** Called with output as it comes. */
	onStdout?: (chunk: Buffer) => void;
	/** Aborting ends the wait; the script goes on and ends with the container. */
	signal?: AbortSignal;
	/** Lets the container's command start when the script has ended, however it went. */
	last?: boolean;
}

export interface ExecResult {
	/** 126 or 127 where the program cannot be started; the output then says why. */
	exitCode: number;
	stdout: Buffer;
	stderr: Buffer;
}

/** A terminal for `shell` and for `exec` with a tty. */
export interface TerminalRequest {
	command: string[];
	input: NodeJS.ReadableStream;
	output: NodeJS.WritableStream;
	/** Terminal size now; called again on `onResize`. */
	size: () => { columns: number; rows: number };
	onResize: (listener: () => void) => () => void;
	/** Aborting kills the command with everything it started. */
	signal?: AbortSignal;
}

export interface FileEntry {
	/** Absolute path in the container. */
	path: string;
	content: Buffer;
	/** Octal permissions, e.g. 0o755. */
	mode: number;
}

/**
 * All failures are `LabError`: kind `environment` (`no-daemon`, `daemon-refused`, `address-clash`, `disk-full`) or `broken`
 * (`no-such-container`, `no-such-network`, `no-such-image`, `no-such-file`, `not-running`, `name-taken`, `daemon-error`) or
 * `interrupted` (`aborted`, when the caller's signal ended the call), with the daemon's own words in the message. Removal of what is
 * already gone succeeds.
 */
export interface Engine {
	info(): Promise<EngineInfo>;
	/** True when the image is there. */
	hasImage(tag: string): Promise<boolean>;
	/** Imports a root file system (tar, optionally gzip) as an image. */
	importImage(tag: string, tarFile: string, signal?: AbortSignal): Promise<void>;
	/** Builds `Dockerfile` in `directory`; output lines go to `onLine`. Fails with code `no-registry` when the base image cannot be had. */
	buildImage(tag: string, directory: string, onLine: (line: string) => void, signal?: AbortSignal): Promise<void>;
	listImages(prefix: string): Promise<{ id: string; tag: string; size: number; created: number }[]>;
	removeImage(tag: string): Promise<void>;
	createNetwork(spec: NetworkSpec): Promise<string>;
	/** All networks of the daemon, or those with all the labels given. */
	listNetworks(labels?: Labels): Promise<NetworkInfo[]>;
	removeNetwork(id: string): Promise<void>;
	createContainer(spec: ContainerSpec): Promise<string>;
	startContainer(id: string): Promise<void>;
	inspectContainer(id: string): Promise<ContainerInfo>;
	/** Containers in any state with all the labels given. */
	listContainers(labels: Labels): Promise<ContainerInfo[]>;
	/** Kills and removes, with its anonymous volumes. */
	removeContainer(id: string): Promise<void>;
	exec(container: string, request: ExecRequest): Promise<ExecResult>;
	/**
	 * Runs a script in a container made with `scripted`, as its first process and before its command: what `exec` of `sh -c` does,
	 * but the daemon need not enter the container, which costs 50 ms, and 200 under emulation. One after another, and only
	 * by the engine that started the container.
	 */
	runScript(container: string, request: ScriptRequest): Promise<ExecResult>;
	/** Runs a command on a terminal of its own; returns its exit code. */
	terminal(container: string, request: TerminalRequest): Promise<number>;
	/** Copies files into a created or running container; parent folders are made. */
	copyIn(container: string, files: FileEntry[]): Promise<void>;
	/** Reads one file out of a container. */
	copyOut(container: string, path: string): Promise<Buffer>;
	/** Standard output and error of PID 1. */
	logs(container: string, tail?: number): Promise<string>;
	close(): Promise<void>;
}
