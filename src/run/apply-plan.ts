/** Plan -> running lab. Makes one call for each thing planned and decides nothing. */
import type { Attachment } from "../engine/engine.ts";
import { LabError } from "../model/error.ts";
import type { Plan, PlannedNode } from "../model/plan.ts";
import { planFingerprint } from "../plan/plan-lab.ts";
import { type RunContext, throwIfAborted } from "./context.ts";
import { LABEL, labelsFor } from "./labels.ts";
import { LaneReader, laneScript } from "./lane-script.ts";
import { ensureFabric, needsFabric, type RunningNodes, wireDocker, wireVeth } from "./wire-lab.ts";

/** PID 1 of a node: reaps what services leave behind and does nothing else. */
const NODE_COMMAND = ["tini", "--", "sleep", "infinity"];

/** Brings a planned lab up on a daemon that has nothing of this instance. The caller cleans up when it throws. */
export async function applyPlan(context: RunContext, plan: Plan): Promise<RunningNodes> {
	const fingerprint = planFingerprint(plan);
	context.emit({
		type: "lab-planned",
		lab: plan.lab,
		instance: plan.instance,
		nodes: plan.nodes.map(({ name, role, steps }) => ({ name, role, steps: steps.length })),
	});
	const images = new Map<string, string>();
	for (const node of plan.nodes) {
		if (!images.has(node.image)) images.set(node.image, await context.ensureImage(node.image));
	}
	throwIfAborted(context.signal);
	const networks = createNetworks(context, plan, fingerprint);
	const fabric = needsFabric(plan) ? ensureFabric(context, plan, fingerprint) : Promise.resolve(undefined);
	const starts = plan.nodes.map(async (node) => {
		// Only its own: Docker makes one network after the other.
		await Promise.all(node.ports.map((port) => networks.get(port.network)));
		return startNode(context, plan, node, images.get(node.image) ?? "", fingerprint);
	});
	await settled([...networks.values(), fabric, ...starts]);
	const [made, ...nodes] = await Promise.all([fabric, ...starts] as const);
	const running: RunningNodes = new Map(nodes.map((info, index) => [plan.nodes[index]?.name ?? "", info]));
	throwIfAborted(context.signal);
	if (made) await wireVeth(made, plan, running);
	throwIfAborted(context.signal);
	await settled(plan.nodes.map((node) => configureNode(context, plan, node, running)));
	throwIfAborted(context.signal);
	return running;
}

/** Waits for all, so that nothing is still being made when the first failure is cleaned up; then throws that failure. */
async function settled(work: readonly Promise<unknown>[]): Promise<void> {
	const results = await Promise.allSettled(work);
	const failed = results.find((result) => result.status === "rejected");
	if (failed) throw failed.reason;
}

/** Begins to make the Docker networks; by name in the plan. */
function createNetworks(context: RunContext, plan: Plan, fingerprint: string): Map<string, Promise<unknown>> {
	const made = new Map<string, Promise<unknown>>();
	for (const network of plan.networks) {
		if (network.driver !== "docker" || !network.subnet || !network.gateway) continue;
		const spec = {
			name: network.objectName,
			subnet: network.subnet,
			gateway: network.gateway,
			...(network.mtu ? { mtu: network.mtu } : {}),
			labels: labelsFor(context, plan, fingerprint, "network", { [LABEL.network]: network.name }),
		};
		made.set(network.name, context.engine.createNetwork(spec));
	}
	return made;
}

async function startNode(context: RunContext, plan: Plan, node: PlannedNode, image: string, fingerprint: string) {
	const { engine, emit } = context;
	throwIfAborted(context.signal);
	const addresses = Object.fromEntries(node.ports.map((port) => [port.interface, port.addresses]));
	const id = await engine.createContainer({
		name: node.container,
		image,
		hostname: node.name,
		command: NODE_COMMAND,
		labels: labelsFor(context, plan, fingerprint, "node", {
			[LABEL.node]: node.name,
			[LABEL.part]: node.role,
			[LABEL.order]: String(plan.nodes.indexOf(node)),
			[LABEL.addresses]: JSON.stringify(addresses),
		}),
		capabilities: node.capabilities,
		privileged: node.privileged,
		...(node.apparmor ? { apparmor: node.apparmor } : {}),
		attachments: dockerAttachments(plan, node),
		scripted: true,
	});
	emit({ type: "node-state", lab: plan.lab, node: node.name, state: "created" });
	for (const program of node.programs) {
		const content = await context.program(program);
		await engine.copyIn(id, [{ path: `/usr/local/bin/${program}`, content, mode: 0o755 }]);
	}
	await engine.startContainer(id);
	const info = await engine.inspectContainer(id);
	if (info.state !== "running" || info.pid === 0) {
		throw new LabError("broken", `node ${node.name} ended at once: ${(await engine.logs(id, 5)).trim()}`, {
			code: "node-ended",
		});
	}
	throwIfAborted(context.signal);
	// Before the fabric's wires: until Docker's interfaces are renamed, one may have the name that a wire's end is to get.
	await wireDocker(context, plan, node, info);
	emit({ type: "node-state", lab: plan.lab, node: node.name, state: "running" });
	return info;
}

function dockerAttachments(plan: Plan, node: PlannedNode): Attachment[] {
	return node.ports.flatMap((port) => {
		const network = plan.networks.find((entry) => entry.name === port.network);
		const address = port.addresses[0]?.split("/")[0];
		if (network?.driver !== "docker" || !address) return [];
		return [{ network: network.objectName, address, mac: port.mac }];
	});
}

async function configureNode(context: RunContext, plan: Plan, node: PlannedNode, running: RunningNodes): Promise<void> {
	const container = running.get(node.name)?.id ?? node.container;
	let failed: { step: string; exitCode: number; output: string } | undefined;
	const byId = new Map(node.steps.map((step) => [step.id, step]));
	const place = { lab: plan.lab, node: node.name };
	const reader = new LaneReader((mark, output) => {
		if (mark.kind === "begin") {
			context.emit({ type: "step-begin", ...place, step: mark.step, commands: byId.get(mark.step)?.commands ?? [] });
			return;
		}
		if (mark.kind === "failed") failed = { step: mark.step, exitCode: mark.exitCode, output };
		context.emit({
			type: "step-end",
			...place,
			step: mark.step,
			ok: mark.kind === "ok",
			...(output ? { output } : {}),
		});
	});
	const result = await context.engine.runScript(container, {
		script: laneScript(plan.hosts, node.steps),
		onStdout: (chunk) => reader.push(chunk),
		signal: context.signal,
		last: true,
	});
	if (result.exitCode === 0 && !failed) {
		context.emit({ type: "node-state", lab: plan.lab, node: node.name, state: "configured" });
		return;
	}
	context.emit({ type: "node-state", lab: plan.lab, node: node.name, state: "failed" });
	throw stepError(plan, node, failed, result);
}

function stepError(
	plan: Plan,
	node: PlannedNode,
	failed: { step: string; exitCode: number; output: string } | undefined,
	result: { exitCode: number; stderr: Buffer },
): LabError {
	if (!failed) {
		const words = result.stderr.toString("utf8").trim();
		return new LabError(
			"broken",
			`node ${node.name} could not be configured: ${words || `exit code ${result.exitCode}`}`,
			{
				code: "step-failed",
			},
		);
	}
	const commands = node.steps.find((step) => step.id === failed?.step)?.commands ?? [];
	return new LabError(
		"broken",
		`step ${failed.step} of node ${node.name} failed with exit code ${failed.exitCode}: ${failed.output.trim() || "(no output)"}`,
		{
			code: "step-failed",
			hint: `It ran: ${commands.join("; ")}\nLook around with: lab up ${plan.lab} --keep, then lab shell ${node.name}`,
		},
	);
}
