/**
 * Which process is meant, beyond its number: pids are reused, so a process is known by pid, start time and boot.
 * Everything here reads /proc and never signals anything.
 */

import { readFileSync } from "node:fs";

/** Survives being written to a file and read after a reboot. */
export interface ProcessIdentity {
	pid: number;
	/** Start time in clock ticks since boot (field 22 of /proc/PID/stat). */
	startTicks: number;
	bootId: string;
}

/** The running kernel's boot id; empty where there is none (not Linux). */
export function bootId(): string {
	try {
		return readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
	} catch {
		return "";
	}
}

/** State and start time of a process, or undefined when there is none with this pid. */
function readStat(pid: number): { state: string; startTicks: number } | undefined {
	try {
		const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
		// The command name may hold spaces and brackets: fields count from the last bracket.
		const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
		return { state: fields[0] ?? "", startTicks: Number(fields[19]) };
	} catch {
		return undefined;
	}
}

/** Identity of a running process, or undefined when there is none. */
export function identityOf(pid: number): ProcessIdentity | undefined {
	const stat = readStat(pid);
	return stat && { pid, startTicks: stat.startTicks, bootId: bootId() };
}

/** Identity of this process. */
export function ownIdentity(): ProcessIdentity {
	return identityOf(process.pid) ?? { pid: process.pid, startTicks: 0, bootId: bootId() };
}

/** One line for a label: pid, start time, boot id. */
export function identityText({ pid, startTicks, bootId: boot }: ProcessIdentity): string {
	return `${pid} ${startTicks} ${boot}`;
}

/** What `identityText` has written, or undefined for anything else. */
export function parseIdentity(text: string): ProcessIdentity | undefined {
	const [, pid, startTicks, boot] = /^(\d+) (\d+) (\S*)$/.exec(text) ?? [];
	return boot === undefined ? undefined : { pid: Number(pid), startTicks: Number(startTicks), bootId: boot };
}

/** Whether that very process still runs; a zombie does not. */
export function isAlive(identity: ProcessIdentity): boolean {
	if (identity.bootId !== bootId()) return false;
	const stat = readStat(identity.pid);
	return stat !== undefined && stat.startTicks === identity.startTicks && stat.state !== "Z" && stat.state !== "X";
}

/** Resident memory in bytes, or undefined when the process is gone. */
export function residentBytes(pid: number): number | undefined {
	try {
		const status = readFileSync(`/proc/${pid}/status`, "utf8");
		const kibibytes = /^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1];
		return kibibytes === undefined ? undefined : Number(kibibytes) * 1024;
	} catch {
		return undefined;
	}
}

/** Whether unknown JSON has the shape of an identity. */
export function isIdentity(value: unknown): value is ProcessIdentity {
	const candidate = value as Partial<ProcessIdentity> | null;
	return (
		typeof candidate === "object" &&
		candidate !== null &&
		typeof candidate.pid === "number" &&
		typeof candidate.startTicks === "number" &&
		typeof candidate.bootId === "string"
	);
}
