/** What is on a daemon, told from labels alone: it works after the lab file is gone. */
import type { ContainerInfo, Engine, NetworkInfo } from "../engine/engine.ts";
import { wordsOf } from "../model/error.ts";
import { LABEL } from "./labels.ts";
import { CONFIGURED_FILE } from "./lane-script.ts";

export interface InstanceNode {
	name: string;
	/** What it plays in the picture: client, router, balancer or real. */
	part: string;
	container: ContainerInfo;
	/** Lab addresses by interface, with prefix lengths. */
	addresses: Record<string, string[]>;
}

export interface Instance {
	lab: string;
	instance: string;
	plan: string;
	run: string;
	owner: string;
	/** The process that made it or still does; empty for one of an older version. */
	maker: string;
	created: string;
	nodes: InstanceNode[];
	/** All containers, the fabric included. */
	containers: ContainerInfo[];
	networks: NetworkInfo[];
}

/** The instances on a daemon, by name. A fabric that belongs to a machine and not to an instance is left out. */
export async function findInstances(engine: Engine): Promise<Instance[]> {
	const [containers, networks] = await Promise.all([
		engine.listContainers({}).then((all) => all.filter((entry) => entry.labels[LABEL.instance])),
		engine.listNetworks().then((all) => all.filter((entry) => entry.labels[LABEL.instance])),
	]);
	const names = new Set([...containers, ...networks].map((entry) => entry.labels[LABEL.instance] ?? ""));
	return [...names].sort().map((name) => {
		const own = containers.filter((entry) => entry.labels[LABEL.instance] === name);
		const nets = networks.filter((entry) => entry.labels[LABEL.instance] === name);
		const labels = own[0]?.labels ?? nets[0]?.labels ?? {};
		return {
			lab: labels[LABEL.lab] ?? name,
			instance: name,
			plan: labels[LABEL.plan] ?? "",
			run: labels[LABEL.run] ?? "",
			owner: labels[LABEL.owner] ?? "",
			maker: labels[LABEL.maker] ?? "",
			created: labels[LABEL.created] ?? "",
			nodes: own
				.filter((entry) => entry.labels[LABEL.role] === "node")
				.sort((a, b) => Number(a.labels[LABEL.order]) - Number(b.labels[LABEL.order]))
				.map(instanceNode),
			containers: own,
			networks: nets,
		};
	});
}

function instanceNode(container: ContainerInfo): InstanceNode {
	return {
		name: container.labels[LABEL.node] ?? container.name,
		part: container.labels[LABEL.part] ?? "",
		container,
		addresses: parseAddresses(container.labels[LABEL.addresses]),
	};
}

function parseAddresses(label: string | undefined): Record<string, string[]> {
	try {
		return JSON.parse(label ?? "{}") as Record<string, string[]>;
	} catch {
		// A label somebody else wrote: the instance can still be listed and removed.
		return {};
	}
}

/** True when every node of the instance runs and has been through all of its steps. */
export async function isComplete(engine: Engine, instance: Instance, nodes: string[]): Promise<boolean> {
	// Networks alone are what a run that was killed early leaves.
	if (nodes.length === 0) return false;
	const present = new Map(instance.nodes.map((node) => [node.name, node.container]));
	if (nodes.length !== present.size || nodes.some((name) => present.get(name)?.state !== "running")) return false;
	const done = await Promise.all(
		instance.nodes.map((node) => engine.exec(node.container.id, { command: ["test", "-e", CONFIGURED_FILE] })),
	);
	return done.every((result) => result.exitCode === 0);
}

/** Milliseconds a removal may take before it is given up; far more than a busy emulated daemon needs. */
const REMOVAL_DEADLINE = 120_000;
/** Bounds the looking again; the second round finds nothing unless the daemon was in the middle of something. */
const REMOVAL_ROUNDS = 5;

/**
 * Removes everything that carries the instance's label: containers first, as networks cannot go before them. Goes on when
 * one thing cannot be removed, has a deadline of its own, and returns what is left in words; empty means all gone.
 */
export async function removeInstance(engine: Engine, name: string): Promise<string[]> {
	// A daemon goes on making what a killed run has asked it for: looked at again until there is nothing more.
	for (let round = 1; ; round++) {
		const { found, problems } = await removeFound(engine, name);
		if (found === 0 || problems.length > 0 || round === REMOVAL_ROUNDS) return problems;
	}
}

async function removeFound(engine: Engine, name: string): Promise<{ found: number; problems: string[] }> {
	const problems: string[] = [];
	const attempt = async (what: string, work: Promise<void>) => {
		await withDeadline(work, REMOVAL_DEADLINE).catch((error: unknown) => {
			problems.push(`${what}: ${wordsOf(error)}`);
		});
	};
	const containers = await engine.listContainers({ [LABEL.instance]: name });
	await Promise.all(containers.map((entry) => attempt(`container ${entry.name}`, engine.removeContainer(entry.id))));
	const networks = await engine.listNetworks({ [LABEL.instance]: name });
	await Promise.all(networks.map((entry) => attempt(`network ${entry.name}`, engine.removeNetwork(entry.id))));
	return { found: containers.length + networks.length, problems };
}

async function withDeadline(work: Promise<void>, milliseconds: number): Promise<void> {
	let timer: NodeJS.Timeout | undefined;
	const deadline = new Promise<never>((_, reject) => {
		timer = setTimeout(() => reject(new Error(`not done after ${milliseconds / 1000} s`)), milliseconds);
	});
	try {
		await Promise.race([work, deadline]);
	} finally {
		clearTimeout(timer);
	}
}
