/** One call of `lab` inside the test's own process, with a daemon in memory and folders of its own. */
import { EventEmitter } from "node:events";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { vi } from "vitest";
import { type HostProcess, main } from "../../src/cli/main.ts";
import type { FoundDaemon } from "../../src/engine/docker-find.ts";
import type { Engine } from "../../src/engine/engine.ts";
import { LabError } from "../../src/model/error.ts";

// The first call loads a verb with all it imports, on a machine that may be busy.
vi.setConfig({ testTimeout: 60_000 });

export const TINY = "test/fixtures/tiny";

export interface CallOptions {
	/** The user's daemon; none answers when left out. */
	engine?: Engine;
	env?: Record<string, string>;
	cwd?: string;
	/** What is piped in. */
	input?: string;
	/** Called as soon as there is a process, to send it signals. */
	onStart?: (events: EventEmitter) => void;
}

export interface CallOutcome {
	code: number;
	stdout: string;
	stderr: string;
}

const KEPT = ["PATH", "HOME", "USER", "TMPDIR", "LANG"];

/** A place for everything that a call writes. */
export function freshFolders(): Record<string, string> {
	const place = mkdtempSync(join(tmpdir(), "lab-cli-"));
	return {
		LAB_CACHE: join(place, "cache"),
		LAB_RESULTS: join(place, "results"),
		XDG_STATE_HOME: join(place, "state"),
	};
}

export async function call(args: string[], options: CallOptions = {}): Promise<CallOutcome> {
	const { engine, env = freshFolders(), cwd = process.cwd(), input = "", onStart } = options;
	// Commander reads the variables of flags from the real environment.
	for (const name of Object.keys(process.env)) if (!KEPT.includes(name)) vi.stubEnv(name, undefined);
	for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value);
	const events = new EventEmitter();
	const stdout = new PassThrough();
	const stderr = new PassThrough();
	const texts = [stdout, stderr].map(collect);
	const stdin = new PassThrough();
	stdin.end(input);
	const host = Object.assign(events, {
		argv: ["node", "lab", ...args],
		env: process.env,
		cwd: () => cwd,
		stdin,
		stdout,
		stderr,
		exit: (code: number) => {
			throw new Error(`process.exit(${code})`);
		},
	}) as unknown as HostProcess;
	onStart?.(events);
	try {
		const code = await main(host, { cwd, findDaemon: async () => found(engine) });
		const [out, error] = texts.map((text) => text());
		return { code, stdout: out ?? "", stderr: error ?? "" };
	} finally {
		vi.unstubAllEnvs();
	}
}

/** The JSON that a call with `-f json` prints; fails when there is anything else on stdout. */
export async function json(args: string[], options: CallOptions = {}): Promise<{ code: number; data: unknown }> {
	const { code, stdout } = await call([...args, "-f", "json"], options);
	return { code, data: JSON.parse(stdout) as unknown };
}

function found(engine: Engine | undefined): FoundDaemon {
	const candidate = {
		address: { socketPath: "/run/memory.sock" },
		source: "usual place",
		name: "unix:///run/memory.sock",
	};
	if (engine) return { found: { ...candidate, engine }, tried: [] };
	return { tried: [{ ...candidate, error: new LabError("environment", "nobody", { code: "no-daemon" }) }] };
}

function collect(stream: PassThrough): () => string {
	const chunks: Buffer[] = [];
	stream.on("data", (chunk: Buffer) => chunks.push(chunk));
	return () => Buffer.concat(chunks).toString("utf8");
}

/** The keys of a document with the kind of what they hold; of lists, those of all entries together. */
export function shapeOf(value: unknown): unknown {
	if (Array.isArray(value)) return value.length === 0 ? [] : [value.map(shapeOf).reduce(merge)];
	if (value === null || typeof value !== "object") return value === null ? "null" : typeof value;
	return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, shapeOf(entry)]));
}

function merge(left: unknown, right: unknown): unknown {
	if (Array.isArray(left) && Array.isArray(right)) {
		const both = [...left, ...right];
		return both.length === 0 ? [] : [both.reduce(merge)];
	}
	if (!isRecord(left) || !isRecord(right)) return left;
	const keys = [...new Set([...Object.keys(left), ...Object.keys(right)])];
	return Object.fromEntries(
		keys.map((key) => [key, key in left && key in right ? merge(left[key], right[key]) : (left[key] ?? right[key])]),
	);
}

function isRecord(value: unknown): value is Record<string, unknown> {
	return typeof value === "object" && value !== null && !Array.isArray(value);
}
