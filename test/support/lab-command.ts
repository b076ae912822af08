/** Runs `./lab` as a user would, in a process of its own, with an environment of the test's choosing. */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

export interface LabOutcome {
	code: number;
	stdout: string;
	stderr: string;
}

export interface LabOptions {
	env?: Record<string, string>;
	/** Folder for results; a fresh one in the temporary folder when left out. */
	results?: string;
	stdin?: string;
}

/** A fresh folder for the results of a run. */
export function resultsFolder(): string {
	return mkdtempSync(join(tmpdir(), "lab-results-"));
}

/** The environment of a run without a terminal: the machine's own, without what a developer may have set for lab. */
function environment(options: LabOptions): NodeJS.ProcessEnv {
	const own = Object.entries(process.env).filter(([name]) => !name.startsWith("LAB_") || name === "LAB_CACHE");
	return { ...Object.fromEntries(own), CI: "true", LAB_RESULTS: options.results ?? resultsFolder(), ...options.env };
}

/** Starts lab and does not wait. */
export function startLab(args: string[], options: LabOptions = {}): ChildProcess {
	return spawn(resolve("lab"), args, { env: environment(options), stdio: ["pipe", "pipe", "pipe"] });
}

/** Runs lab to its end. Never rejects for an exit code. */
export function lab(args: string[], options: LabOptions = {}): Promise<LabOutcome> {
	const child = startLab(args, options);
	return finished(child, options.stdin);
}

/** Waits for a started lab and collects what it prints. */
export function finished(child: ChildProcess, stdin = ""): Promise<LabOutcome> {
	let stdout = "";
	let stderr = "";
	child.stdout?.on("data", (chunk: Buffer) => (stdout += chunk.toString("utf8")));
	child.stderr?.on("data", (chunk: Buffer) => (stderr += chunk.toString("utf8")));
	child.stdin?.end(stdin);
	return new Promise((settle, reject) => {
		child.once("error", reject);
		child.once("close", (code, signal) => settle({ code: code ?? (signal === "SIGKILL" ? 137 : 1), stdout, stderr }));
	});
}
