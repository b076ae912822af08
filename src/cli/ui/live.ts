/** What is up, and what it counts, for as long as somebody looks. */
import type { Lab } from "../../model/lab.ts";
import type { NodeCounters } from "../../model/live-counters.ts";
import { watchCounters } from "../../run/watch-counters.ts";
import type { LiveState } from "../../ui/state/state.ts";
import type { CliContext } from "../cli-context.ts";
import { findEverything } from "../running.ts";

/** What is up, by the name of its lab. */
export interface Found extends LiveState {
	/** Fingerprint of the plan that it was made from. */
	fingerprint: string;
}

/** Instances that are up under the name of their lab; others belong to somebody who named them. */
export async function liveStates(context: CliContext): Promise<Record<string, Found>> {
	const everything = await findEverything(context);
	await everything.close();
	const own = everything.running.filter(
		({ instance }) => instance.instance === instance.lab && instance.nodes.length > 0,
	);
	return Object.fromEntries(
		own.map(({ instance, vm }): [string, Found] => [
			instance.lab,
			{
				engine: vm ? "vm" : "docker",
				nodes: Object.fromEntries(instance.nodes.map((node) => [node.name, node.container.state])),
				fingerprint: instance.plan,
			},
		]),
	);
}

/** Milliseconds in which the readings of a lab's nodes, taken at about the same time, are put together. */
const TOGETHER = 300;

/** Reads the counters of one lab at a time. */
export class CounterWatch {
	readonly #context: CliContext;
	readonly #onCounters: (lab: string, counters: NodeCounters[]) => void;
	#watched: { lab: string; aborter: AbortController; ended: Promise<void> } | undefined;

	constructor(context: CliContext, onCounters: (lab: string, counters: NodeCounters[]) => void) {
		this.#context = context;
		this.#onCounters = onCounters;
	}

	/** Watches this lab and no other. */
	start(lab: Lab): void {
		if (this.#watched?.lab === lab.name) return;
		this.stop();
		const aborter = new AbortController();
		this.#watched = { lab: lab.name, aborter, ended: this.#read(lab, aborter.signal).catch(() => undefined) };
	}

	stop(): void {
		this.#watched?.aborter.abort();
		this.#watched = undefined;
	}

	/** Stops, and resolves when nothing of it is left in the nodes. */
	async close(): Promise<void> {
		const ended = this.#watched?.ended;
		this.stop();
		await ended;
	}

	async #read(lab: Lab, signal: AbortSignal): Promise<void> {
		const everything = await findEverything(this.#context);
		try {
			const found = everything.running.find(({ instance }) => instance.instance === lab.name);
			if (!found || signal.aborted) return;
			let waiting: NodeCounters[] = [];
			const hand = () => {
				if (!signal.aborted) this.#onCounters(lab.name, waiting);
				waiting = [];
			};
			await watchCounters(found.engine, found.instance, lab, signal, (counters) => {
				if (waiting.length === 0) setTimeout(hand, TOGETHER);
				waiting.push(counters);
			});
		} finally {
			await everything.close();
		}
	}
}
