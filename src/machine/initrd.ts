/** The initial RAM disk: busybox, one kernel module and the script images/vm/initrd/init, as a cpio archive. */

import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { LabError } from "../model/error.ts";
import type { SetupContext } from "../model/progress.ts";
import { mustRun } from "./command.ts";

/** A member of a cpio archive. Directories have no content. */
export interface CpioEntry {
	path: string;
	/** File type and rights, as in st_mode: 0o040755 for a directory, 0o100755 for a program. */
	mode: number;
	content?: Buffer;
}

/**
 * Packs entries as the kernel reads them: cpio "newc" (Documentation/driver-api/early-userspace/buffer-format.rst).
 * Dates and owners are zero, so the same entries give the same bytes.
 */
export function packCpio(entries: readonly CpioEntry[]): Buffer {
	const parts = entries.map((entry, index) => cpioMember(entry, index + 1));
	return Buffer.concat([...parts, cpioMember({ path: "TRAILER!!!", mode: 0 }, 0)]);
}

function cpioMember({ path, mode, content = Buffer.alloc(0) }: CpioEntry, inode: number): Buffer {
	const name = Buffer.from(`${path}\0`);
	// Magic, then 13 fields: inode, mode, uid, gid, links, mtime, size, device (2), special device (2), name size, check.
	const fields = [inode, mode, 0, 0, 1, 0, content.length, 0, 0, 0, 0, name.length, 0];
	const header = Buffer.from(`070701${fields.map((field) => field.toString(16).padStart(8, "0")).join("")}`);
	return Buffer.concat([padTo4(Buffer.concat([header, name])), padTo4(content)]);
}

function padTo4(bytes: Buffer): Buffer {
	const rest = bytes.length % 4;
	return rest === 0 ? bytes : Buffer.concat([bytes, Buffer.alloc(4 - rest)]);
}

/** What QEMU boots from. */
export interface BootFiles {
	kernel: string;
	initrd: string;
	/** Release of the kernel, e.g. `6.12.107+deb13-cloud-amd64`. */
	release: string;
}

/**
 * Takes the kernel out of a root filesystem's tar and packs the initial RAM disk.
 * @param directory where `vmlinuz` and `initrd` are written
 * @param initScript path of images/vm/initrd/init
 * @throws LabError `environment`/`rootfs-incomplete` when the tar lacks a part
 */
export async function extractBootFiles(
	context: Pick<SetupContext, "signal" | "env">,
	rootfsTar: string,
	initScript: string,
	directory: string,
): Promise<BootFiles> {
	const tree = join(directory, "boot-files");
	const found = await unpackBootFiles(context, rootfsTar, tree);
	const [busybox, module, init, kernelImage] = await Promise.all([
		readFile(found.busybox),
		readFile(found.module),
		readFile(initScript),
		readFile(found.kernel),
	]);
	const kernel = join(directory, "vmlinuz");
	const initrd = join(directory, "initrd");
	await writeFile(kernel, kernelImage);
	await writeFile(
		initrd,
		packCpio([
			{ path: "bin", mode: 0o040755 },
			{ path: "bin/busybox", mode: 0o100755, content: busybox },
			{ path: "dev", mode: 0o040755 },
			{ path: "init", mode: 0o100755, content: init },
			{ path: "root", mode: 0o040755 },
			{ path: "virtio_blk.ko", mode: 0o100644, content: module },
		]),
	);
	await rm(tree, { recursive: true });
	return { kernel, initrd, release: found.release };
}

/** Unpacks the three files of a root filesystem's tar that booting takes, and says where they are. */
async function unpackBootFiles(context: Pick<SetupContext, "signal" | "env">, rootfsTar: string, tree: string) {
	await mkdir(tree);
	const unpacked = await mustRun(context, "tar", [
		...["--extract", "--verbose", "--file", rootfsTar, "--directory", tree, "--no-same-owner", "--wildcards"],
		...["./boot/vmlinuz-*", "./usr/bin/busybox", "./usr/lib/modules/*/kernel/drivers/block/virtio_blk.ko"],
	]);
	const names = unpacked.stdout.split("\n");
	const find = (part: string) => {
		const name = names.find((line) => line.includes(part));
		if (name) return join(tree, name);
		throw new LabError("environment", `The machine's root filesystem has no ${part}.`, { code: "rootfs-incomplete" });
	};
	const kernel = find("/boot/vmlinuz-");
	return {
		kernel,
		busybox: find("/busybox"),
		module: find("/virtio_blk.ko"),
		release: kernel.slice(kernel.indexOf("vmlinuz-") + "vmlinuz-".length),
	};
}
