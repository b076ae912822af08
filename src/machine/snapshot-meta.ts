/** What is written beside a snapshot's files, and how it is told from a half-built, outdated or altered one. */

import { createHash } from "node:crypto";
import { open, stat } from "node:fs/promises";
import { join } from "node:path";
import { readJson, writeAtomically } from "./instance.ts";
import { bootId } from "./process-identity.ts";
import type { Accelerator, MachineFiles } from "./qemu-args.ts";
import { dataBlocks, dataExtents } from "./sparse-file.ts";

/** Files of a snapshot directory. */
export const SNAPSHOT_FILES = {
	kernel: "vmlinuz",
	initrd: "initrd",
	disk: "disk.raw",
	ram: "ram.img",
	state: "state.bin",
} as const;

/** Paths of what QEMU opens in a snapshot directory. */
export function machineFiles(directory: string): MachineFiles {
	const { kernel, initrd, disk, ram } = SNAPSHOT_FILES;
	return {
		kernel: join(directory, kernel),
		initrd: join(directory, initrd),
		disk: join(directory, disk),
		ram: join(directory, ram),
	};
}

/** Path of what is written beside the files. */
export function metaPath(directory: string): string {
	return join(directory, "meta.json");
}

/** Raised when the meaning of meta.json changes. */
const FORMAT = 1;
/** Unit of reading and of leaving out: a block of zeroes is not part of the digest (most of RAM and disk). */
const BLOCK = 2 ** 18;

/** One file as it was when the snapshot was taken. */
export interface FileSeal {
	size: number;
	/** Change times in ns since the epoch, as decimal text. Any write moves at least one of them. */
	mtimeNs: string;
	ctimeNs: string;
	/** SHA-256 over position and content of every block that is not all zeroes. */
	digest: string;
}

/** Everything known about a snapshot. */
export interface SnapshotMeta {
	format: number;
	hash: string;
	accel: Accelerator;
	/** Why this accelerator, in words. */
	accelReason: string;
	/** Release of the guest's kernel. */
	kernel: string;
	qemuVersion: string;
	memoryMiB: number;
	cpus: number;
	/** The node image inside: tag, id, and hash of its source. */
	nodeImage: { tag: string; id: string; hash: string };
	/** The daemon inside. */
	daemon: { version: string; api: string };
	/** ISO 8601. */
	createdAt: string;
	/** Boot of this host in which the contents were last compared with their digests. */
	checkedInBoot: string;
	files: Record<string, FileSeal>;
}

/** A snapshot's meta data, or why it cannot be used. */
export type Verification = { meta: SnapshotMeta } | { fault: string };

/** Seals the files of a finished snapshot directory and writes meta.json, the last file of all. */
export async function sealSnapshot(
	directory: string,
	meta: Omit<SnapshotMeta, "format" | "files" | "checkedInBoot">,
): Promise<SnapshotMeta> {
	const files: Record<string, FileSeal> = {};
	for (const name of Object.values(SNAPSHOT_FILES)) files[name] = await sealFile(join(directory, name));
	const sealed: SnapshotMeta = { format: FORMAT, ...meta, checkedInBoot: bootId(), files };
	await writeAtomically(metaPath(directory), sealed);
	return sealed;
}

/**
 * Checks a snapshot before it is used. Files with their old dates are taken as they are (1 ms). The contents are
 * compared with their digests where a date differs (a copied cache, or somebody wrote into it), and at the first use
 * after each start of this host: a power cut can leave files whose dates reached the disk and whose blocks did not,
 * and flushing 850 MB when the snapshot is made would cost every first run several seconds.
 * @param slow called before the contents are read, which takes 2 s
 */
export async function verifySnapshot(
	directory: string,
	hash: string,
	slow: (why: string) => void = () => undefined,
): Promise<Verification> {
	const meta = (await readJson(metaPath(directory))) as SnapshotMeta | undefined;
	if (meta === undefined) return { fault: "meta.json is missing or broken" };
	if (meta.format !== FORMAT || meta.hash !== hash) return { fault: "it was made for something else" };
	const sameBoot = meta.checkedInBoot === bootId();
	const doubtful: string[] = [];
	for (const name of Object.values(SNAPSHOT_FILES)) {
		const seal = meta.files?.[name];
		const now = await stat(join(directory, name), { bigint: true }).catch(() => undefined);
		if (seal === undefined || now === undefined) return { fault: `${name} is missing` };
		if (Number(now.size) !== seal.size) return { fault: `${name} has ${now.size} bytes instead of ${seal.size}` };
		if (!sameBoot || String(now.mtimeNs) !== seal.mtimeNs || String(now.ctimeNs) !== seal.ctimeNs) doubtful.push(name);
	}
	if (doubtful.length === 0) return { meta };
	slow(sameBoot ? `${doubtful.join(", ")} changed its date` : "first use since this computer was started");
	for (const name of doubtful) {
		const fresh = await sealFile(join(directory, name));
		if (fresh.digest !== meta.files[name]?.digest) return { fault: `${name} was changed after it was made` };
		meta.files[name] = fresh;
	}
	meta.checkedInBoot = bootId();
	await writeAtomically(metaPath(directory), meta);
	return { meta };
}

/** Size, dates and digest of a file. */
export async function sealFile(path: string): Promise<FileSeal> {
	const file = await open(path);
	try {
		const { size, mtimeNs, ctimeNs } = await file.stat({ bigint: true });
		const hash = createHash("sha256");
		for await (const { position, bytes } of dataBlocks(file, await dataExtents(path, Number(size)), BLOCK)) {
			hash.update(`${position} `).update(bytes);
		}
		return { size: Number(size), mtimeNs: String(mtimeNs), ctimeNs: String(ctimeNs), digest: hash.digest("hex") };
	} finally {
		await file.close();
	}
}
