/** `lab learn` on a terminal: the screen, the lab coming up behind it, and the tutor once it is up. */
import { beginLesson } from "../learn/lesson-state.ts";
import type { Tutor } from "../learn/tutor.ts";
import { asLabError } from "../model/as-lab-error.ts";
import { EXIT, LabError } from "../model/error.ts";
import { INITIAL_STATE, type RunState, reduce } from "../report/summarise.ts";
import type { LearnCommand, LessonCommand } from "../ui/learn/learn-keys.ts";
import { LearnScreen } from "../ui/learn/learn-view.ts";
import type { CliContext } from "./cli-context.ts";
import type { Flags } from "./flags.ts";
import { farewell, type LessonSession, type OpenLesson, openLessonSession } from "./lesson-session.ts";
import type { ProgressFile } from "./progress-file.ts";
import { openRun, type Screen } from "./run-session.ts";
import { takesColor } from "./terminal.ts";

/** How the student left. */
type End = "quit" | "interrupt";

export async function learnOnScreen(
	context: CliContext,
	flags: Flags,
	open: OpenLesson,
	kept: ProgressFile,
	args: string[],
): Promise<number> {
	const { stdin, stdout } = context;
	const leave = new AbortController();
	const own = { ...context, signal: AbortSignal.any([context.signal, leave.signal]) };
	const { progress, outdated } = kept.load();
	let run: RunState = INITIAL_STATE;
	let lesson = beginLesson(open.lesson, progress);
	let tutor: Tutor | undefined;
	let session: LessonSession | undefined;
	let end: End = "interrupt";
	let settle: (end: End) => void = () => {};
	const ended = new Promise<End>((resolve) => {
		settle = resolve;
	});
	const onCommand = (command: LearnCommand) => {
		if (command === "quit" || command === "interrupt") {
			settle(command);
			// What is being done is broken off, and its changes are taken back.
			leave.abort(new LabError("interrupted", "interrupted", { code: "interrupted" }));
		} else if (tutor && session) obey(command, tutor, session);
	};
	const obey = (command: LessonCommand, by: Tutor, on: LessonSession) => {
		if (command.do === "answer") void by.answer(command.chosen);
		else if (command.do === "shell") void view.suspend(() => shellIn(context, on, command.node));
		else void by[command.do]();
	};
	const read = () => ({ lesson, ready: tutor !== undefined, run });
	const nodes = Object.keys(open.lab.nodes);
	const color = takesColor(context.env, stdout);
	const view = new LearnScreen({ stdin, stdout, color, name: flags.name ?? open.lab.name, nodes, read, onCommand });
	const reporter = {
		onEvent: (event: Parameters<typeof reduce>[1]) => {
			run = reduce(run, event);
		},
		close: () => {},
	};
	const screen: Screen = { reporter, suspend: (work) => view.suspend(work), closed: async () => view.close() };
	const record = await openRun(own, flags, ["learn", ...args], () => [], screen);
	try {
		session = await openLessonSession(own, flags, record, open);
		tutor = session.tutor(progress, kept.save);
		tutor.subscribe((state) => {
			lesson = state;
			view.update();
		});
		view.update();
		void tutor.begin(outdated);
		end = await Promise.race([ended, aborted(context.signal)]);
		await tutor.idle();
		await session.close();
	} catch (error) {
		const failure = record.fail(error, open.lab.name);
		await record.close();
		throw failure;
	}
	await record.close();
	stdout.write(farewell(session.plan, lesson));
	if (context.signal.aborted) return asLabError(context.signal.reason).exitCode;
	return end === "quit" ? EXIT.passed : EXIT.interrupted;
}

function aborted(signal: AbortSignal): Promise<End> {
	if (signal.aborted) return Promise.resolve("interrupt");
	return new Promise((resolve) => signal.addEventListener("abort", () => resolve("interrupt"), { once: true }));
}

/** The terminal belongs to the shell until it ends; what goes wrong with it is read before the lesson comes back. */
async function shellIn({ stdout }: CliContext, session: LessonSession, node: string): Promise<void> {
	stdout.write(`\nA shell in ${node}. Back to the lesson: exit, or Ctrl-D.\n`);
	try {
		await session.shell(node);
	} catch (error) {
		stdout.write(`The shell in ${node} has ended: ${asLabError(error).message}\n`);
	}
}
