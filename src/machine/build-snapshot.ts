/** Making a snapshot: build, boot, bake, save. Everything happens in a directory that is renamed when it is complete. */

import { readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { LabError } from "../model/error.ts";
import { type SetupContext, timedPhase } from "../model/progress.ts";
import { importImage, startFabric, warmUp } from "./bake.ts";
import { makePrivate, stateDirectory } from "./directories.ts";
import { makeDisk } from "./disk.ts";
import { GuestControl } from "./guest-control.ts";
import { type BootFiles, extractBootFiles } from "./initrd.ts";
import { launch, type Running } from "./launch.ts";
import { INSTANCE_FILES, qemuArguments } from "./qemu-args.ts";
import { Qmp, saveState } from "./qmp.ts";
import { buildImageTar, type ImageTar } from "./rootfs.ts";
import { disown, makeScratch, removeTree } from "./scratch.ts";
import { machineFiles, SNAPSHOT_FILES, type SnapshotMeta, sealSnapshot } from "./snapshot-meta.ts";
import { buildMachineTar, type SnapshotPlan, snapshotsDirectory } from "./snapshot-plan.ts";

/** Names of snapshot directories that are being made; swept when their owner is gone. */
export const BUILDING_PREFIX = ".building-";
/** Names of the instances they boot in; not listed as machines. */
export const BAKING_PREFIX = ".bake-";
/** A cold boot takes 7 s under emulation; a host busy with other work gets this long, in ms. */
const BOOT_TIMEOUT_MS = 120_000;

/**
 * Makes the planned snapshot. The caller holds the lock.
 * @throws LabError; the signal's reason when cancelled. Nothing is left behind then.
 */
export async function buildSnapshot(context: SetupContext, plan: SnapshotPlan): Promise<SnapshotMeta> {
	const building = await makeScratch(await makePrivate(snapshotsDirectory(plan.cacheDir)), BUILDING_PREFIX);
	try {
		const [images, machine] = await together(context, [
			(inner) => buildImages(inner, plan),
			(inner) => bootNew(inner, plan, building),
		]);
		const { boot, running } = machine;
		const node = await timedPhase(context, "vm-bake", bakeWords(plan), async () => {
			for (const { name, tar } of images.extra) await importImage(running.api, name, tar);
			const baked = await importImage(running.api, "node", images.node);
			await startFabric(running.api, baked.tag);
			await warmUp(running.api, baked.tag);
			return baked;
		});
		return await timedPhase(context, "vm-snapshot", "saving RAM and disk", async () => {
			await save(context, running, building);
			const meta = await sealSnapshot(building, {
				hash: plan.hash,
				accel: plan.decision.accel,
				accelReason: plan.decision.reason,
				kernel: boot.release,
				qemuVersion: plan.qemuVersion,
				memoryMiB: plan.spec.memoryMiB,
				cpus: plan.spec.cpus,
				nodeImage: { ...node, hash: images.node.hash },
				daemon: { version: running.version.Version, api: running.version.ApiVersion },
				createdAt: new Date().toISOString(),
			});
			await rm(plan.directory, { recursive: true, force: true });
			await disown(building);
			await rename(building, plan.directory);
			return meta;
		});
	} finally {
		await rm(bakingDirectory(context), { recursive: true, force: true });
		await removeTree(context, building);
	}
}

/** The images that go in; one after the other, since the machine's own is built beside them. */
async function buildImages(context: SetupContext, plan: SnapshotPlan) {
	const node = await buildImageTar(context, plan.nodeImage, plan.cacheDir, { phase: "node-image" });
	const extra: { name: string; tar: ImageTar }[] = [];
	for (const { name, directory } of plan.extraImages) {
		extra.push({ name, tar: await buildImageTar(context, directory, plan.cacheDir, { phase: `${name}-image` }) });
	}
	return { node, extra };
}

function bakeWords({ extraImages }: SnapshotPlan): string {
	const names = ["node", ...extraImages.map(({ name }) => name)];
	return `putting the image${names.length > 1 ? "s" : ""} ${names.join(", ")} and the fabric agent in`;
}

/** The instance directory of the machine that is being baked: short, since its socket's path has a limit. */
function bakingDirectory(context: SetupContext): string {
	return join(stateDirectory(context.env), `${BAKING_PREFIX}${process.pid}`);
}

/** Root filesystem, disk and first boot. */
async function bootNew(context: SetupContext, plan: SnapshotPlan, building: string) {
	const { tar } = await buildMachineTar(context, plan);
	const files = machineFiles(building);
	const boot: BootFiles = await timedPhase(context, "vm-disk", "making the machine's disk", async () => {
		const extracted = await extractBootFiles(context, tar, join(plan.vmImage, "initrd", "init"), building);
		await makeDisk(context, tar, files.disk);
		return extracted;
	});
	await makePrivate(stateDirectory(context.env));
	const running: Running = await timedPhase(context, "vm-boot", `booting Linux ${boot.release}`, () =>
		launch(context, {
			directory: bakingDirectory(context),
			name: "baking",
			snapshot: plan.hash,
			accel: plan.decision.accel,
			kernel: boot.release,
			qemuVersion: plan.qemuVersion,
			memoryMiB: plan.spec.memoryMiB,
			command: plan.architecture.qemu.command,
			args: qemuArguments(plan.spec, files, "bake"),
			temporary: plan.cacheDir,
			idleMs: 600_000,
			readyMs: BOOT_TIMEOUT_MS,
		}),
	);
	return { boot, running };
}

/** Freezes RAM and disk. No connection to the daemon is open any more: the client makes one per call. */
async function save(context: SetupContext, running: Running, building: string): Promise<void> {
	const instance = bakingDirectory(context);
	const control = await GuestControl.connect(join(instance, INSTANCE_FILES.control));
	await control.run("sync");
	control.close();
	const text = await readFile(join(instance, INSTANCE_FILES.console), "utf8");
	const fault = text.split("\n").find((line) => line.includes("error:") && line.startsWith("lblab:"));
	if (fault !== undefined) {
		throw new LabError("environment", `The new machine is not as it should be:\n${text.slice(-2000)}`, {
			code: "vm-incomplete",
			hint: fault,
		});
	}
	const state = join(building, SNAPSHOT_FILES.state);
	await saveState(await Qmp.connect(join(instance, INSTANCE_FILES.qmp)), state);
	await running.ended;
}

/** Runs two jobs at once; when one fails the other is cancelled and waited for before the error goes on. */
async function together<A, B>(
	context: SetupContext,
	[first, second]: [(context: SetupContext) => Promise<A>, (context: SetupContext) => Promise<B>],
): Promise<[A, B]> {
	const failure = new AbortController();
	const inner = { ...context, signal: AbortSignal.any([context.signal, failure.signal]) };
	const jobs = [first(inner), second(inner)] as const;
	try {
		return await Promise.all(jobs);
	} catch (error) {
		failure.abort(error);
		await Promise.allSettled(jobs);
		throw error;
	}
}
