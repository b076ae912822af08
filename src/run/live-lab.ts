/** A lab that is up, as traffic and measurements see it. */
import type { ContainerInfo } from "../engine/engine.ts";
import { LabError } from "../model/error.ts";
import { addressesOf, type Lab } from "../model/lab.ts";
import type { PortRecord } from "../model/observation.ts";
import type { Plan } from "../model/plan.ts";
import type { RunContext } from "./context.ts";
import { findInstances } from "./instances.ts";
import { portMacs } from "./wire-lab.ts";

export interface LiveLab {
	lab: Lab;
	plan: Plan;
	/** Container of each node. */
	containers: Map<string, ContainerInfo>;
	ports: PortRecord[];
}

/** Looks at an instance that is up: which container is which node, and which MAC address is whose. */
export async function liveLab(context: RunContext, lab: Lab, plan: Plan): Promise<LiveLab> {
	const instance = (await findInstances(context.engine)).find((entry) => entry.instance === plan.instance);
	const containers = new Map((instance?.nodes ?? []).map((node) => [node.name, node.container]));
	// Listing containers does not tell process ids or endpoints on every daemon version; inspecting does.
	for (const [name, info] of containers) containers.set(name, await context.engine.inspectContainer(info.id));
	const ports = plan.nodes.flatMap((node): PortRecord[] => {
		const info = containers.get(node.name);
		const macs = info ? portMacs(plan, node, info) : {};
		const entries = Object.entries(lab.nodes[node.name]?.interfaces ?? {});
		return entries.map(([name, entry]) => ({
			node: node.name,
			interface: name,
			mac: macs[name] ?? "",
			addresses: addressesOf(entry),
		}));
	});
	return { lab, plan, containers, ports };
}

/** The container of a node; a node that is gone is an error of its own and never a failed check. */
export function containerOf(live: LiveLab, node: string): string {
	const container = live.containers.get(node);
	if (!container) {
		throw new LabError("broken", `node ${node} of ${live.plan.instance} is not there`, {
			code: "node-gone",
			hint: `Bring the lab up again: lab up ${live.lab.name}`,
		});
	}
	return container.id;
}
