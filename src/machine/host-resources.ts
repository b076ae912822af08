/** Whether this machine has the disk and the memory the embedded machine needs, before anything is built. */

import { readFile, statfs } from "node:fs/promises";
import { LabError } from "../model/error.ts";

/** Bytes the set-up takes in the cache directory at its largest: two root filesystems, disk, RAM image (vm.md section 4). */
export const NEEDED_DISK = 3_000_000_000;
/** Bytes of memory one machine may grow to with a lab in it, plus the build before it. */
export const NEEDED_MEMORY = 1_500_000_000;

/** What was found, in bytes. */
export interface Resources {
	disk: number;
	memory: number;
}

/** Free disk where `directory` is and memory available without swapping; `Infinity` where it cannot be told. */
export async function measureResources(directory: string): Promise<Resources> {
	const disk = await statfs(directory).then((stats) => stats.bavail * stats.bsize);
	const meminfo = await readFile("/proc/meminfo", "utf8").catch(() => "");
	return { disk, memory: availableMemory(meminfo) };
}

/** Bytes of MemAvailable in the text of /proc/meminfo; `Infinity` when it is not there. */
export function availableMemory(meminfo: string): number {
	const kibibytes = /^MemAvailable:\s+(\d+) kB$/m.exec(meminfo)?.[1];
	return kibibytes === undefined ? Number.POSITIVE_INFINITY : Number(kibibytes) * 1024;
}

/**
 * Checks disk and memory.
 * @param directory the cache directory; must exist
 * @param needs bytes; the defaults are those of a first set-up
 * @throws LabError `environment`/`disk-full` or `environment`/`memory-low`
 */
export async function checkResources(
	directory: string,
	needs: Partial<Resources> = {},
	found?: Resources,
): Promise<Resources> {
	const resources = found ?? (await measureResources(directory));
	const { disk = NEEDED_DISK, memory = NEEDED_MEMORY } = needs;
	if (resources.disk < disk) {
		throw new LabError(
			"environment",
			`Not enough disk space: ${megabytes(resources.disk)} free at ${directory}, ${megabytes(disk)} needed.`,
			{ code: "disk-full", hint: "Free some, or set LAB_CACHE to a directory on a larger disk." },
		);
	}
	if (resources.memory < memory) {
		throw new LabError(
			"environment",
			`Not enough memory: ${megabytes(resources.memory)} available, ${megabytes(memory)} needed.`,
			{ code: "memory-low", hint: "End other programs or labs (`lab ps`), or use a Docker daemon elsewhere." },
		);
	}
	return resources;
}

function megabytes(bytes: number): string {
	return `${Math.floor(bytes / 1_000_000)} MB`;
}
