/** `lab learn LAB --as-author`: proves a lesson on a lab of its own, which is gone afterwards. */
import { type Proof, proveLesson as prove } from "../learn/prove.ts";
import { EXIT } from "../model/error.ts";
import type { CliContext } from "./cli-context.ts";
import { endFailed } from "./end-failed.ts";
import type { Flags } from "./flags.ts";
import { takeDownLab } from "./lab-session.ts";
import { type OpenLesson, openLessonSession } from "./lesson-session.ts";
import { linesUntil } from "./lines-until.ts";
import { print } from "./output.ts";
import { openRun } from "./run-session.ts";

export async function proveLesson(
	context: CliContext,
	flags: Flags,
	open: OpenLesson,
	args: string[],
): Promise<number> {
	const { lab, lesson } = open;
	// A name of its own, so that a student's lab is left alone.
	const own: Flags = { ...flags, name: flags.name ?? `${lab.name.slice(0, 24)}-author` };
	const out = flags.format === "json" ? context.stderr : context.stdout;
	const lines = linesUntil(context, out);
	const run = await openRun(context, flags, ["learn", ...args, "--as-author"], () => [], lines);
	let proofs: Proof[];
	try {
		const session = await openLessonSession(context, own, run, open);
		try {
			lines.hush();
			const width = Math.max("lesson".length, ...lesson.steps.map(({ id }) => id.length));
			proofs = await prove(lesson, session.room, session.rebuild, (proof) => void out.write(row(proof, width)));
		} finally {
			await run.phase("down", () => takeDownLab(session.engine, session.plan.instance, run), lab.name);
		}
	} catch (error) {
		return endFailed(context, flags, run, error, lab.name);
	}
	await run.close();
	const failed = proofs.filter(({ holds }) => !holds).length;
	const status = failed === 0 ? "passed" : "failed";
	print(context, flags, { schema: 1, lab: lab.name, results: run.results.path, status, proofs }, () =>
		failed === 0 ? `The lesson holds: ${proofs.length} proofs.` : `${failed} of ${proofs.length} proofs do not hold.`,
	);
	return failed === 0 ? EXIT.passed : EXIT.failed;
}

/** Widest of the things that are proven. */
const WHAT = "requests before the question are seen".length;

/** A row of the table, which grows as the proofs are made. */
function row({ step, what, holds, seen }: Proof, width: number): string {
	return `${holds ? "ok  " : "FAIL"}  ${step.padEnd(width)}  ${what.padEnd(WHAT)}  ${seen.replaceAll(/\s*\n\s*/g, " ")}\n`;
}
