/** Root file systems for tests with a real daemon, imported from Debian packages. */
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { copyFile, mkdir, mkdtemp, rename, rm, symlink } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { debianTree, exists, type Suite } from "./debian-tree.ts";

const run = promisify(execFile);

/** Commands of busybox that tests use; all of them are links to one 2 MB file. */
const APPLETS =
	"sh cat echo sleep head tr grep ls stat mkdir chmod env stty id ip ping nc wc dd sha256sum kill ps printf mount umount nsenter sysctl true false seq awk sed hostname cut sort readlink rm tail touch arping tee ln".split(
		" ",
	);

/** Archive of a root file system with busybox alone, 2 MB. */
export async function tinyTar(cacheDir: string, suite: Suite = "bookworm"): Promise<string> {
	return archive(cacheDir, `tiny-${suite}`, async (root) => {
		const tree = await debianTree({ cacheDir, suite, name: "busybox", packages: ["busybox-static"] });
		for (const dir of ["bin", "etc", "tmp", "proc", "sys", "dev", "var"]) await mkdir(join(root, dir));
		await copyFile(join(tree, "bin/busybox"), join(root, "bin/busybox"));
		for (const applet of APPLETS) await symlink("busybox", join(root, "bin", applet));
	});
}

/** Packages that the lab's `node` image has too, as far as kernel probes and traps need them. */
const TOOLS = ["dash", "iproute2", "iptables", "ipset", "ipvsadm", "bpftool", "kmod", "libcap2-bin"];

/** Archive of a root file system with busybox and the tools of a node. */
export async function toolsTar(cacheDir: string, suite: Suite = "bookworm"): Promise<string> {
	return archive(cacheDir, `tools-${suite}`, async (root) => {
		const packages = ["busybox-static", ...TOOLS];
		const tree = await debianTree({ cacheDir, suite, name: "tools", packages, without: /^(lib)?perl|^gcc-|^usrmerge/ });
		await run("cp", ["-a", `${tree}/.`, root]);
		// Debian's busybox shell prefers its own ip and ping to the real ones.
		await symlink("dash", join(root, "bin/sh")).catch(() => undefined);
		for (const dir of ["tmp", "proc", "sys", "dev", "root"]) await mkdir(join(root, dir), { recursive: true });
		for (const applet of APPLETS) await symlink("busybox", join(root, "bin", applet)).catch(() => undefined);
		// Made by update-alternatives on an installed system.
		await symlink("xtables-nft-multi", join(root, "usr/sbin/iptables"));
		await rm(join(root, "usr/share"), { recursive: true, force: true });
	});
}

async function archive(cacheDir: string, name: string, fill: (root: string) => Promise<void>): Promise<string> {
	// Another selection is another file.
	const key = createHash("sha256")
		.update([...APPLETS, ...TOOLS].join(" "))
		.digest("hex")
		.slice(0, 8);
	const file = join(cacheDir, `${name}-${key}.tar`);
	if (await exists(file)) return file;
	await mkdir(cacheDir, { recursive: true });
	const root = await mkdtemp(join(cacheDir, "root-"));
	await fill(root);
	await run("tar", ["-C", root, "-cf", `${file}.${process.pid}`, "."]);
	await rename(`${file}.${process.pid}`, file);
	await rm(root, { recursive: true });
	return file;
}
