/** The programmable half of the fake engine: what its commands answer, where it fails, what it was asked. */
import type { ContainerInfo, ContainerSpec, Engine, ExecRequest, FileEntry } from "./engine.ts";

/** What an exec handler is told. */
export interface FakeExec {
	container: ContainerInfo;
	spec: ContainerSpec;
	request: ExecRequest;
	/** Files by absolute path; the handler may add its own. */
	files: Map<string, FileEntry>;
}

/** What an exec handler answers; what is left out is 0 and empty. */
export interface FakeExecResult {
	exitCode?: number;
	stdout?: string | Buffer;
	stderr?: string | Buffer;
}

export type ExecHandler = (call: FakeExec) => FakeExecResult | undefined | Promise<FakeExecResult | undefined>;

export type EngineMethod = keyof Engine;

interface Fault {
	method: EngineMethod;
	error: Error;
	times: number;
	when: (args: unknown[]) => boolean;
}

/** Handlers set by `onExec` are asked in turn, newest first; the first answer counts, else the command succeeds silently. */
export class FakeScript {
	/** Every call in order, refused ones included. */
	readonly calls: { method: EngineMethod; args: unknown[] }[] = [];
	#handlers: ExecHandler[] = [];
	#faults: Fault[] = [];

	/** Adds a handler that is asked before those set earlier; it passes a command on by returning undefined. */
	onExec(handler: ExecHandler): this {
		this.#handlers.unshift(handler);
		return this;
	}

	/** Makes `method` fail with `error`: each time, or `times` times, or only when the arguments match. */
	failOn(method: EngineMethod, error: Error, options: { times?: number; when?: (args: unknown[]) => boolean } = {}) {
		this.#faults.push({ method, error, times: options.times ?? Infinity, when: options.when ?? (() => true) });
		return this;
	}

	/** Arguments of every call of one method. */
	callsOf(method: EngineMethod): unknown[][] {
		return this.calls.filter((call) => call.method === method).map((call) => call.args);
	}

	protected record(method: EngineMethod, ...args: unknown[]): void {
		this.calls.push({ method, args });
		const fault = this.#faults.find((entry) => entry.method === method && entry.times > 0 && entry.when(args));
		if (!fault) return;
		fault.times--;
		throw fault.error;
	}

	protected async answer(call: FakeExec): Promise<FakeExecResult> {
		for (const handler of this.#handlers) {
			const answer = await handler(call);
			if (answer) return answer;
		}
		return {};
	}
}
