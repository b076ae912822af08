/** Reads the counters of a lab that is up every two seconds, until told to stop. */
import type { Engine } from "../engine/engine.ts";
import type { Lab } from "../model/lab.ts";
import type { NodeCounters } from "../model/live-counters.ts";
import { counterSources, type NodeSources, readingScript, watchScript } from "./counter-sources.ts";
import type { Instance } from "./instances.ts";
import { ReadingSplitter, readCounters } from "./read-counters.ts";

/**
 * One command per node that goes on printing: entering a container each time costs 50 ms, and 200 under emulation. Resolves
 * when the signal is aborted or no node can be read any more.
 */
export async function watchCounters(
	engine: Engine,
	instance: Pick<Instance, "nodes">,
	lab: Lab,
	signal: AbortSignal,
	onCounters: (counters: NodeCounters) => void,
): Promise<void> {
	const watches = counterSources(lab).map(async (sources) => {
		const node = instance.nodes.find(({ name }) => name === sources.node);
		if (!node) return;
		const splitter = new ReadingSplitter((text) => onCounters(readCounters(lab, sources, text)));
		const command = ["sh", "-c", watchScript(sources)];
		// The script ends by itself after five minutes; a node that is gone ends the watch.
		while (!signal.aborted) {
			const result = await engine.exec(node.container.id, {
				command,
				signal,
				onStdout: (chunk) => splitter.push(chunk),
			});
			if (result.exitCode !== 0) return;
		}
	});
	await Promise.allSettled(watches);
}

/** Reads the counters of balancers and backends once; a node that cannot be read is left out. */
export async function readCountersOnce(
	engine: Engine,
	instance: Pick<Instance, "nodes">,
	lab: Lab,
	signal: AbortSignal,
): Promise<NodeCounters[]> {
	const found: NodeCounters[] = [];
	const readings = counterSources(lab).map(async (sources) => {
		const node = instance.nodes.find(({ name }) => name === sources.node);
		if (!node || !countsRequests(sources)) return;
		const splitter = new ReadingSplitter((text) => found.push(readCounters(lab, sources, text)));
		const result = await engine.exec(node.container.id, { command: ["sh", "-c", readingScript(sources)], signal });
		splitter.push(result.stdout);
	});
	await Promise.allSettled(readings);
	return found;
}

function countsRequests({ ipvs, balancers, chains, logs }: NodeSources): boolean {
	return ipvs || balancers.length + chains.length + logs.length > 0;
}
