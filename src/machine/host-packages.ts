/**
 * System packages this machine misses: named with their reason, asked for, then installed through apt.
 * Only Debian and its descendants are served; elsewhere the user gets the list.
 */

import { readdir, readFile, stat } from "node:fs/promises";
import { isOn } from "../model/environment.ts";
import { LabError } from "../model/error.ts";
import { type SetupContext, timedPhase } from "../model/progress.ts";
import { findCommand, runCommand } from "./command.ts";

/** One thing the set-up cannot do without. */
export interface HostNeed {
	/** A command looked for in PATH and the sbin directories, or the absolute path of a file. */
	command: string;
	/** The Debian package that has it. */
	package: string;
	/** What it is for, shown to the user: "runs the embedded machine". */
	why: string;
}

/** How long to wait for another package manager's lock. Unattended upgrades hold it for minutes. */
const LOCK_TIMEOUT_S = 300;
/** Package lists older than this are refreshed before an install; younger ones only when the install fails. */
const LISTS_MAX_AGE_MS = 7 * 24 * 3600 * 1000;
const LISTS = "/var/lib/apt/lists";

/** The needs whose command or file is not on this machine. */
export async function missingNeeds(env: SetupContext["env"], needs: readonly HostNeed[]): Promise<HostNeed[]> {
	const found = await Promise.all(needs.map((need) => findCommand(env, need.command)));
	return needs.filter((_, index) => found[index] === undefined);
}

/** The package names of some needs, each once, in order of the alphabet. */
export function packageNames(needs: readonly HostNeed[]): string[] {
	return [...new Set(needs.map((need) => need.package))].sort();
}

/** The command a person types to install packages. Has no `sudo` for root. */
export function aptCommand(packages: readonly string[], root: boolean): string[] {
	const install = ["apt-get", "install", "--yes", "--no-install-recommends", ...packages];
	return root ? install : ["sudo", ...install];
}

/**
 * Installs what is missing, after saying what and why and asking.
 * @throws LabError `environment`/`packages-missing` when installing is forbidden (LAB_NO_INSTALL=1), declined or
 *   impossible here; `environment`/`packages-failed` when apt fails; the signal's reason when cancelled
 */
export async function ensureHostPackages(context: SetupContext, needs: readonly HostNeed[]): Promise<void> {
	const missing = await missingNeeds(context.env, needs);
	if (missing.length === 0) return;
	const packages = packageNames(missing);
	const root = process.getuid?.() === 0;
	const command = aptCommand(packages, root).join(" ");
	const listed = missing.map((need) => `${need.package} (${need.command}: ${need.why})`).join(", ");
	const refuse = (reason: string, hint: string) =>
		new LabError("environment", `Missing system packages: ${listed}. ${reason}`, { code: "packages-missing", hint });
	if (!(await isDebianLike(context.env))) {
		throw refuse(
			"This is not Debian or Ubuntu, so they cannot be installed from here.",
			`Install what has these commands: ${missing.map((need) => need.command).join(", ")}.`,
		);
	}
	if (isOn(context.env.LAB_NO_INSTALL)) throw refuse("LAB_NO_INSTALL forbids installing them.", `Run: ${command}`);
	if (!root && (await findCommand(context.env, "sudo")) === undefined) {
		throw refuse(
			"Installing them takes root and there is no sudo.",
			`Run as root: ${aptCommand(packages, true).join(" ")}`,
		);
	}
	for (const need of missing) {
		context.listen({ kind: "line", phase: "packages", text: `needs ${need.package}: ${need.command} ${need.why}` });
	}
	if (!(await context.confirm(`Install ${packages.join(", ")} with apt-get?`))) {
		throw refuse("Installing them was declined.", `Run: ${command}`);
	}
	await timedPhase(context, "packages", `installing ${packages.join(", ")}`, () => install(context, packages, root));
	const still = await missingNeeds(context.env, needs);
	if (still.length === 0) return;
	throw new LabError(
		"environment",
		`Still missing after the installation: ${still.map((n) => n.command).join(", ")}.`,
		{
			code: "packages-failed",
			hint: "apt-get reported success. Look whether these commands are hidden from PATH.",
		},
	);
}

/** Whether apt serves this machine: Debian, Ubuntu or a descendant of either. */
async function isDebianLike(env: SetupContext["env"]): Promise<boolean> {
	if ((await findCommand(env, "apt-get")) === undefined) return false;
	const release = await readFile("/etc/os-release", "utf8").catch(() => "");
	return isDebianRelease(release);
}

/** Whether the text of /etc/os-release names Debian, Ubuntu or a descendant of either. */
export function isDebianRelease(release: string): boolean {
	const names = [...release.matchAll(/^(?:ID|ID_LIKE)="?([^"\n]*)"?$/gm)].flatMap((match) =>
		(match[1] ?? "").split(" "),
	);
	return names.includes("debian") || names.includes("ubuntu");
}

async function install(context: SetupContext, packages: readonly string[], root: boolean): Promise<void> {
	if (await listsAreOld()) await apt(context, root, ["update"]);
	const args = ["install", "--yes", "--no-install-recommends", ...packages];
	if ((await apt(context, root, args)).code === 0) return;
	context.listen({
		kind: "line",
		phase: "packages",
		text: "the installation failed; refreshing the package lists first",
	});
	await apt(context, root, ["update"]);
	const second = await apt(context, root, args);
	if (second.code === 0) return;
	const tail = second.stderr.trimEnd().split("\n").slice(-6).join("\n");
	throw new LabError("environment", `apt-get could not install ${packages.join(", ")}:\n${tail}`, {
		code: "packages-failed",
		hint: `Try it by hand: ${aptCommand(packages, root).join(" ")}`,
	});
}

/** Runs apt-get, waiting for the locks of other package managers. */
async function apt(context: SetupContext, root: boolean, args: readonly string[]) {
	const settings = ["DEBIAN_FRONTEND=noninteractive", "NEEDRESTART_MODE=l", ...proxySettings(context.env)];
	const command = ["env", ...settings, "apt-get", "-o", `DPkg::Lock::Timeout=${LOCK_TIMEOUT_S}`, ...args];
	const [first = "env", ...rest] = root ? command : ["sudo", ...command];
	const deadline = performance.now() + LOCK_TIMEOUT_S * 1000;
	for (;;) {
		const result = await runCommand(context, first, rest, {
			onLine: (text) => context.listen({ kind: "line", phase: "packages", text }),
			// sudo may ask for a password; apt-get itself reads nothing.
			...(root ? {} : { stdin: "inherit" as const }),
		});
		// The lock on the package lists is the one DPkg::Lock::Timeout does not wait for.
		const locked = result.code !== 0 && /Could not get lock|Unable to lock directory/.test(result.stderr);
		if (!locked || performance.now() > deadline) return result;
		context.listen({ kind: "line", phase: "packages", text: "waiting for another package manager to finish" });
		await new Promise((resolve) => setTimeout(resolve, 2000));
	}
}

/** sudo starts with an empty environment: the proxies of this one are passed on by name. */
function proxySettings(env: SetupContext["env"]): string[] {
	const names = ["http_proxy", "https_proxy", "ftp_proxy", "no_proxy", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY"];
	return names.flatMap((name) => (env[name] ? [`${name}=${env[name]}`] : []));
}

/** Whether apt's package lists are missing or too old to install from. */
async function listsAreOld(): Promise<boolean> {
	const files = await readdir(LISTS).catch(() => []);
	const lists = files.filter((name) => name.includes("_Packages"));
	if (lists.length === 0) return true;
	const times = await Promise.all(lists.map(async (name) => (await stat(`${LISTS}/${name}`)).mtimeMs));
	// A mirror without changes leaves old dates: what counts is the last time apt looked, the directory's own date.
	const looked = (await stat(`${LISTS}/partial`).catch(() => undefined))?.mtimeMs ?? 0;
	return Date.now() - Math.max(looked, ...times) > LISTS_MAX_AGE_MS;
}
