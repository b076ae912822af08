/** What every part of the benchmark gets, and how it calls `lab`. */
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { $ } from "zx";
import type { Cleanup } from "./cleanup.ts";

export interface Bench {
	/** The project's folder. */
	root: string;
	rounds: number;
	/** Debian release whose Docker daemon is used. */
	suite: "trixie" | "bookworm";
	cleanup: Cleanup;
	say: (line: string) => void;
}

/** A timed command. */
export interface Timing {
	/** Of the whole process, in seconds. */
	seconds: number;
	/** Phases of run.json, in seconds; empty for verbs that have none. */
	phases: Record<string, number>;
}

/** A folder that goes at the end. */
export async function temporaryFolder(cleanup: Cleanup): Promise<string> {
	const folder = await mkdtemp(join(tmpdir(), "lab-bench-"));
	cleanup.add(() => rm(folder, { recursive: true, force: true }));
	return folder;
}

/**
 * The environment `lab` runs in: the user's own without what is set for lab, and with a place of its own for machines,
 * so that those of other labs are neither asked nor found.
 */
export function labEnvironment(folder: string, extra: Record<string, string> = {}): NodeJS.ProcessEnv {
	const own = Object.entries(process.env).filter(([name]) => !/^(LAB_|DOCKER_)/.test(name) || name === "LAB_CACHE");
	return {
		...Object.fromEntries(own),
		CI: "true",
		XDG_RUNTIME_DIR: folder,
		LAB_RESULTS: join(folder, "runs"),
		...extra,
	};
}

/** Runs a command to its end; @throws Error with what it printed when it fails. */
export async function timed(bench: Bench, env: NodeJS.ProcessEnv, command: string[]): Promise<number> {
	bench.cleanup.signal.throwIfAborted();
	const shell = $({ env, cwd: bench.root, quiet: true, nothrow: true, stdio: ["ignore", "pipe", "pipe"] });
	const started = performance.now();
	const output = await bench.cleanup.command(shell`${command}`);
	const seconds = (performance.now() - started) / 1000;
	if (output.exitCode !== 0) throw new Error(`${command.join(" ")} ended with ${output.exitCode}:\n${output.stderr}`);
	return seconds;
}

/** Runs `./lab` as a user does. */
export async function timedLab(bench: Bench, env: NodeJS.ProcessEnv, args: string[]): Promise<Timing> {
	const runs = env.LAB_RESULTS ?? "";
	await rm(runs, { recursive: true, force: true });
	const seconds = await timed(bench, env, ["./lab", ...args]);
	const [run] = await readdir(runs).catch(() => []);
	if (run === undefined) return { seconds, phases: {} };
	const record = JSON.parse(await readFile(join(runs, run, "run.json"), "utf8")) as {
		phases: { phase: string; durationMs: number }[];
	};
	return { seconds, phases: Object.fromEntries(record.phases.map((entry) => [entry.phase, entry.durationMs / 1000])) };
}
