/** A daemon in memory whose nodes do what the scripts of the run layer tell them, as far as that layer can see. */
import { setTimeout as sleep } from "node:timers/promises";
import { FakeEngine, type FakeExec, type FakeExecResult } from "../../src/engine/fake-engine.ts";
import { LABEL } from "../../src/run/labels.ts";
import { CONFIGURED_FILE } from "../../src/run/lane-script.ts";

export const NODE_IMAGE = "lblab/node:test";

/** What a command in a node was, besides those that the run layer makes up itself. */
export interface NodeCommand {
	node: string;
	script: string;
}

export class FakeNodes extends FakeEngine {
	/** Backends that get the requests in turn; each logs as `nc -l -v -k` does. */
	backends: string[] = [];
	/** What every backend has logged. */
	readonly backendLogs = new Map<string, string>();
	/** Changes, undos and whatever else is no script of ours, in order. */
	readonly commands: NodeCommand[] = [];
	/** The step that fails, with what it says and its exit code. */
	failing: { node: string; step: string; output: string; exitCode: number } | undefined;
	/** Output of the commands whose state a scenario compares. */
	state = "changed";
	/** What tcpdump says at its end; without a summary the capture counts as lost. */
	captureLog = "0 packets captured\n0 packets received by filter\n0 packets dropped by kernel\n";
	/** Requests that nobody gets to see, by position. */
	unlogged = new Set<number>();

	constructor() {
		super();
		this.addImage(NODE_IMAGE);
		this.onExec((call) => this.#run(call));
	}

	/** Names of nodes and of the fabric that are there. */
	get present(): string[] {
		return [...this.containers.values()].map(({ info }) => info.labels[LABEL.node] ?? info.name).sort();
	}

	#run(call: FakeExec): FakeExecResult | undefined {
		const { command } = call.request;
		const script = command.at(-1) ?? "";
		if (command[0] === "test") return { exitCode: call.files.has(script) ? 0 : 1 };
		if (command[0] !== "sh") return undefined;
		const node = call.container.labels[LABEL.node] ?? call.container.name;
		if (script.includes("\x1ebegin")) return this.#lane(call, node, script);
		if (script.includes("token=$(printf")) return { stdout: this.#traffic(script) };
		if (script.includes("printf '\\n\x1e%s\\n'")) return { stdout: this.#probe(node, script) };
		if (!script.includes("ip link") && !script.includes("ip -batch")) this.commands.push({ node, script });
		return {};
	}

	#lane({ files }: FakeExec, node: string, script: string): FakeExecResult {
		let stdout = "";
		for (const [, step] of script.matchAll(/begin %s\\n' (\S+)/g)) {
			stdout += `\x1ebegin ${step}\n`;
			if (this.failing?.node === node && this.failing.step === step) {
				const { output, exitCode } = this.failing;
				return { stdout: `${stdout}${output}\n\x1efailed ${step} ${exitCode}\n`, exitCode: 1 };
			}
			stdout += `\x1eok ${step}\n`;
		}
		files.set(CONFIGURED_FILE, { path: CONFIGURED_FILE, content: Buffer.alloc(0), mode: 0o644 });
		return { stdout };
	}

	/** Every request is answered, and logged by the next backend. */
	#traffic(script: string): string {
		const prefix = /'%s-%04d' '?([\w-]+)/.exec(script)?.[1] ?? "";
		const count = Number(/-lt (\d+)/.exec(script)?.[1] ?? 0);
		return Array.from({ length: count }, (_, index) => {
			const token = `${prefix}-${String(index).padStart(4, "0")}`;
			const backend = this.backends[index % this.backends.length];
			if (backend && !this.unlogged.has(index)) this.log(backend, 40_000 + index, token);
			return `R\t${index}\t${token}\t0\t\t\t\t\t\tsucceeded\n`;
		}).join("");
	}

	/** Lets a backend log a connection. */
	log(backend: string, port: number, token: string): void {
		const line = `Connection received on 10.97.1.10 ${port}\n${token}\n`;
		this.backendLogs.set(backend, (this.backendLogs.get(backend) ?? "") + line);
	}

	#probe(node: string, script: string): string {
		const sections = [...script.matchAll(/printf '\\n.%s\\n' (?:'([^']*)'|(\S+))/g)].map(
			(match) => match[1] ?? match[2],
		);
		const told = sections.filter((name) => !name?.startsWith("fault "));
		return told.map((name = "") => `\n\x1e${name}\n${this.#section(node, name, script)}`).join("");
	}

	#section(node: string, name: string, script: string): string {
		const log = this.backendLogs.get(node) ?? "";
		const from = /tail -c \+(\d+)/.exec(script)?.[1];
		if (name.startsWith("log ")) return from === undefined ? `${log.length}\n` : log.slice(Number(from) - 1);
		if (name.startsWith("state ")) return this.state;
		if (name.startsWith("exit ")) return "0\n";
		if (name.startsWith("capture-log ")) return this.captureLog;
		if (name.startsWith("capture ")) return EMPTY_CAPTURE.toString("base64");
		return "";
	}
}

/** Header of a pcap file without a frame: microseconds, Ethernet. */
const EMPTY_CAPTURE = Buffer.from("d4c3b2a1020004000000000000000000000004000100000000".slice(0, 48), "hex");

/** An exec that never ends by itself, as its signal ends it. */
export async function hang({ request }: FakeExec): Promise<FakeExecResult> {
	const { signal } = request as { signal?: AbortSignal };
	await sleep(60_000, undefined, signal ? { signal } : {}).catch(() => undefined);
	return {};
}
