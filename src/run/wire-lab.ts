/** Makes the wires of a lab: by the fabric (veth) or by renaming what Docker attached. */
import type { ContainerInfo, ExecResult } from "../engine/engine.ts";
import { LabError } from "../model/error.ts";
import type { Plan, PlannedNode } from "../model/plan.ts";
import {
	dockerNodeCommands,
	fabricCommands,
	isVeth,
	passCommands,
	vethNodeCommands,
	vethPorts,
} from "../plan/wire-script.ts";
import type { RunContext } from "./context.ts";
import { LABEL, labelsFor } from "./labels.ts";

/** Reaching into other containers by process id takes these. */
const FABRIC_CAPABILITIES = ["NET_ADMIN", "SYS_ADMIN", "SYS_PTRACE"];

/** Container, pid and MAC addresses of every node once it runs. */
export type RunningNodes = Map<string, ContainerInfo>;

/** Where the segments live. */
export interface Fabric {
	container: string;
	/** Runs a script there. */
	run: (script: string) => Promise<ExecResult>;
}

/** True when the plan has a wire that the fabric must make. */
export function needsFabric(plan: Plan): boolean {
	return vethPorts(plan).length > 0;
}

/**
 * The helper container in whose network namespace the segments live. An embedded VM has one already, in its snapshot;
 * elsewhere every instance gets its own, labelled like everything else.
 */
export async function ensureFabric(context: RunContext, plan: Plan, fingerprint: string): Promise<Fabric> {
	const { engine, signal } = context;
	const shared = (await engine.listContainers({ [LABEL.role]: "fabric" })).find(
		(entry) => entry.state === "running" && entry.labels[LABEL.instance] === undefined,
	);
	if (shared) {
		const run = (script: string) => engine.exec(shared.id, { command: ["sh", "-c", script], signal });
		return { container: shared.id, run };
	}
	const id = await engine.createContainer({
		name: `lab-${plan.instance}-fabric`,
		image: await context.ensureImage("node"),
		hostname: "fabric",
		command: ["tini", "--", "sleep", "infinity"],
		labels: labelsFor(context, plan, fingerprint, "fabric"),
		capabilities: FABRIC_CAPABILITIES,
		privileged: false,
		apparmor: "unconfined",
		hostPids: true,
		attachments: [],
		scripted: true,
	});
	await engine.startContainer(id);
	return { container: id, run: (script) => engine.runScript(id, { script, signal, last: true }) };
}

/** Makes segments and veth pairs and gives the far ends their addresses, in one script in the fabric. */
export async function wireVeth(fabric: Fabric, plan: Plan, running: RunningNodes): Promise<void> {
	const pids = Object.fromEntries([...running].map(([name, info]) => [name, String(info.pid)]));
	const lines = [clearFabric(plan), ipBatch("", fabricCommands(plan, pids))];
	lines.push(...passCommands(plan).map((command) => `{ ${command}; } || exit 1`));
	for (const node of plan.nodes) {
		const commands = vethNodeCommands(plan, node);
		lines.push(`( ${ipBatch(`nsenter -t ${pids[node.name]} -n `, commands)} ) & waits="$waits $!"`);
	}
	lines.push("rc=0; for pid in $waits; do wait $pid || rc=1; done; exit $rc");
	orThrow(await fabric.run(lines.join("\n")), `the wires of ${plan.instance} could not be made`);
}

/**
 * A machine's fabric outlives its instance: after a rebuild the segments of the one before are still in it, and its wires
 * for as long as the kernel takes to end a namespace.
 */
function clearFabric(plan: Plan): string {
	const segments = plan.networks.filter(({ driver }) => driver === "veth").map(({ objectName }) => objectName);
	const links = [...segments, ...vethPorts(plan).map((port) => port.fabricPort)].join(" ");
	return `for link in ${links}; do [ ! -e /sys/class/net/$link ] || ip link delete $link 2>/dev/null; done`;
}

/** Many `ip` commands in one process: starting one costs 20 ms under emulation. */
function ipBatch(prefix: string, commands: string[]): string {
	const batch = commands.map((command) => command.replace(/^ip /, "")).join("\n");
	return `${prefix}ip -batch - <<'IP' || exit 1\n${batch}\nIP\n`;
}

/** Renames the interfaces Docker made in one node and takes Docker's own route out of the picture. */
export async function wireDocker(
	context: RunContext,
	plan: Plan,
	node: PlannedNode,
	info: ContainerInfo,
): Promise<void> {
	const commands = dockerNodeCommands(plan, node, portMacs(plan, node, info));
	if (commands.length === 0) return;
	const { engine, signal } = context;
	const result = await engine.runScript(info.id, { script: commands.join("\n"), signal });
	orThrow(result, `the interfaces of ${node.name} could not be set up`);
}

/** MAC addresses as they are, by interface name: what Docker reports for its networks, what we planned for wires. */
export function portMacs(plan: Plan, node: PlannedNode, info: ContainerInfo): Record<string, string> {
	return Object.fromEntries(
		node.ports.map((port) => {
			const network = plan.networks.find((entry) => entry.name === port.network);
			const reported = isVeth(plan, port) ? undefined : info.endpoints[network?.objectName ?? ""]?.mac;
			return [port.interface, reported || port.mac];
		}),
	);
}

function orThrow(result: ExecResult, what: string): void {
	if (result.exitCode === 0) return;
	const words = `${result.stderr.toString("utf8")}${result.stdout.toString("utf8")}`.trim();
	throw new LabError("broken", `${what}: ${words || `exit code ${result.exitCode}`}`, { code: "wiring-failed" });
}
