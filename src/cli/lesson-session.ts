/** A lesson on a lab that is up: brings it up where it is not, and keeps what a tutor needs of it. */
import type { openLesson } from "../config/find-labs.ts";
import { type Classroom, classroom } from "../learn/classroom.ts";
import type { LessonState } from "../learn/lesson-state.ts";
import type { Progress } from "../learn/progress.ts";
import { Tutor } from "../learn/tutor.ts";
import type { Plan } from "../model/plan.ts";
import type { RunContext } from "../run/context.ts";
import { findInstances } from "../run/instances.ts";
import { containerOf, type LiveLab, liveLab } from "../run/live-lab.ts";
import { up } from "../run/up.ts";
import type { CliContext } from "./cli-context.ts";
import type { EngineSession } from "./engine-session.ts";
import type { Flags } from "./flags.ts";
import { openLabSession } from "./lab-session.ts";
import type { RunSession } from "./run-session.ts";
import { openShell } from "./verb-exec.ts";

/** A lab with its lesson. */
export type OpenLesson = ReturnType<typeof openLesson>;

export interface LessonSession {
	/** The lab as it was planned for the kernel it is on. */
	plan: Plan;
	room: Classroom;
	/** The engine the lab is on. */
	engine: EngineSession;
	/** A tutor for the student with this progress. */
	tutor: (progress: Progress, save: (progress: Progress) => void) => Tutor;
	/** Opens a shell in a node; it has the terminal until it ends. */
	shell: (node: string) => Promise<void>;
	/** Builds the lab afresh. */
	rebuild: () => Promise<void>;
	/** Lets go of the lab, which stays up. */
	close: () => Promise<void>;
}

/** Brings the lab up and opens a session. When that fails nothing stays, as with `lab up`. */
export async function openLessonSession(
	context: CliContext,
	flags: Flags,
	run: RunSession,
	{ lab: asked, lesson }: OpenLesson,
): Promise<LessonSession> {
	const { session, runContext, lab, plan } = await openLabSession(context, flags, run, asked);
	const disposable = session.vm !== undefined;
	let live: LiveLab;
	let madeBy = "";
	const bringUp = async (reconfigure: boolean) => {
		await run.phase("up", () => up(runContext, plan, { keep: false, reconfigure, disposable }), lab.name);
		live = await liveLab(runContext, lab, plan);
		madeBy = await runThatMade(runContext, plan);
	};
	try {
		await bringUp(false);
	} catch (error) {
		await session.discard();
		throw error;
	}
	// A lab that is built afresh has another maker, though the run is the same.
	let built = 0;
	const rebuild = async () => {
		await bringUp(true);
		built++;
	};
	const room = classroom(runContext, () => live, run.results);
	return {
		plan,
		room,
		engine: session,
		tutor: (progress, save) =>
			new Tutor({ room, lesson, progress, save, madeBy: () => (built === 0 ? madeBy : `${madeBy}/${built}`), rebuild }),
		shell: async (node) => void (await openShell(context, session.engine, containerOf(live, node))),
		rebuild,
		close: () => session.close(),
	};
}

async function runThatMade({ engine }: RunContext, plan: Plan): Promise<string> {
	const instances = await findInstances(engine);
	return instances.find(({ instance }) => instance === plan.instance)?.run ?? "";
}

/** The last words: what still runs, how to end it, and where the lesson goes on. */
export function farewell(plan: Pick<Plan, "lab" | "instance">, { lesson, at, progress }: LessonState): string {
	const name = plan.instance === plan.lab ? "" : ` -n ${plan.instance}`;
	const total = lesson.steps.length;
	const place = at >= total ? "The lesson is finished; to begin again" : `You are at step ${at + 1} of ${total}; go on`;
	const broken = progress.broken && lesson.steps.some(({ id, task }) => id === progress.broken?.step && task?.break);
	return [
		`${plan.instance} is still up${broken ? ", and broken as the step wants it" : ""}. Take it down: lab down ${plan.instance}`,
		`${place}: lab learn ${plan.lab}${name}${at >= total ? " --reset" : ""}`,
		"",
	].join("\n");
}
