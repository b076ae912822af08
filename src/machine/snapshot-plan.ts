/** What the snapshot of this host must be: found out from sources, QEMU and processor, without building anything. */

import { createHash } from "node:crypto";
import { availableParallelism, cpus, release } from "node:os";
import { join } from "node:path";
import type { SetupContext } from "../model/progress.ts";
import { type AcceleratorDecision, decideAccelerator } from "./accelerator.ts";
import { type Architecture, architectureOf } from "./architecture.ts";
import { fabricConfiguration } from "./bake.ts";
import { cacheDirectory, imagesDirectory, makePrivate } from "./directories.ts";
import type { HostNeed } from "./host-packages.ts";
import { hashImageSource, imageTag } from "./image-source.ts";
import { extractBootFiles } from "./initrd.ts";
import { type Accelerator, type MachineSpec, qemuArguments } from "./qemu-args.ts";
import { qemuVersion } from "./qemu-version.ts";
import { buildImageTar, type ImageTar } from "./rootfs.ts";
import { makeScratch, removeTree } from "./scratch.ts";
import { machineFiles } from "./snapshot-meta.ts";

/** Memory of a machine in MiB: the daemon and fifteen nodes fit in 600, the rest is for what labs run. Only touched pages cost. */
const MEMORY_MIB = 2048;

export interface SnapshotOptions {
	/** Default: `cacheDirectory(env)`. */
	cacheDir?: string;
	/** Where the sources of the images are; default: the project's `images/`. */
	imagesDir?: string;
	/** Images besides `node` that its daemon is to have; default none. */
	extraImages?: readonly string[];
	/** Memory of the machine in MiB, fixed when the snapshot is taken; default 2048. */
	memoryMiB?: number;
}

/** The source of an image that a snapshot has in it. */
export interface ImageSource {
	name: string;
	/** Its directory below `images/`. */
	directory: string;
	hash: string;
}

/** A snapshot as it should be. */
export interface SnapshotPlan {
	architecture: Architecture;
	cacheDir: string;
	nodeImage: string;
	vmImage: string;
	nodeHash: string;
	vmHash: string;
	extraImages: ImageSource[];
	qemuVersion: string;
	decision: AcceleratorDecision;
	spec: MachineSpec;
	/** Hash of everything that goes into it; its directory's name. */
	hash: string;
	directory: string;
}

/** What running a machine takes from the host. */
export function runNeeds(architecture: Architecture): HostNeed[] {
	return [
		{ ...architecture.qemu, why: "runs the embedded machine" },
		{ command: "ip", package: "iproute2", why: "brings up the loopback of the machine's network namespace" },
		{ command: "unshare", package: "util-linux", why: "makes that namespace" },
		{ command: "setpriv", package: "util-linux", why: "ends the machine with its supervisor" },
	];
}

/** What making a snapshot takes besides that and besides building images. */
export const DISK_NEEDS: readonly HostNeed[] = [
	{ command: "mke2fs", package: "e2fsprogs", why: "makes the machine's disk" },
];

/** Names of directories a kernel is lent from while KVM is tried; swept when their owner is gone. */
export const KERNEL_PREFIX = ".kernel-";

/** Directory all snapshots are in. */
export function snapshotsDirectory(cacheDir: string): string {
	return join(cacheDir, "snapshots");
}

/** The root filesystem of the machine, from the cache or built now. */
export function buildMachineTar(
	context: SetupContext,
	plan: Pick<SnapshotPlan, "architecture" | "cacheDir" | "vmImage">,
) {
	return buildImageTar(context, plan.vmImage, plan.cacheDir, {
		extraPackages: [plan.architecture.kernelPackage],
		phase: "vm-rootfs",
	});
}

/**
 * Finds out what the snapshot of this host must be. QEMU has to be installed.
 * Only where KVM looks possible and was not tried since the last boot is a kernel built and started for it.
 * @param beforeBuilding called before that: installs what building takes
 */
export async function planSnapshot(
	context: SetupContext,
	options: SnapshotOptions = {},
	beforeBuilding: () => Promise<void> = async () => undefined,
): Promise<SnapshotPlan> {
	const architecture = architectureOf();
	const cacheDir = await makePrivate(options.cacheDir ?? cacheDirectory(context.env));
	const images = options.imagesDir ?? imagesDirectory();
	const sources = { architecture, cacheDir, nodeImage: join(images, "node"), vmImage: join(images, "vm") };
	const [extraImages, nodeHash, vmHash, version] = await Promise.all([
		imageSources(images, options.extraImages ?? []),
		hashImageSource(sources.nodeImage),
		hashImageSource(sources.vmImage, [architecture.kernelPackage]),
		qemuVersion(context, architecture.qemu.command, cacheDir),
	]);
	const decision = await decideAccelerator(context, {
		architecture,
		cacheDirectory: cacheDir,
		qemuVersion: version,
		kernelHash: vmHash,
		withKernel: async (work) => {
			await beforeBuilding();
			return withKernel(context, sources, work);
		},
	});
	const spec: MachineSpec = {
		architecture,
		accelerator: decision.accel,
		memoryMiB: options.memoryMiB ?? MEMORY_MIB,
		cpus: processors(decision.accel, availableParallelism()),
	};
	const hash = snapshotHash(spec, [nodeHash, vmHash, version], extraImages);
	const directory = join(snapshotsDirectory(cacheDir), hash);
	return { ...sources, nodeHash, vmHash, extraImages, qemuVersion: version, decision, spec, hash, directory };
}

/** In the order of their names, so that the order in which they are asked for does not matter. */
function imageSources(images: string, names: readonly string[]): Promise<ImageSource[]> {
	return Promise.all(
		[...new Set(names)].sort().map(async (name) => {
			const directory = join(images, name);
			return { name, directory, hash: await hashImageSource(directory) };
		}),
	);
}

/** Hash of all that makes a snapshot what it is: sources, QEMU, accelerator, arguments, and how the fabric runs. */
function snapshotHash(
	spec: MachineSpec,
	[nodeHash, vmHash, version]: [string, string, string],
	extraImages: readonly ImageSource[],
): string {
	const parts = [
		...extraImages.map(({ hash }) => hash),
		...[nodeHash, vmHash, version, spec.accelerator, processorIdentity(spec.accelerator)],
		// Paths differ between hosts and do not matter; every other argument does.
		...[qemuArguments(spec, machineFiles("/"), "restore"), fabricConfiguration(imageTag("node", nodeHash))],
	];
	return createHash("sha256").update(JSON.stringify(parts)).digest("hex").slice(0, 16);
}

/** Virtual processors: more than two only slow emulation down (vm.md section 2); KVM has use for four. */
function processors(accelerator: Accelerator, available: number): number {
	return Math.min(available, accelerator === "kvm" ? 4 : 2);
}

/** Under KVM the guest saw the real processor, through this host kernel; emulation is the same everywhere. */
function processorIdentity(accelerator: Accelerator): string {
	return accelerator === "kvm" ? `${cpus()[0]?.model} ${release()}` : "";
}

/** Lends the machine's kernel to `work`. */
async function withKernel<T>(
	context: SetupContext,
	plan: Pick<SnapshotPlan, "architecture" | "cacheDir" | "vmImage">,
	work: (kernel: string) => Promise<T>,
): Promise<T> {
	const { tar }: ImageTar = await buildMachineTar(context, plan);
	const scratch = await makeScratch(plan.cacheDir, KERNEL_PREFIX);
	try {
		const { kernel } = await extractBootFiles(context, tar, join(plan.vmImage, "initrd", "init"), scratch);
		return await work(kernel);
	} finally {
		await removeTree(context, scratch);
	}
}
