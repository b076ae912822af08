/** What must be watched in which node during a phase, told from the scenario. Pure. */

import { endsOf, matchesHop } from "../model/expectation.ts";
import { type BackendLog, backendLogs, type Lab } from "../model/lab.ts";
import type { Phase } from "../model/scenario.ts";

export interface CounterSource {
	kind: "ipvs" | "xdp";
	service: string;
}

/** Everything observed in one node around the traffic of a phase: one exec before it, one after. */
export interface NodeProbe {
	node: string;
	/** Interfaces to capture on. */
	interfaces: string[];
	logs: BackendLog[];
	counters: CounterSource[];
	/** Commands whose output the scenario compares. */
	states: string[];
	/** True when stored uploads must be digested. */
	uploads: boolean;
}

function nodesMatching(lab: Lab, patterns: readonly string[]): string[] {
	return Object.keys(lab.nodes).filter((name) => patterns.some((pattern) => matchesHop(pattern, name)));
}

/** Every interface named in a lab's node. */
function interfacesOf(lab: Lab, node: string): string[] {
	return Object.keys(lab.nodes[node]?.interfaces ?? {});
}

/** Interfaces to capture on, by node. */
function capturePoints(lab: Lab, phase: Phase): Map<string, Set<string>> {
	const points = new Map<string, Set<string>>();
	const add = (node: string, interfaces: string[]) => {
		points.set(node, new Set([...(points.get(node) ?? []), ...interfaces]));
	};
	for (const expectation of phase.expect) {
		const { path, encapsulation, packets, sticky } = expectation;
		const hops = [...(path ? [...path.request, ...path.reply] : []), ...(encapsulation ? endsOf(encapsulation) : [])];
		for (const node of nodesMatching(lab, hops)) add(node, interfacesOf(lab, node));
		if (packets) add(packets.at, [packets.interface]);
		if (sticky) for (const { node } of backendLogs(lab)) add(node, interfacesOf(lab, node));
	}
	return points;
}

/** The probes of a phase, for those nodes that have something to watch. */
export function probesFor(lab: Lab, phase: Phase): NodeProbe[] {
	return probesAt(lab, phase, capturePoints(lab, phase));
}

/** The same with a capture on every interface of the lab. */
export function everywhere(lab: Lab, phase: Phase): NodeProbe[] {
	return probesAt(lab, phase, new Map(Object.keys(lab.nodes).map((node) => [node, new Set(interfacesOf(lab, node))])));
}

function probesAt(lab: Lab, phase: Phase, points: Map<string, Set<string>>): NodeProbe[] {
	const joined = phase.traffic !== undefined && phase.traffic.ping === undefined;
	return Object.keys(lab.nodes).flatMap((node): NodeProbe[] => {
		const probe: NodeProbe = {
			node,
			interfaces: [...(points.get(node) ?? [])],
			logs: joined ? backendLogs(lab).filter((log) => log.node === node) : [],
			counters: phase.expect.flatMap(({ counters }): CounterSource[] => {
				if (counters?.at !== node) return [];
				if (counters.ipvs) return [{ kind: "ipvs", service: counters.ipvs }];
				return counters.xdp ? [{ kind: "xdp", service: counters.xdp }] : [];
			}),
			states: phase.expect.flatMap(({ state, delay }) => {
				const asked = state ?? delay;
				return asked?.at === node ? [asked.run] : [];
			}),
			uploads: phase.traffic?.upload !== undefined,
		};
		const idle = probe.interfaces.length + probe.logs.length + probe.counters.length + probe.states.length === 0;
		return idle ? [] : [probe];
	});
}
