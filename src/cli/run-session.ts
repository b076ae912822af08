/** One run with its event stream: reporters, the results folder, times per phase. Used by `up` and `test`. */
import { randomBytes } from "node:crypto";
import { join, resolve } from "node:path";
import { Chalk } from "chalk";
import { LabError, wordsOf } from "../model/error.ts";
import type { EventBody, LabEvent } from "../model/event.ts";
import { jsonLinesReporter } from "../report/json-lines.ts";
import { plainReporter } from "../report/plain.ts";
import type { Reporter } from "../report/reporter.ts";
import { newRunId, ResultsFolder } from "../run/results-folder.ts";
import type { CliContext } from "./cli-context.ts";
import type { Flags } from "./flags.ts";

export interface RunSession {
	runId: string;
	results: ResultsFolder;
	emit: (event: EventBody) => void;
	/** Runs `work` as a named phase whose time is kept. */
	phase: <T>(name: string, work: () => Promise<T>, lab?: string) => Promise<T>;
	/** Aborted by the context's signal and by --timeout. */
	signal: AbortSignal;
	/** Hands the terminal to something else (a question), then goes on. */
	suspend: <T>(work: () => Promise<T>) => Promise<T>;
	/** Writes what reporters still hold back and run.json. */
	close: () => Promise<void>;
}

/** Opens a run. Progress goes to stdout, or to stderr when stdout is for JSON. */
export async function openRun(
	context: CliContext,
	flags: Flags,
	command: string[],
	reporters: (folder: string) => Reporter[],
): Promise<RunSession> {
	const runId = newRunId(new Date(), randomBytes(4).toString("hex"));
	const folder = join(resolve(context.cwd, flags.results ?? join(context.root, "results")), runId);
	const results = new ResultsFolder(folder, runId);
	const sinks: Reporter[] = [
		jsonLinesReporter(join(folder, "events.jsonl")),
		runFile(results, runId, command),
		...reporters(folder),
	];
	const screen = await openScreen(context, flags);
	sinks.push(screen.reporter);
	let seq = 0;
	const emit = (body: EventBody) => {
		const event: LabEvent = { ...body, seq: seq++, at: new Date().toISOString() };
		for (const sink of sinks) sink.onEvent(event);
	};
	emit({ type: "run-begin", run: runId, results: folder, command: `lab ${command.join(" ")}` });
	const timer = flags.timeout === undefined ? undefined : startTimeout(flags.timeout);
	const signal = timer ? AbortSignal.any([context.signal, timer.signal]) : context.signal;
	signal.addEventListener("abort", () => emit({ type: "interrupted", by: interruptedBy(signal.reason) }), {
		once: true,
	});
	return {
		runId,
		results,
		emit,
		signal,
		suspend: screen.suspend,
		phase: (name, work, lab) => timed(emit, name, work, lab),
		close: async () => {
			timer?.stop();
			for (const sink of sinks) sink.close();
			await screen.closed();
		},
	};
}

function interruptedBy(reason: unknown): "SIGINT" | "SIGTERM" | "timeout" {
	if (reason instanceof LabError && reason.kind === "timeout") return "timeout";
	return reason instanceof LabError && reason.kind === "terminated" ? "SIGTERM" : "SIGINT";
}

function startTimeout(seconds: number): { signal: AbortSignal; stop: () => void } {
	const aborter = new AbortController();
	const timer = setTimeout(() => {
		const hint = "Give it more time with --timeout, or look at where it hung with --verbose.";
		aborter.abort(new LabError("timeout", `not done after ${seconds} s`, { code: "timeout", hint }));
	}, seconds * 1000);
	return { signal: aborter.signal, stop: () => clearTimeout(timer) };
}

async function timed<T>(
	emit: (event: EventBody) => void,
	phase: string,
	work: () => Promise<T>,
	lab?: string,
): Promise<T> {
	const started = performance.now();
	const place = lab === undefined ? { phase } : { phase, lab };
	emit({ type: "phase-begin", ...place });
	try {
		const result = await work();
		emit({ type: "phase-end", ...place, ok: true, durationMs: performance.now() - started });
		return result;
	} catch (error) {
		emit({ type: "phase-end", ...place, ok: false, durationMs: performance.now() - started });
		throw error;
	}
}

interface Screen {
	reporter: Reporter;
	suspend: RunSession["suspend"];
	/** Resolves when the terminal is as it was. */
	closed: () => Promise<void>;
}

/** The live view on a terminal, plain lines anywhere else. */
async function openScreen(context: CliContext, flags: Flags): Promise<Screen> {
	const json = flags.format === "json";
	if (!json && context.interactive && !flags.plain && !flags.verbose) {
		return (await import("./live-screen.ts")).openLiveScreen(context);
	}
	const stream = json ? context.stderr : context.stdout;
	const level = context.color && stream.isTTY ? 1 : 0;
	const reporter = plainReporter({
		write: (text) => stream.write(text),
		colours: new Chalk({ level }),
		verbose: flags.verbose ?? false,
	});
	return { reporter, suspend: (work) => work(), closed: async () => {} };
}

/** run.json: what was run, on what, how long each phase took, and the report. Written when the run ends. */
function runFile(results: ResultsFolder, runId: string, command: string[]): Reporter {
	const started = new Date();
	const phases: { phase: string; lab?: string; ok: boolean; durationMs: number }[] = [];
	const launch = Number(process.env.LAB_LAUNCH_MS ?? 0);
	if (launch > 0) phases.push({ phase: "packages-and-build", ok: true, durationMs: launch });
	const facts: Record<string, unknown> = {};
	return {
		onEvent(event) {
			if (event.type === "setup" && event.message.kind === "end") {
				const { phase, ok, durationMs } = event.message;
				phases.push({ phase, ok, durationMs });
			}
			if (event.type === "phase-end") {
				const { phase, lab, ok, durationMs } = event;
				phases.push({ phase, ok, durationMs, ...(lab ? { lab } : {}) });
			}
			if (event.type === "engine-chosen") facts.engine = event.engine;
			if (event.type === "failure") facts.failure = { code: event.code, message: event.message };
			if (event.type === "run-end") facts.report = event.report;
		},
		close() {
			const text = JSON.stringify(
				{
					schema: 1,
					run: runId,
					command: ["lab", ...command],
					started: started.toISOString(),
					durationMs: Date.now() - started.getTime() + launch,
					node: process.version,
					phases,
					...facts,
				},
				null,
				"\t",
			);
			results.write("run.json", `${text}\n`);
		},
	};
}

/** Tells the stream about an error that ended a lab or the run, and returns the exit code it means. */
export function emitFailure(emit: (event: EventBody) => void, error: unknown, lab?: string): number {
	const known = error instanceof LabError ? error : new LabError("bug", wordsOf(error), { code: "bug", cause: error });
	emit({
		type: "failure",
		kind: known.kind,
		code: known.code,
		message: known.message,
		...(lab ? { lab } : {}),
		...(known.hint ? { hint: known.hint } : {}),
		...(known.where ? { where: known.where } : {}),
	});
	return known.exitCode;
}
