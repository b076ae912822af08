/** What kernels were found able to do, kept in the cache so that a warm start need not try again. */
import { createHash } from "node:crypto";
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { release } from "node:os";
import { join } from "node:path";
import type { EngineInfo } from "../engine/engine.ts";
import type { FeatureAnswers, ProbeMemory } from "../engine/kernel-probe.ts";

type Known = Record<string, Partial<FeatureAnswers>>;

/** A memory in `<cache>/kernel-probes.json`. A missing or broken file means that nothing is known. */
export function probeMemory(cache: string): ProbeMemory {
	const file = join(cache, "kernel-probes.json");
	const all = async (): Promise<Known> => {
		try {
			return JSON.parse(await readFile(file, "utf8")) as Known;
		} catch {
			return {};
		}
	};
	return {
		modules: loadedModules,
		read: async (key) => (await all())[key],
		write: async (key, answers) => {
			const part = `${file}.${process.pid}.part`;
			try {
				await mkdir(cache, { recursive: true, mode: 0o700 });
				await writeFile(part, `${JSON.stringify({ ...(await all()), [key]: answers }, null, "\t")}\n`);
				await rename(part, file);
			} catch {
				// A cache that cannot be written costs the next start a second, and this one nothing.
			}
		},
	};
}

/** Those of this host, where the daemon's kernel is this host's. */
async function loadedModules({ local, kernel }: EngineInfo): Promise<string | undefined> {
	if (!local || kernel !== release()) return undefined;
	// A kernel without loadable modules has no such file, and gets no further feature.
	const text = await readFile("/proc/modules", "utf8").catch(() => "");
	const names = text.split("\n").map((line) => line.split(" ")[0]);
	return createHash("sha256").update(names.sort().join("\n")).digest("hex").slice(0, 16);
}
