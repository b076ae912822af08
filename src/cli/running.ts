/** Everything that is up, wherever it is: in embedded machines and on the daemon the user has. */

import { closest } from "../config/suggest.ts";
import { connectDocker } from "../engine/docker-engine.ts";
import type { Engine } from "../engine/engine.ts";
import { stateDirectory } from "../machine/directories.ts";
import { listVms, type VmHandle } from "../machine/vm.ts";
import { LabError } from "../model/error.ts";
import { findInstances, type Instance } from "../run/instances.ts";
import type { CliContext } from "./cli-context.ts";

/** An emulated machine that shares its host with others was once seen to take more than five seconds for an answer. */
const MACHINE_PATIENCE_MS = 15_000;

export interface Running {
	instance: Instance;
	engine: Engine;
	vm?: VmHandle;
}

export interface Everything {
	running: Running[];
	/** Machines that have no lab inside, or do not answer. */
	emptyVms: VmHandle[];
	close: () => Promise<void>;
}

/** Looks at all machines and at the daemon. What does not answer is left out, not an error. */
export async function findEverything(context: CliContext): Promise<Everything> {
	const engines: Engine[] = [];
	const emptyVms: VmHandle[] = [];
	const inVms = (await listVms(stateDirectory(context.env))).map(async (vm): Promise<Running[]> => {
		try {
			const engine = await connectDocker({ socketPath: vm.socketPath }, MACHINE_PATIENCE_MS);
			engines.push(engine);
			const instances = await findInstances(engine);
			if (instances.length === 0) emptyVms.push(vm);
			return instances.map((instance) => ({ instance, engine, vm }));
		} catch {
			// Dying, or just being started by another lab.
			emptyVms.push(vm);
			return [];
		}
	});
	const onDaemon = context.findDaemon().then(async ({ found }): Promise<Running[]> => {
		if (!found) return [];
		engines.push(found.engine);
		return (await findInstances(found.engine)).map((instance) => ({ instance, engine: found.engine }));
	});
	const running = (await Promise.all([...inVms, onDaemon])).flat();
	running.sort((a, b) => a.instance.instance.localeCompare(b.instance.instance));
	return { running, emptyVms, close: async () => void (await Promise.all(engines.map((engine) => engine.close()))) };
}

/** The one that is meant: by name, or the only one there is. */
export function pickInstance(running: Running[], name: string | undefined): Running {
	const names = running.map((entry) => entry.instance.instance);
	if (name !== undefined) {
		const found = running.find((entry) => entry.instance.instance === name);
		if (found) return found;
		const guess = closest(name, names);
		throw new LabError("input", `no lab called ${name} is up${guess ? `; did you mean ${guess}?` : ""}`, {
			code: "not-up",
			hint: names.length > 0 ? `Up now: ${names.join(", ")}` : `Bring it up: lab up ${name}`,
		});
	}
	const [only, ...others] = running;
	if (!only) throw new LabError("input", "no lab is up", { code: "not-up", hint: "Bring one up: lab up katran-dsr" });
	if (others.length === 0) return only;
	throw new LabError("input", `${names.length} labs are up; say which one`, {
		code: "ambiguous",
		hint: `One of: ${names.join(", ")}`,
	});
}

/** The node that is meant; without an instance name, any instance that has a node of this name, when it is the only one. */
export function pickNode(running: Running[], node: string, instance: string | undefined) {
	const withNode = running.filter((entry) => entry.instance.nodes.some((candidate) => candidate.name === node));
	const chosen = pickInstance(instance === undefined && withNode.length > 0 ? withNode : running, instance);
	const found = chosen.instance.nodes.find((candidate) => candidate.name === node);
	if (found) return { ...chosen, node: found };
	const names = chosen.instance.nodes.map((candidate) => candidate.name);
	const guess = closest(node, names);
	throw new LabError(
		"input",
		`${chosen.instance.instance} has no node ${node}${guess ? `; did you mean ${guess}?` : ""}`,
		{
			code: "no-such-node",
			hint: `Its nodes: ${names.join(", ")}`,
		},
	);
}
