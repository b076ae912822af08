/**
 * Debian packages unpacked into a folder, without installing anything: `apt-get` downloads them into a cache of our own and
 * `dpkg-deb` unpacks them. For the private daemon and the root file systems of tests.
 */
import { execFile } from "node:child_process";
import { access, mkdir, readdir, rename, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

export type Suite = "bookworm" | "trixie";

export interface TreeRequest {
	cacheDir: string;
	suite: Suite;
	/** Name of the tree in the cache; other packages need another name. */
	name: string;
	packages: string[];
	/** Regular expression of packages that are not unpacked though something depends on them. */
	without?: RegExp;
}

/** Folder with the unpacked packages and all they depend on; made once per cache folder. */
export async function debianTree(request: TreeRequest): Promise<string> {
	const { cacheDir, suite, name } = request;
	const tree = join(cacheDir, `${suite}-${name}`);
	if (await exists(tree)) return tree;
	const archives = await download(request);
	const half = `${tree}.${process.pid}`;
	await rm(half, { recursive: true, force: true });
	await mkdir(half, { recursive: true });
	await mergedUsr(half);
	for (const file of await readdir(archives)) {
		if (file.endsWith(".deb") && !request.without?.test(file)) await unpack(join(archives, file), half);
	}
	// Another process may have been faster; either tree is as good.
	await rename(half, tree).catch(() => rm(half, { recursive: true, force: true }));
	await rm(archives, { recursive: true, force: true });
	return tree;
}

/** Not `dpkg-deb -x`, which replaces the links of `mergedUsr` by folders. */
async function unpack(archive: string, root: string): Promise<void> {
	const pipe = 'dpkg-deb --fsys-tarfile "$1" | tar -x --keep-directory-symlink -C "$2"';
	await run("sh", ["-c", pipe, "sh", archive, root]);
}

/** Packages of bookworm still ship files in /lib and /bin, which only work when these are links as on an installed system. */
async function mergedUsr(root: string): Promise<void> {
	for (const dir of ["bin", "sbin", "lib", "lib64"]) {
		await mkdir(join(root, "usr", dir), { recursive: true });
		await symlink(`usr/${dir}`, join(root, dir));
	}
}

/** Downloads the packages with everything they depend on: to apt, nothing is installed. */
async function download({ cacheDir, suite, name, packages }: TreeRequest): Promise<string> {
	const apt = join(cacheDir, `apt-${suite}-${name}-${process.pid}`);
	const archives = join(apt, "archives");
	await mkdir(join(apt, "lists", "partial"), { recursive: true });
	await mkdir(join(archives, "partial"), { recursive: true });
	const sources = join(apt, "sources.list");
	const key = "/usr/share/keyrings/debian-archive-keyring.gpg";
	await writeFile(sources, `deb [signed-by=${key}] http://deb.debian.org/debian ${suite} main\n`);
	const options = [
		`Dir::Etc::sourcelist=${sources}`,
		"Dir::Etc::sourceparts=-",
		`Dir::State::lists=${join(apt, "lists")}`,
		`Dir::Cache::archives=${archives}`,
		"Dir::Cache::pkgcache=",
		"Dir::Cache::srcpkgcache=",
		"Dir::State::status=/dev/null",
		"APT::Sandbox::User=root",
		"Acquire::Languages=none",
	].flatMap((option) => ["-o", option]);
	try {
		await run("apt-get", [...options, "-qq", "update"]);
		await run("apt-get", [
			...options,
			"-qq",
			"-y",
			"--no-install-recommends",
			"--download-only",
			"install",
			...packages,
		]);
	} catch (error) {
		await rm(apt, { recursive: true, force: true });
		throw new Error(`cannot download ${packages.join(", ")} from Debian ${suite}: ${(error as Error).message}`);
	}
	await rm(join(apt, "lists"), { recursive: true });
	await rename(archives, `${apt}-debs`);
	await rm(apt, { recursive: true });
	return `${apt}-debs`;
}

export async function exists(path: string): Promise<boolean> {
	return access(path).then(
		() => true,
		() => false,
	);
}
