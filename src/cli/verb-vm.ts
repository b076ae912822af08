/** `lab vm` */

import { stateDirectory } from "../machine/directories.ts";
import { rebuild as rebuildSnapshot, snapshotStatus } from "../machine/snapshot.ts";
import { listVms, stopVm, type VmHandle, vmLog, vmStatus } from "../machine/vm.ts";
import { LabError } from "../model/error.ts";
import { alignRows, textTable } from "../report/table.ts";
import type { CliContext } from "./cli-context.ts";
import type { Flags } from "./flags.ts";
import { print } from "./output.ts";
import { setupContext, setupLines } from "./setup-context.ts";

const ACTIONS = { status, stop, rebuild, log } as const;

export async function vm(context: CliContext, args: string[], flags: Flags): Promise<number> {
	const [action = "", name] = args;
	if (process.platform !== "linux") {
		throw new LabError("environment", "the embedded machine needs a Linux host", {
			code: "vm-unsupported",
			hint: "Use a Docker daemon: --engine docker",
		});
	}
	const run = ACTIONS[action as keyof typeof ACTIONS];
	if (run) return run(context, flags, name);
	throw new LabError("input", `lab vm knows no action "${action}"`, {
		code: "unknown-action",
		hint: `One of: ${Object.keys(ACTIONS).join(", ")}`,
	});
}

async function status(context: CliContext, flags: Flags): Promise<number> {
	const setup = setupContext(context, flags, { listen: () => {}, signal: context.signal });
	const snapshot = await snapshotStatus(setup);
	const handles = await listVms(stateDirectory(context.env));
	const machines = await Promise.all(
		handles.map(async (handle) => ({
			...{ name: handle.name, pid: handle.pid, accel: handle.accel, kernel: handle.kernel },
			...(await vmStatus(handle)),
		})),
	);
	const ready = snapshot.ready
		? { ready: true, hash: snapshot.snapshot.hash, accel: snapshot.snapshot.accel, kernel: snapshot.snapshot.kernel }
		: { ready: false, reason: snapshot.reason };
	print(context, flags, { snapshot: ready, machines }, () => {
		const words =
			"hash" in ready ? `ready: kernel ${ready.kernel}, ${ready.accel}, ${ready.hash}` : `not there (${ready.reason})`;
		const rows = machines.map((entry) => [
			entry.name,
			entry.alive ? "running" : "dead",
			String(entry.pid),
			`${Math.round(entry.uptimeS)} s`,
			entry.residentBytes === undefined ? "" : `${Math.round(entry.residentBytes / 1e6)} MB`,
			entry.lab ? "yes" : "no",
		]);
		const table =
			rows.length > 0 ? textTable(["machine", "state", "pid", "up", "memory", "lab"], rows) : "no machine runs\n";
		return `${alignRows([["snapshot", words]])}${table}`;
	});
	return 0;
}

/** The machines meant: one by name, all with --all, or the only one. */
async function chosen(context: CliContext, flags: Flags, name: string | undefined): Promise<VmHandle[]> {
	const handles = await listVms(stateDirectory(context.env));
	if (flags.all) return handles;
	if (name === undefined && handles.length === 1) return handles;
	const found = handles.filter((handle) => handle.name === name);
	if (found.length > 0) return found;
	const names = handles.map((handle) => handle.name).join(", ");
	throw new LabError("input", name === undefined ? "say which machine" : `no machine is called ${name}`, {
		code: "no-such-machine",
		hint: names ? `Machines: ${names}` : "None runs.",
	});
}

async function stop(context: CliContext, flags: Flags, name: string | undefined): Promise<number> {
	const handles = await chosen(context, flags, name);
	for (const handle of handles) await stopVm(handle);
	const stopped = handles.map((handle) => handle.name);
	print(context, flags, { stopped }, () => (stopped.length > 0 ? `${stopped.join(", ")}: stopped` : "no machine ran"));
	return 0;
}

async function rebuild(context: CliContext, flags: Flags): Promise<number> {
	const setup = setupContext(context, flags, { listen: setupLines(context), signal: context.signal });
	const snapshot = await rebuildSnapshot(setup);
	const { hash, kernel, accel } = snapshot;
	print(context, flags, { hash, kernel, accel }, () => `snapshot ${hash}: kernel ${kernel}, ${accel}`);
	return 0;
}

async function log(context: CliContext, flags: Flags, name: string | undefined): Promise<number> {
	const [handle] = await chosen(context, { ...flags, all: false }, name);
	if (!handle) return 0;
	const { supervisor, console: guest } = await vmLog(handle);
	print(context, flags, { supervisor, console: guest }, () => `${supervisor}${guest}`);
	return 0;
}
