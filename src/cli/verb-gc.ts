/** `lab gc` */
import { readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { cacheDirectory, stateDirectory } from "../machine/directories.ts";
import { isAlive, parseIdentity } from "../machine/process-identity.ts";
import { snapshotStatus, sweep } from "../machine/snapshot.ts";
import { listVms, removeDeadVms, stopVm } from "../machine/vm.ts";
import { LabError } from "../model/error.ts";
import { IMAGES } from "../model/lab.ts";
import type { SetupContext } from "../model/progress.ts";
import { isComplete, removeInstance } from "../run/instances.ts";
import type { CliContext } from "./cli-context.ts";
import type { Flags } from "./flags.ts";
import { print } from "./output.ts";
import { resultsRoot } from "./run-session.ts";
import { findEverything } from "./running.ts";
import { setupContext } from "./setup-context.ts";

/** Runs of the results folder that `--all` keeps. */
const KEPT_RUNS = 10;

/**
 * Removes what nobody can want any more: instances that were never finished, machines that died or have no lab, leftovers of
 * killed set-ups, snapshots and images of older sources. A lab that is up as planned is never touched, nor what a process of
 * this host is making just now. `--all` also removes all but the newest results.
 */
export async function gc(context: CliContext, _args: string[], flags: Flags): Promise<number> {
	const removed: string[] = [];
	const busy: string[] = [];
	const problems: string[] = [];
	const everything = await findEverything(context);
	try {
		for (const { instance, engine, vm } of everything.running) {
			const names = instance.nodes.map((node) => node.name);
			if (await isComplete(engine, instance, names).catch(() => false)) continue;
			const maker = parseIdentity(instance.maker);
			if (maker && isAlive(maker)) {
				busy.push(`instance ${instance.instance}: process ${maker.pid} is at work on it`);
				continue;
			}
			if (vm) await stopVm(vm);
			else problems.push(...(await removeInstance(engine, instance.instance)));
			removed.push(`half-made instance ${instance.instance}`);
		}
		for (const vm of everything.emptyVms.filter((entry) => entry.alive)) {
			if (vm.starter !== undefined) {
				busy.push(`machine ${vm.name}: process ${vm.starter} has started it`);
				continue;
			}
			await stopVm(vm);
			removed.push(`machine ${vm.name} without a lab`);
		}
	} finally {
		await everything.close();
	}
	removed.push(...(await sweepMachines(context, flags)));
	if (flags.all) removed.push(...(await sweepResults(resultsRoot(context, flags))));
	if (problems.length > 0) {
		throw new LabError("broken", `could not remove everything: ${problems.join("; ")}`, { code: "removal-failed" });
	}
	print(context, flags, { removed, busy }, () => {
		const lines = [...removed.map((name) => `removed ${name}`), ...busy.map((text) => `left alone: ${text}`)];
		return lines.length > 0 ? lines.join("\n") : "nothing to remove";
	});
	return 0;
}

async function sweepMachines(context: CliContext, flags: Flags): Promise<string[]> {
	if (process.platform !== "linux") return [];
	const state = stateDirectory(context.env);
	const dead = (await removeDeadVms(state)).map((name) => `dead machine ${name}`);
	const setup = setupContext(context, flags, { listen: () => {}, signal: context.signal });
	// Without QEMU there is no current snapshot to tell from an old one.
	const busy = (await listVms(state)).length > 0;
	const current = busy ? [] : await currentSnapshots(setup);
	const keep = current.length > 0 ? { keep: current } : {};
	return [...dead, ...(await sweep(setup, { cacheDir: cacheDirectory(context.env), stateDir: state, ...keep }))];
}

/** Hashes of the snapshots that labs would use now: with the node image alone, and with every other image. */
async function currentSnapshots(setup: SetupContext): Promise<string[]> {
	const hashes: string[] = [];
	for (const extraImages of [[], ...IMAGES.filter((name) => name !== "node").map((name) => [name])]) {
		const status = await snapshotStatus(setup, { extraImages }).catch(() => undefined);
		if (status?.ready) hashes.push(status.snapshot.hash);
	}
	return hashes;
}

async function sweepResults(folder: string): Promise<string[]> {
	const runs = (await readdir(folder).catch(() => [])).filter((name) => /^\d{8}-\d{6}-/.test(name)).sort();
	const old = runs.slice(0, Math.max(0, runs.length - KEPT_RUNS));
	for (const name of old) {
		if ((await stat(join(folder, name))).isDirectory()) await rm(join(folder, name), { recursive: true });
	}
	return old.map((name) => `results of run ${name}`);
}
