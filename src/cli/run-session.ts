/** One run with its event stream: reporters, the results folder, times per phase. Used by `up` and `test`. */
import { randomBytes } from "node:crypto";
import { join, resolve } from "node:path";
import { Chalk } from "chalk";
import { asLabError } from "../model/as-lab-error.ts";
import { LabError } from "../model/error.ts";
import type { EventBody } from "../model/event.ts";
import { jsonLinesReporter } from "../report/json-lines.ts";
import { plainReporter } from "../report/plain.ts";
import type { Reporter } from "../report/reporter.ts";
import { newRunId, ResultsFolder } from "../run/results-folder.ts";
import type { CliContext } from "./cli-context.ts";
import { eventSinks } from "./event-sinks.ts";
import type { Flags } from "./flags.ts";
import { loadScreen } from "./load-screen.ts";
import { runFile } from "./run-file.ts";
import { takesColor, takesLiveView } from "./terminal.ts";

export interface RunSession {
	runId: string;
	results: ResultsFolder;
	emit: (event: EventBody) => void;
	/** Runs `work` as a named phase whose time is kept. */
	phase: <T>(name: string, work: () => Promise<T>, lab?: string) => Promise<T>;
	/** What labs that are tested at the same time do one after another: set-up asks questions and installs packages. */
	turn: <T>(work: () => Promise<T>) => Promise<T>;
	/** Tells the stream what ended a lab or, without `lab`, the run. Returns the error that counts: why it was aborted, if it was. */
	fail: (error: unknown, lab?: string) => LabError;
	/** Aborted by the context's signal, by --timeout, and when the run cannot be recorded any more. */
	signal: AbortSignal;
	/** Hands the terminal to something else (a question), then goes on. */
	suspend: <T>(work: () => Promise<T>) => Promise<T>;
	/** Writes what reporters still hold back and run.json; throws when something could not be written. */
	close: () => Promise<void>;
}

/** Opens a run. Progress goes to stdout, or to stderr when stdout is for JSON; or to a screen of the verb's own. */
export async function openRun(
	context: CliContext,
	flags: Flags,
	command: string[],
	reporters: (folder: string) => Reporter[],
	ownScreen?: Screen,
): Promise<RunSession> {
	const runId = newRunId(new Date(), randomBytes(4).toString("hex"));
	const folder = join(resultsRoot(context, flags), runId);
	const results = new ResultsFolder(folder, runId);
	const screen = ownScreen ?? (await openScreen(context, flags));
	const aborter = new AbortController();
	const signal = AbortSignal.any([context.signal, aborter.signal]);
	const own = [
		jsonLinesReporter(join(folder, "events.jsonl")),
		runFile(results, runId, command, Number(context.env.LAB_LAUNCH_MS ?? 0)),
	];
	const sinks = eventSinks([...own, ...reporters(folder), screen.reporter], (error) => aborter.abort(error));
	const { emit } = sinks;
	const timer = abortAfter(flags.timeout, aborter);
	const close = async () => {
		clearTimeout(timer);
		try {
			sinks.close();
		} finally {
			await screen.closed();
		}
	};
	emit({ type: "run-begin", run: runId, results: folder, command: `lab ${command.join(" ")}` });
	signal.addEventListener("abort", () => tellAbort(emit, signal.reason), { once: true });
	return {
		runId,
		results,
		emit,
		signal,
		suspend: (work) => screen.suspend(work),
		phase: (name, work, lab) => timed(emit, name, work, lab),
		turn: inTurn(),
		fail: (error, lab) => emitFailure(emit, signal.aborted ? signal.reason : error, lab),
		close,
	};
}

/** The folder that gets a folder per run. */
export function resultsRoot(context: CliContext, flags: Flags): string {
	return resolve(context.cwd, flags.results ?? join(context.root, "results"));
}

function abortAfter(seconds: number | undefined, aborter: AbortController): NodeJS.Timeout | undefined {
	if (seconds === undefined) return undefined;
	const hint = "Give it more time with --timeout, or look at where it hung with --verbose.";
	const reason = new LabError("timeout", `not done after ${seconds} s`, { code: "timeout", hint });
	return setTimeout(() => aborter.abort(reason), seconds * 1000);
}

/** Abort reasons other than signals and the time limit are told as the failures they are. */
function tellAbort(emit: (event: EventBody) => void, reason: unknown): void {
	const kind = asLabError(reason).kind;
	const by = ({ interrupted: "SIGINT", terminated: "SIGTERM", timeout: "timeout" } as const)[kind as string];
	if (by) emit({ type: "interrupted", by });
}

function inTurn(): RunSession["turn"] {
	let last: Promise<unknown> = Promise.resolve();
	return (work) => {
		const mine = last.then(work);
		last = mine.catch(() => undefined);
		return mine;
	};
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

/** Where a person watches a run. */
export interface Screen {
	reporter: Reporter;
	suspend: RunSession["suspend"];
	/** Resolves when the terminal is as it was. */
	closed: () => Promise<void>;
}

/** The live view on a terminal, plain lines anywhere else. */
async function openScreen(context: CliContext, flags: Flags): Promise<Screen> {
	const json = flags.format === "json";
	if (!json && takesLiveView(context.env, context.stdout) && !flags.plain && !flags.verbose) {
		const { LiveScreen } = await loadScreen(() => import("./live-screen.ts"));
		return new LiveScreen(context);
	}
	const stream = json ? context.stderr : context.stdout;
	const reporter = plainReporter({
		write: (text) => stream.write(text),
		colours: new Chalk({ level: takesColor(context.env, stream) ? 1 : 0 }),
		verbose: flags.verbose ?? false,
	});
	return { reporter, suspend: (work) => work(), closed: async () => {} };
}

function emitFailure(emit: (event: EventBody) => void, error: unknown, lab?: string): LabError {
	const known = asLabError(error);
	emit({
		type: "failure",
		kind: known.kind,
		code: known.code,
		message: known.message,
		...(lab ? { lab } : {}),
		...(known.hint ? { hint: known.hint } : {}),
		...(known.where ? { where: known.where } : {}),
	});
	return known;
}
