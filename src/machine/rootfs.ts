/**
 * Root filesystems from Debian packages, without a registry and without Docker: mmdebstrap on this host, as root or in
 * a user namespace. The same source gives the same tar, bit for bit, as long as the mirror has the same packages.
 */

import { access, rename, rm } from "node:fs/promises";
import { userInfo } from "node:os";
import { basename, join } from "node:path";
import { LabError } from "../model/error.ts";
import { type SetupContext, timedPhase } from "../model/progress.ts";
import { findCommand, mustRun, shellQuote } from "./command.ts";
import { makePrivate } from "./directories.ts";
import type { HostNeed } from "./host-packages.ts";
import { hashImageSource, readPackages, SUITE, shortHash } from "./image-source.ts";
import { withLock } from "./lock.ts";
import { type ArchiveAccess, archiveAccess } from "./mirror.ts";
import { makeScratch, removeTree, unpackingParent } from "./scratch.ts";

/** Every file of an image carries this date at the latest: 2025-01-01 00:00 UTC. */
export const SOURCE_DATE_EPOCH = 1735689600;

/** A built image. */
export interface ImageTar {
	/** Path of the tar. */
	tar: string;
	/** Hash of its source, 64 digits. */
	hash: string;
}

export interface BuildOptions {
	/** Packages on top of packages.txt (the kernel, whose name depends on the processor). */
	extraPackages?: readonly string[];
	/** Phase of the progress messages. */
	phase?: string;
}

/** Directory of the cache the tars are in. */
export function imageTarsDirectory(cacheDirectory: string): string {
	return join(cacheDirectory, "images");
}

/** File name of an image's tar. */
export function tarName(name: string, hash: string): string {
	return `${name}-${shortHash(hash)}.tar`;
}

/** What building an image takes from the host. */
export function buildNeeds(root = process.getuid?.() === 0): HostNeed[] {
	const needs: HostNeed[] = [
		{ command: "mmdebstrap", package: "mmdebstrap", why: "builds root filesystems from Debian packages" },
		{
			command: "/usr/share/keyrings/debian-archive-keyring.gpg",
			package: "debian-archive-keyring",
			why: "checks the signatures of those packages",
		},
	];
	if (!root) needs.push({ command: "newuidmap", package: "uidmap", why: "lets mmdebstrap work without root" });
	return needs;
}

/**
 * The tar of an image, from the cache or built now. Two processes that ask at once share one build.
 * @param imageDirectory a directory with packages.txt, optionally dpkg.cfg, files/ and customize
 * @throws LabError `environment` when mmdebstrap fails or user namespaces lack their id ranges; `input` for a bad
 *   packages.txt; the signal's reason when cancelled
 */
export async function buildImageTar(
	context: SetupContext,
	imageDirectory: string,
	cacheDirectory: string,
	options: BuildOptions = {},
): Promise<ImageTar> {
	const name = basename(imageDirectory);
	const phase = options.phase ?? `${name}-image`;
	const extra = options.extraPackages ?? [];
	const hash = await hashImageSource(imageDirectory, extra);
	const tar = join(await makePrivate(imageTarsDirectory(cacheDirectory)), tarName(name, hash));
	if (await exists(tar)) return { tar, hash };
	const waiting = (pid: number) =>
		context.listen({ kind: "line", phase, text: `process ${pid} is building this image; waiting for it` });
	return withLock(`${tar}.lock`, context.signal, waiting, async () => {
		if (await exists(tar)) return { tar, hash };
		const packages = [...(await readPackages(imageDirectory)), ...extra];
		await timedPhase(context, phase, `building the image ${name} from ${packages.length} Debian packages`, () =>
			build(context, { imageDirectory, packages, tar, phase }),
		);
		return { tar, hash };
	});
}

interface Build {
	imageDirectory: string;
	packages: readonly string[];
	tar: string;
	phase: string;
}

async function build(context: SetupContext, { imageDirectory, packages, tar, phase }: Build): Promise<void> {
	const root = process.getuid?.() === 0;
	if (!root) await checkIdRanges(context);
	const archive = await archiveAccess(context, SUITE);
	const { parent, prefix } = unpackingParent();
	const scratch = await makeScratch(parent, prefix, 0o755);
	const partial = `${tar}.partial`;
	try {
		const overlay = await packOverlay(context, imageDirectory, scratch);
		const dpkgConfig = join(imageDirectory, "dpkg.cfg");
		const customize = join(imageDirectory, "customize");
		const args = mmdebstrapArguments({
			root,
			packages,
			archive,
			overlay,
			dpkgConfig: (await exists(dpkgConfig)) ? dpkgConfig : undefined,
			customize: (await exists(customize)) ? customize : undefined,
			target: partial,
		});
		const [command = "mmdebstrap", ...rest] = [...dieTogether(root), "mmdebstrap", ...args];
		await mustRun(context, command, rest, {
			onLine: (text) => context.listen({ kind: "line", phase, text }),
			env: {
				TMPDIR: scratch,
				SOURCE_DATE_EPOCH: String(SOURCE_DATE_EPOCH),
				// The kernel package would build an initial RAM disk; ours is eight lines (images/vm/initrd).
				INITRD: "No",
				LC_ALL: "C.UTF-8",
			},
		});
		await rename(partial, tar);
	} finally {
		await rm(partial, { force: true });
		await removeTree(context, scratch);
	}
}

/**
 * The words before a command that end it with this process, also when that is killed with -9. As root it gets
 * namespaces of its own too, so its mounts (the chroot's /dev and /proc) vanish with it and can never be in a tree
 * that is removed.
 */
function dieTogether(root: boolean): string[] {
	const own = ["unshare", "--mount", "--pid", "--fork", "--kill-child=KILL", "--mount-proc", "--"];
	return ["setpriv", "--pdeathsig", "KILL", "--", ...(root ? own : [])];
}

interface Recipe {
	root: boolean;
	packages: readonly string[];
	archive: ArchiveAccess;
	/** Tar of `files/`, or undefined. */
	overlay: string | undefined;
	/** File with dpkg options, or undefined. */
	dpkgConfig: string | undefined;
	/** Program run last, with the root filesystem's directory as argument, or undefined. */
	customize: string | undefined;
	target: string;
}

/** The command line of mmdebstrap. */
export function mmdebstrapArguments(recipe: Recipe): string[] {
	const { archive, customize, dpkgConfig, overlay } = recipe;
	// What the build left behind that differs between hosts: proxies (maybe with passwords), mirrors, names, logs.
	const forget =
		'cd "$1" && rm -rf etc/apt/apt.conf.d/99mmdebstrap etc/apt/sources.list etc/apt/sources.list.d/* ' +
		"etc/dpkg/dpkg.cfg.d/99mmdebstrap etc/resolv.conf etc/hostname var/cache/ldconfig/aux-cache var/cache/debconf/*-old " +
		"var/lib/dpkg/*-old boot/initrd* && find var/log -type f -delete";
	return [
		`--mode=${recipe.root ? "root" : "unshare"}`,
		// Essential packages and ours: the images install nothing later, so apt is not in them.
		"--variant=essential",
		"--format=tar",
		'--aptopt=APT::Install-Recommends "false"',
		...archive.aptOptions.map((line) => `--aptopt=${line}`),
		...(dpkgConfig === undefined ? [] : [`--dpkgopt=${dpkgConfig}`]),
		`--include=${recipe.packages.join(",")}`,
		`--customize-hook=${forget}`,
		...(overlay === undefined ? [] : [`--customize-hook=tar-in ${shellQuote(overlay)} /`]),
		...(customize === undefined ? [] : [`--customize-hook=sh ${shellQuote(customize)} "$1"`]),
		SUITE,
		recipe.target,
		...(archive.mirror === undefined ? [] : [`deb ${archive.mirror} ${SUITE} main`]),
	];
}

/** Packs `files/` with root as owner, fixed dates and rights, whatever this checkout's umask was. */
async function packOverlay(context: SetupContext, imageDirectory: string, scratch: string) {
	const files = join(imageDirectory, "files");
	if (!(await exists(files))) return undefined;
	const overlay = join(scratch, "overlay.tar");
	await mustRun(context, "tar", [
		...["--create", "--file", overlay, "--directory", files],
		...["--sort=name", "--owner=0", "--group=0", "--numeric-owner", "--mode=u=rwX,go=rX"],
		...[`--mtime=@${SOURCE_DATE_EPOCH}`, "."],
	]);
	return overlay;
}

/**
 * Without root mmdebstrap maps a range of user ids, which an administrator grants.
 * @throws LabError `environment`/`subuid-missing`
 */
async function checkIdRanges(context: SetupContext): Promise<void> {
	const user = userInfo().username;
	const range = await mustRun(context, "getsubids", [user]).catch(() => undefined);
	if (range !== undefined || (await findCommand(context.env, "getsubids")) === undefined) return;
	throw new LabError(
		"environment",
		`User ${user} has no range of subordinate user ids, which building images without root needs.`,
		{
			code: "subuid-missing",
			hint: `Run: sudo usermod --add-subuids 100000-165535 --add-subgids 100000-165535 ${user}   (or run lab as root)`,
		},
	);
}

async function exists(path: string): Promise<boolean> {
	return access(path).then(
		() => true,
		() => false,
	);
}
