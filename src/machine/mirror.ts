/** Which Debian archive this machine uses and how it gets there: the images are built from the same place. */

import type { SetupContext } from "../model/progress.ts";
import { findCommand, runCommand } from "./command.ts";

/** What mmdebstrap is told about the archive. */
export interface ArchiveAccess {
	/** Base URI of a Debian mirror, or undefined to let mmdebstrap take its default. */
	mirror: string | undefined;
	/** Lines of apt.conf: proxies, certificates, retries. */
	aptOptions: string[];
}

/** Fields asked of `apt-get indextargets`, one target a line. */
const TARGET_FORMAT = "$(ORIGIN)|$(CODENAME)|$(COMPONENT)|$(REPO_URI)";

/** The machine's own mirror and the settings to reach it. An unreadable configuration means apt's defaults. */
export async function archiveAccess(
	context: Pick<SetupContext, "signal" | "env">,
	suite: string,
): Promise<ArchiveAccess> {
	if ((await findCommand(context.env, "apt-get")) === undefined) return { mirror: undefined, aptOptions: [] };
	const [targets, config] = await Promise.all([
		runCommand(context, "apt-get", ["indextargets", "--format", TARGET_FORMAT, "Created-By: Packages"]),
		runCommand(context, "apt-config", ["dump"]),
	]);
	return { mirror: chooseMirror(targets.stdout, suite), aptOptions: networkOptions(config.stdout) };
}

/**
 * The mirror to take from the output of `apt-get indextargets` in TARGET_FORMAT: one that has the suite itself, else
 * the one of any other Debian release, since a mirror carries them all. Undefined when none is Debian's (Ubuntu).
 */
export function chooseMirror(targets: string, suite: string): string | undefined {
	const usable = targets
		.split("\n")
		.map((line) => line.split("|"))
		.filter(([origin, codename, component, uri]) => {
			// The security and backports archives have other contents; a CD has one release.
			const release = codename !== undefined && !/-(security|backports|updates|proposed)/.test(codename);
			return origin === "Debian" && release && component === "main" && /^(https?|file):/.test(uri ?? "");
		});
	const best = usable.find(([, codename]) => codename === suite) ?? usable[0];
	return best?.[3]?.replace(/\/+$/, "");
}

/** The lines of `apt-config dump` that say how to reach an archive. */
export function networkOptions(dump: string): string[] {
	const wanted = /^Acquire::(?:https?::|Retries|Check-Valid-Until|Check-Date|ForceIPv)/;
	return dump.split("\n").filter((line) => wanted.test(line) && !/ "";$/.test(line));
}
