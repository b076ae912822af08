/** Temporary directories that name the process they belong to, so that what a killed process left is found and removed. */

import { chmod, lstat, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { SetupContext } from "../model/progress.ts";
import { runCommand } from "./command.ts";
import { isAlive, isIdentity, ownIdentity } from "./process-identity.ts";

const OWNER = "owner.json";

/**
 * Makes a temporary directory.
 * @param mode access rights; 0o755 where processes of a user namespace must pass through it
 */
export async function makeScratch(parent: string, prefix: string, mode = 0o700): Promise<string> {
	await mkdir(parent, { recursive: true });
	const directory = await mkdtemp(join(parent, prefix));
	await writeFile(join(directory, OWNER), JSON.stringify(ownIdentity()), { mode: 0o600 });
	await chmod(directory, mode);
	return directory;
}

/** Makes a temporary directory an ordinary one, before it is renamed to its place. */
export async function disown(directory: string): Promise<void> {
	await rm(join(directory, OWNER));
}

/** Where trees of files with foreign owners are unpacked: not the cache, as a private home cannot be passed through. */
export function unpackingParent(): { parent: string; prefix: string } {
	return { parent: "/var/tmp", prefix: `lblab-${process.getuid?.() ?? 0}-` };
}

/** Removes the directories of `parent` that begin with `prefix` and whose owner is gone. Returns what was removed. */
export async function sweepScratch(
	context: Pick<SetupContext, "signal" | "env">,
	parent: string,
	prefix: string,
): Promise<string[]> {
	const names = (await readdir(parent).catch(() => [])).filter((name) => name.startsWith(prefix));
	const removed: string[] = [];
	for (const name of names) {
		const directory = join(parent, name);
		// In a directory everybody writes to, a name says nothing: only what this user made is removed.
		const stats = await lstat(directory).catch(() => undefined);
		if (!stats?.isDirectory() || stats.uid !== process.getuid?.()) continue;
		const owner: unknown = await readFile(join(directory, OWNER), "utf8")
			.then(JSON.parse)
			.catch(() => undefined);
		// Without a readable owner it is either half made, this moment, or somebody else's: left alone.
		if (!isIdentity(owner) || isAlive(owner)) continue;
		await removeTree(context, directory);
		removed.push(directory);
	}
	return removed;
}

/**
 * Removes a directory, also when it holds files of the user namespace's other users (mmdebstrap without root). The
 * owner's name goes last, so that a removal that is killed is found again.
 * Works after a cancellation too, so it takes no notice of the signal.
 */
export async function removeTree(context: Pick<SetupContext, "env">, directory: string): Promise<void> {
	const remove = async () => {
		for (const name of await readdir(directory).catch(() => [])) {
			if (name !== OWNER) await rm(join(directory, name), { recursive: true, force: true });
		}
		await rm(directory, { recursive: true, force: true });
	};
	try {
		await remove();
	} catch (error) {
		const code = (error as NodeJS.ErrnoException).code;
		if (code !== "EACCES" && code !== "EPERM") throw error;
		const unaborted = { env: context.env, signal: new AbortController().signal };
		// It cannot remove everything (what is ours is a stranger's there); what it leaves we can.
		await runCommand(unaborted, "mmdebstrap", ["--unshare-helper", "rm", "-rf", directory]);
		await remove();
	}
}
