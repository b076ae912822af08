/** What running a lab needs from outside; passed down explicitly so that tests can replace any of it. */
import type { Engine } from "../engine/engine.ts";
import type { Emit } from "../model/event.ts";

export interface RunContext {
	engine: Engine;
	emit: Emit;
	/** Aborted by Ctrl-C, SIGTERM and `--timeout`. Cleaning up does not look at it. */
	signal: AbortSignal;
	/** Name of this run: a label on everything it makes, and its folder under results/. */
	runId: string;
	/** Who runs it, for the owner label. */
	owner: string;
	/** The process that runs it, for the maker label. */
	maker: string;
	/** Makes sure that an image is on the daemon and returns its tag. */
	ensureImage: (image: string) => Promise<string>;
	/** A compiled program of ours, ready to be copied into a node. */
	program: (name: string) => Promise<Buffer>;
}

/** Throws the reason of an abort, if there was one. */
export function throwIfAborted(signal: AbortSignal): void {
	if (signal.aborted) throw signal.reason;
}
