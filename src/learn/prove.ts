/** The proof of a lesson: checks that are red before and green after, hints that fire, answers that can be measured. */
import { counted } from "../judge/outcome.ts";
import { LabError, wordsOf } from "../model/error.ts";
import type { Lesson, LessonStep, Predict, Task } from "../model/lesson.ts";
import type { ScenarioResult } from "../model/verdict.ts";
import type { Classroom } from "./classroom.ts";
import { firstHint, fitting, optionText } from "./grade.ts";

/** One thing that a lesson must hold. */
export interface Proof {
	/** Id of the step; `lesson` for the lesson as a whole. */
	step: string;
	what: string;
	holds: boolean;
	/** What was seen. */
	seen: string;
}

/**
 * Goes through the lesson as its author promises it, step by step on one lab, and tells each proof as it is made. After what
 * does not hold the lab may be in any state, so it is built afresh.
 */
export async function proveLesson(
	lesson: Lesson,
	room: Classroom,
	rebuild: () => Promise<void>,
	onProof: (proof: Proof) => void,
): Promise<Proof[]> {
	const proofs: Proof[] = [];
	const prover = new Prover(room, lesson, (proof) => {
		proofs.push(proof);
		onProof(proof);
	});
	await prover.healthy("lesson", "healthy lab at the beginning");
	for (const step of lesson.steps) {
		const before = proofs.filter(({ holds }) => !holds).length;
		await prover.step(step);
		if (proofs.filter(({ holds }) => !holds).length > before) await rebuild();
	}
	return proofs;
}

class Prover {
	readonly #room: Classroom;
	readonly #lesson: Lesson;
	readonly #tell: (proof: Proof) => void;

	constructor(room: Classroom, lesson: Lesson, tell: (proof: Proof) => void) {
		this.#room = room;
		this.#lesson = lesson;
		this.#tell = tell;
	}

	async healthy(step: string, what: string): Promise<void> {
		await this.#prove(step, what, async () => {
			const result = await this.#room.check(step, this.#lesson.healthy);
			return { holds: result.status === "passed", seen: summary(result) };
		});
	}

	async step({ id, predict, task }: LessonStep): Promise<void> {
		if (predict) await this.#predict(id, predict);
		if (task) await this.#task(id, task);
	}

	/** What a step fails with is a proof that does not hold; an abort ends the whole. */
	async #prove(step: string, what: string, work: () => Promise<Pick<Proof, "holds" | "seen">>): Promise<void> {
		const proof = await work().catch((error: unknown) => {
			if (error instanceof LabError && ["interrupted", "terminated", "timeout"].includes(error.kind)) throw error;
			return { holds: false, seen: wordsOf(error) };
		});
		this.#tell({ step, what, ...proof });
	}

	async #predict(id: string, predict: Predict): Promise<void> {
		if (predict.shown !== undefined) {
			await this.#prove(id, "requests before the question are seen", async () => {
				const measured = await this.#room.showBefore(id, predict);
				return measured?.ok
					? { holds: true, seen: measured.seen.join(" ") }
					: { holds: false, seen: measured?.why ?? "" };
			});
		}
		await this.#prove(id, "prediction has a measured answer", async () => {
			const measured = await this.#room.measure(id, predict);
			if (!measured.ok) return { holds: false, seen: measured.why };
			const options = fitting(predict, measured.value).map((index) => optionText(predict.options[index] ?? ""));
			const [only, ...others] = options;
			if (only === undefined) return { holds: false, seen: `measured ${measured.value}, which fits no option` };
			if (others.length > 0)
				return { holds: false, seen: `measured ${measured.value}, which fits ${options.join(" and ")}` };
			return { holds: true, seen: only === measured.value ? only : `${only} (${measured.value})` };
		});
		await this.healthy(id, "healthy lab after the step");
	}

	async #task(id: string, task: Task): Promise<void> {
		const { check, run, look } = this.#room;
		await this.#prove(id, "check is red before the solution", async () => {
			await run(task.break, "making the broken state");
			const result = await check(id, task.check);
			// Red means that something was seen and is wrong, not that nothing could be seen.
			return { holds: result.status === "failed", seen: summary(result) };
		});
		for (const [index, hint] of task.hints.entries()) {
			await this.#prove(id, `hint ${index + 1} fires in its wrong state`, async () => {
				await run(hint.wrong, `making the wrong state of hint ${index + 1}`);
				const fired = await firstHint(task.hints, look);
				await this.#again(task);
				const seen = fired === undefined ? "no hint fires" : `hint ${fired.index + 1}: ${firstWords(fired.hint.say)}`;
				return { holds: fired?.index === index, seen };
			});
		}
		await this.#prove(id, "check is green after the solution", async () => {
			await run(task.solve, "the solution");
			const result = await check(id, task.check);
			return { holds: result.status === "passed", seen: summary(result) };
		});
		await this.#prove(id, "no hint fires after the solution", async () => {
			const fired = await firstHint(task.hints, look);
			return fired
				? { holds: false, seen: `hint ${fired.index + 1}: ${firstWords(fired.hint.say)}` }
				: { holds: true, seen: "none" };
		});
		await this.#prove(id, "the step can be left", async () => {
			await run(task.leave ?? task.solve, "leaving the step");
			return { holds: true, seen: "every command ended well" };
		});
		await this.healthy(id, "healthy lab after the step");
	}

	/** From a wrong state back to the one the task starts with, as a student does who leaves and comes back. */
	async #again(task: Task): Promise<void> {
		await this.#room.run(task.leave ?? task.solve, "leaving the step");
		await this.#room.run(task.break, "making the broken state");
	}
}

function summary({ status, checks, reason }: ScenarioResult): string {
	if (reason !== undefined) return reason;
	const bad = checks.find((check) => check.status !== "pass");
	return bad ? `${bad.status}: ${bad.check}: ${bad.observed}` : `${status}, ${counted(checks.length, "check")}`;
}

function firstWords(text: string): string {
	const line = text.replace(/\s+/g, " ").trim();
	return line.length > 50 ? `${line.slice(0, 47)}...` : line;
}
