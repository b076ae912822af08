/** `lab learn` */
import { openLesson } from "../config/find-labs.ts";
import { EXIT, LabError } from "../model/error.ts";
import type { CliContext } from "./cli-context.ts";
import { endFailed } from "./end-failed.ts";
import type { Flags } from "./flags.ts";
import { proveLesson } from "./learn-author.ts";
import { learnPlain } from "./learn-plain.ts";
import { farewell, type OpenLesson, openLessonSession } from "./lesson-session.ts";
import { linesUntil } from "./lines-until.ts";
import { loadScreen } from "./load-screen.ts";
import { type ProgressFile, progressFile } from "./progress-file.ts";
import { openRun } from "./run-session.ts";
import { takesLiveView } from "./terminal.ts";

export async function learn(context: CliContext, args: string[], flags: Flags): Promise<number> {
	const open = openLesson(args[0] ?? "", context.root);
	if (flags.asAuthor) return proveLesson(context, flags, open, args);
	if (flags.format === "json") {
		const hint = "JSON is for the proof of a lesson: lab learn LAB --as-author -f json";
		throw new LabError("input", "a lesson is read by a person, not as JSON", { code: "no-json", hint });
	}
	const kept = progressFile(context.env, open.lab.name, open.lesson);
	if (flags.reset) kept.reset();
	const screen = context.stdin.isTTY && !flags.plain && takesLiveView(context.env, context.stdout);
	if (!screen) return learnByLines(context, flags, open, kept, args);
	const { learnOnScreen } = await loadScreen(() => import("./learn-screen.ts"));
	return learnOnScreen(context, flags, open, kept, args);
}

async function learnByLines(
	context: CliContext,
	flags: Flags,
	open: OpenLesson,
	kept: ProgressFile,
	args: string[],
): Promise<number> {
	const { progress, outdated } = kept.load();
	const lines = linesUntil(context, context.stdout);
	const run = await openRun(context, flags, ["learn", ...args], () => [], lines);
	try {
		const session = await openLessonSession(context, flags, run, open);
		lines.hush();
		const tutor = session.tutor(progress, kept.save);
		try {
			await learnPlain(context, session, tutor, outdated);
		} finally {
			await session.close();
			context.stdout.write(`\n${farewell(session.plan, tutor.state)}`);
		}
	} catch (error) {
		return endFailed(context, flags, run, error, open.lab.name);
	}
	await run.close();
	if (context.signal.aborted) throw context.signal.reason;
	return EXIT.passed;
}
