/** The machine's disk: a root filesystem's tar as an ext4 image, made without mounting anything. */

import { mkdir, open, rename } from "node:fs/promises";
import { join } from "node:path";
import type { SetupContext } from "../model/progress.ts";
import { mustRun, shellQuote } from "./command.ts";
import { makeScratch, removeTree, unpackingParent } from "./scratch.ts";

/** Size of the disk in bytes. A sparse file: only what is written takes room (about 300 MB, plus the node image). */
const DISK_BYTES = 4 * 2 ** 30;

/**
 * Makes an ext4 image of a tar.
 * No journal and no checksums: the file is thrown away, not repaired. Inode tables are left to the guest.
 * @param disk the file to make
 */
export async function makeDisk(
	context: Pick<SetupContext, "signal" | "env">,
	rootfsTar: string,
	disk: string,
): Promise<void> {
	const root = process.getuid?.() === 0;
	const { parent, prefix } = unpackingParent();
	const scratch = await makeScratch(parent, prefix, 0o755);
	const work = join(scratch, "work");
	try {
		// Without root, the owner of what is unpacked is another user of the namespace; it writes here.
		await mkdir(work);
		await mustRun(context, "chmod", ["1777", work]);
		const image = join(work, "disk.raw");
		const tree = join(work, "tree");
		// /boot is read by QEMU on this host; /dev is the kernel's own, and device files cannot be made without root.
		const script = [
			"set -e",
			`mkdir ${shellQuote(tree)}`,
			`tar --extract --file - --numeric-owner --preserve-permissions --exclude './boot/*' --exclude './dev/*' --directory ${shellQuote(tree)}`,
			`truncate --size ${DISK_BYTES} ${shellQuote(image)}`,
			`mke2fs -q -t ext4 -F -O ^has_journal,^metadata_csum -E lazy_itable_init=1 -m 0 -d ${shellQuote(tree)} ${shellQuote(image)}`,
			`chmod 644 ${shellQuote(image)}`,
		].join("\n");
		const [command = "sh", ...prefixArgs] = root ? ["sh"] : ["mmdebstrap", "--unshare-helper", "sh"];
		// The tar is in the cache, where a namespace's users cannot look: it comes in as an open file.
		const tar = await open(rootfsTar);
		try {
			await mustRun(context, command, [...prefixArgs, "-c", script], { stdin: tar.fd });
		} finally {
			await tar.close();
		}
		await moveSparse(context, image, disk, root);
	} finally {
		await removeTree(context, scratch);
	}
}

/** Moves a file, or copies it where it has a foreign owner or is on another filesystem. */
async function moveSparse(context: Pick<SetupContext, "signal" | "env">, from: string, to: string, root: boolean) {
	if (root) {
		try {
			await rename(from, to);
			return;
		} catch (error) {
			if ((error as NodeJS.ErrnoException).code !== "EXDEV") throw error;
		}
	}
	await mustRun(context, "cp", ["--sparse=always", from, to]);
}
