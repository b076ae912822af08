/**
 * The snapshot every machine is restored from: made once per content hash, checked before use, made again when it is
 * missing, outdated or damaged. Two `lab` commands at once share one set-up.
 */

import { readdir, rm, stat, utimes } from "node:fs/promises";
import { join } from "node:path";
import type { SetupContext } from "../model/progress.ts";
import { architectureOf } from "./architecture.ts";
import { BAKING_PREFIX, BUILDING_PREFIX, buildSnapshot } from "./build-snapshot.ts";
import { cacheDirectory, makePrivate, stateDirectory } from "./directories.ts";
import { ensureHostPackages, missingNeeds } from "./host-packages.ts";
import { checkResources } from "./host-resources.ts";
import { readRecord, TEMPORARY_PREFIX } from "./instance.ts";
import { sweepLocks, withLock } from "./lock.ts";
import { isAlive } from "./process-identity.ts";
import type { MachineSpec } from "./qemu-args.ts";
import { buildNeeds, imageTarsDirectory, tarName } from "./rootfs.ts";
import { sweepScratch, unpackingParent } from "./scratch.ts";
import { metaPath, type SnapshotMeta, verifySnapshot } from "./snapshot-meta.ts";
import {
	DISK_NEEDS,
	KERNEL_PREFIX,
	planSnapshot,
	runNeeds,
	type SnapshotOptions,
	type SnapshotPlan,
	snapshotsDirectory,
} from "./snapshot-plan.ts";

/** Making a new snapshot removes others unless they were used this recently: two checkouts may share one cache. */
const SPARED_MS = 24 * 3600 * 1000;

/** A snapshot ready to be restored. */
export interface Snapshot extends Omit<SnapshotMeta, "format" | "files"> {
	dir: string;
	spec: MachineSpec;
}

/**
 * The snapshot of this host, made now if there is none that can be used. Installs missing packages first.
 * @throws LabError `environment` when the host lacks packages, disk, memory or namespaces; the signal's reason when
 *   cancelled
 */
export async function ensureSnapshot(context: SetupContext, options: SnapshotOptions = {}): Promise<Snapshot> {
	const needs = runNeeds(architectureOf());
	// Without QEMU there cannot be a snapshot for it either: one question for everything.
	if ((await missingNeeds(context.env, needs)).length > 0) {
		await ensureHostPackages(context, [...needs, ...DISK_NEEDS, ...buildNeeds()]);
	}
	// Planning builds a kernel where KVM has to be tried.
	const plan = await planSnapshot(context, options, () => ensureHostPackages(context, buildNeeds()));
	const checking = (why: string) => tell(context, `comparing the snapshot with its digests: ${why}`);
	const present = await verifySnapshot(plan.directory, plan.hash, checking);
	if ("meta" in present) {
		// The date says when it was last used.
		await utimes(metaPath(plan.directory), new Date(), new Date());
		return toSnapshot(plan, present.meta);
	}
	const waiting = (pid: number) => tell(context, `process ${pid} is setting the machine up; waiting for it`);
	const lock = join(snapshotsDirectory(plan.cacheDir), `${plan.hash}.lock`);
	return withLock(lock, context.signal, waiting, async () => {
		const again = await verifySnapshot(plan.directory, plan.hash);
		if ("meta" in again) return toSnapshot(plan, again.meta);
		const had = (await readdir(plan.directory).catch(() => [])).length > 0;
		if (had) tell(context, `the snapshot is made again: ${again.fault}`);
		const kept = [{ name: "node", hash: plan.nodeHash }, { name: "vm", hash: plan.vmHash }, ...plan.extraImages];
		const keepTars = kept.map(({ name, hash }) => tarName(name, hash));
		await sweep(context, { cacheDir: plan.cacheDir, keep: [plan.hash], keepTars, usedWithinMs: SPARED_MS });
		await ensureHostPackages(context, [...needs, ...DISK_NEEDS, ...buildNeeds()]);
		await checkResources(plan.cacheDir);
		return toSnapshot(plan, await buildSnapshot(context, plan));
	});
}

function tell(context: SetupContext, text: string): void {
	context.listen({ kind: "line", phase: "vm-snapshot", text });
}

function toSnapshot(plan: SnapshotPlan, meta: SnapshotMeta): Snapshot {
	const { format: _format, files: _files, ...facts } = meta;
	return { ...facts, dir: plan.directory, spec: plan.spec };
}

/** What `lab doctor` and `lab vm status` say about the snapshot, without making anything. */
export async function snapshotStatus(context: SetupContext, options: SnapshotOptions = {}) {
	const missing = await missingNeeds(context.env, runNeeds(architectureOf()));
	if (missing.length > 0)
		return { ready: false as const, reason: `missing: ${missing.map((n) => n.command).join(", ")}` };
	const plan = await planSnapshot(context, options);
	const found = await verifySnapshot(plan.directory, plan.hash);
	if ("fault" in found) return { ready: false as const, reason: found.fault, decision: plan.decision };
	return { ready: true as const, snapshot: toSnapshot(plan, found.meta) };
}

/** Removes every snapshot, so that the next start makes one. Running machines keep theirs open and go on. */
export async function removeSnapshots(context: SetupContext, cacheDir = cacheDirectory(context.env)): Promise<void> {
	const directory = snapshotsDirectory(cacheDir);
	for (const name of await readdir(directory).catch(() => [])) {
		if (/^[0-9a-f]{16}$/.test(name)) await rm(join(directory, name), { recursive: true, force: true });
	}
}

/** Removes the snapshot and makes it again. */
export async function rebuild(context: SetupContext, options: SnapshotOptions = {}): Promise<Snapshot> {
	await removeSnapshots(context, options.cacheDir);
	return ensureSnapshot(context, options);
}

export interface SweepOptions {
	cacheDir?: string;
	stateDir?: string;
	/** Hashes of the snapshots to keep, others are removed; without it all stay. */
	keep?: readonly string[];
	/** File names of tars to keep, others of the same images are removed; without it all stay. */
	keepTars?: readonly string[];
	/** Spares what was used or made within this many ms; default 0. */
	usedWithinMs?: number;
}

/**
 * Removes what killed processes left (half-built snapshots and tars, unpacked trees, locks, machines that were being
 * baked) and, where asked for, snapshots and root filesystems of other hashes. Returns the removed paths.
 */
export async function sweep(context: SetupContext, options: SweepOptions = {}): Promise<string[]> {
	const cacheDir = options.cacheDir ?? cacheDirectory(context.env);
	const snapshots = await makePrivate(snapshotsDirectory(cacheDir));
	const removed = await sweepDead(context, cacheDir, options.stateDir ?? stateDirectory(context.env));
	const { keep, keepTars, usedWithinMs = 0 } = options;
	const unused = async (path: string) =>
		Date.now() - ((await stat(path).catch(() => undefined))?.mtimeMs ?? 0) >= usedWithinMs;
	if (keep !== undefined) {
		const old = (name: string) => /^[0-9a-f]{16}$/.test(name) && !keep.includes(name);
		removed.push(
			...(await removeWhere(snapshots, async (name) => old(name) && unused(metaPath(join(snapshots, name))))),
		);
	}
	if (keepTars !== undefined) {
		const tars = imageTarsDirectory(cacheDir);
		const imageOf = (name: string) => /^(\w+)-[0-9a-f]{12}\.tar$/.exec(name)?.[1];
		const images = keepTars.map(imageOf);
		const old = (name: string) => !keepTars.includes(name) && images.includes(imageOf(name) ?? "");
		removed.push(...(await removeWhere(tars, async (name) => old(name) && unused(join(tars, name)))));
	}
	return removed;
}

/** What processes that are gone left behind. */
async function sweepDead(context: SetupContext, cacheDir: string, stateDir: string): Promise<string[]> {
	const snapshots = snapshotsDirectory(cacheDir);
	const tars = imageTarsDirectory(cacheDir);
	const { parent, prefix } = unpackingParent();
	const removed = [
		...(await sweepLocks(snapshots)),
		...(await sweepLocks(tars)),
		...(await sweepScratch(context, snapshots, BUILDING_PREFIX)),
		...(await sweepScratch(context, cacheDir, KERNEL_PREFIX)),
		...(await sweepScratch(context, cacheDir, TEMPORARY_PREFIX)),
		...(await sweepScratch(context, parent, prefix)),
	];
	const building = (await readdir(tars).catch(() => [])).filter((name) => name.endsWith(".lock"));
	const halfTar = (name: string) => name.endsWith(".partial") && !building.includes(name.replace(/partial$/, "lock"));
	const deadBake = async (name: string) => {
		const record = name.startsWith(BAKING_PREFIX) ? await readRecord(join(stateDir, name)) : undefined;
		return record !== undefined && !isAlive(record.process);
	};
	removed.push(...(await removeWhere(tars, async (name) => halfTar(name))), ...(await removeWhere(stateDir, deadBake)));
	return removed;
}

/** Removes the entries of a directory that a test picks. Returns their paths. */
async function removeWhere(directory: string, test: (name: string) => Promise<boolean>): Promise<string[]> {
	const removed: string[] = [];
	for (const name of await readdir(directory).catch(() => [])) {
		if (!(await test(name))) continue;
		await rm(join(directory, name), { recursive: true, force: true });
		removed.push(join(directory, name));
	}
	return removed;
}
