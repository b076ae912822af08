/** Our own programs, compiled on this host when their sources changed. */
import { readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { type SetupContext, timedPhase } from "../model/progress.ts";
import { mustRun } from "./command.ts";
import { makePrivate } from "./directories.ts";
import { ensureHostPackages, type HostNeed, missingNeeds } from "./host-packages.ts";
import { hashImageSource, shortHash } from "./image-source.ts";
import { withLock } from "./lock.ts";
import { makeScratch } from "./scratch.ts";

/** What compiling takes from the host; the same packages as images/builder/packages.txt. */
export const COMPILER_NEEDS: HostNeed[] = [
	{ command: "clang", package: "clang", why: "compiles the XDP program" },
	{ command: "cc", package: "gcc", why: "compiles its control program" },
	{ command: "make", package: "make", why: "runs the build" },
	{ command: "pkg-config", package: "pkg-config", why: "finds the libraries" },
	{ command: "/usr/include/bpf/libbpf.h", package: "libbpf-dev", why: "loads the XDP program" },
	{ command: "/usr/include/libelf.h", package: "libelf-dev", why: "reads the compiled program" },
	{ command: "/usr/include/zlib.h", package: "zlib1g-dev", why: "linked into the control program" },
	{ command: "/usr/include/zstd.h", package: "libzstd-dev", why: "linked into the control program" },
];

export interface ProgramBuild {
	/** Folder of the program's sources, e.g. bpf/xdplb. */
	source: string;
	name: string;
	cache: string;
}

/** Where a program with the present sources is, or will be, in the cache. */
export async function programPath(build: ProgramBuild): Promise<string> {
	const hash = shortHash(await hashImageSource(build.source));
	return join(build.cache, "programs", `${build.name}-${hash}`);
}

/** The program when it is in the cache already. */
export async function cachedProgram(build: ProgramBuild): Promise<Buffer | undefined> {
	return readFile(await programPath(build)).catch(() => undefined);
}

/** True when this host can compile without installing anything. */
export async function canCompile(context: SetupContext): Promise<boolean> {
	return (await missingNeeds(context.env, COMPILER_NEEDS)).length === 0;
}

/**
 * The program from the cache, or compiled now; missing compilers are installed first. Two processes share one build.
 * @throws LabError `environment` when packages are missing and may not be installed, or when the compiler fails
 */
export async function buildProgram(context: SetupContext, build: ProgramBuild): Promise<Buffer> {
	const path = await programPath(build);
	await makePrivate(join(build.cache, "programs"));
	const phase = `build-${build.name}`;
	const waiting = (pid: number) => context.listen({ kind: "line", phase, text: `process ${pid} is compiling it` });
	return withLock(`${path}.lock`, context.signal, waiting, async () => {
		const cached = await cachedProgram(build);
		if (cached) return cached;
		await ensureHostPackages(context, COMPILER_NEEDS);
		const scratch = await makeScratch(join(build.cache, "programs"), "build-");
		try {
			await timedPhase(context, phase, `compiling ${build.name}`, () =>
				mustRun(context, "make", ["-C", build.source, `OUT=${scratch}`], {
					onLine: (text) => context.listen({ kind: "line", phase, text }),
				}),
			);
			await rename(join(scratch, build.name), path);
		} finally {
			await rm(scratch, { recursive: true, force: true });
		}
		return readFile(path);
	});
}
