/** Takes a student through a lesson: each command of the screen and of the plain prompts is a method here. */
import { wordsOf } from "../model/error.ts";
import type { Classroom } from "./classroom.ts";
import { firstHint, fitting } from "./grade.ts";
import {
	beginLesson,
	type LessonAction,
	type LessonState,
	type Note,
	reduceLesson,
	standingOf,
	stepAt,
} from "./lesson-state.ts";
import { answerNote, checkNote, gradeNote, solutionLines } from "./notes.ts";
import type { Progress, Standing } from "./progress.ts";

export interface TutorOptions {
	room: Classroom;
	lesson: LessonState["lesson"];
	progress: Progress;
	/** Keeps the progress; called after each change of it. */
	save: (progress: Progress) => void;
	/** The run that made the lab, to know whether its broken state is still there. */
	madeBy: () => string;
	/** Builds the lab afresh. */
	rebuild: () => Promise<void>;
}

export class Tutor {
	#state: LessonState;
	readonly #options: TutorOptions;
	#work: Promise<void> = Promise.resolve();
	readonly #listeners = new Set<(state: LessonState) => void>();

	constructor(options: TutorOptions) {
		this.#options = options;
		this.#state = beginLesson(options.lesson, options.progress);
	}

	get state(): LessonState {
		return this.#state;
	}

	/** Calls `listener` after each change until the function it returned is called. */
	subscribe(listener: (state: LessonState) => void): () => void {
		this.#listeners.add(listener);
		return () => this.#listeners.delete(listener);
	}

	/**
	 * Puts the lab into the state that the step starts with. To be called once before anything else.
	 * @param outdated whether progress was kept for another version of the lesson, and so is lost
	 */
	begin(outdated = false): Promise<void> {
		return this.#during("Looking at the lab", async () => {
			await this.#enter();
			const title = "The lesson has changed since you took it, so it begins anew.";
			if (outdated) this.#note({ kind: "info", title, lines: [] });
		});
	}

	/** Grades the option at this position, counted from 0. */
	answer(chosen: number): Promise<void> {
		const step = stepAt(this.#state);
		const predict = step?.predict;
		if (!predict || standingOf(this.#state)) return Promise.resolve();
		return this.#during("Measuring", async () => {
			const measured = await this.#options.room.measure(step.id, predict);
			const right = measured.ok && fitting(predict, measured.value).includes(chosen);
			this.#note(...gradeNote(predict, measured, chosen, right));
		});
	}

	/** Sends the traffic of a task's check and judges it. */
	check(): Promise<void> {
		const step = stepAt(this.#state);
		const task = step?.task;
		if (!task) return Promise.resolve();
		return this.#during("Checking with real traffic", async () => {
			const result = await this.#options.room.check(step.id, task.check);
			this.#note(checkNote(result), result.status === "passed" ? "solved" : undefined);
		});
	}

	/** What to say about the state the lab is in just now. */
	hint(): Promise<void> {
		const step = stepAt(this.#state);
		if (!step || standingOf(this.#state)) return Promise.resolve();
		const say = (...lines: string[]) => this.#dispatch({ type: "hint", note: { kind: "hint", title: "Hint", lines } });
		const { predict, task } = step;
		if (predict) {
			say(predict.hint ?? "Look around in a shell first: nothing you look at changes the answer.");
			return Promise.resolve();
		}
		return this.#during("Looking at your lab", async () => {
			const found = await firstHint(task?.hints ?? [], (probe) => this.#options.room.look(probe));
			say(found?.hint.say ?? "Nothing that is known to go wrong here. Check, and read what was seen instead.");
		});
	}

	/** Shows the solution by doing it: the measured answer, or the commands. */
	solve(): Promise<void> {
		const step = stepAt(this.#state);
		if (!step || standingOf(this.#state)) return Promise.resolve();
		const { predict, task } = step;
		const { room } = this.#options;
		if (predict) {
			return this.#during("Measuring", async () => {
				const measured = await room.measure(step.id, predict);
				this.#note(answerNote(predict, measured), measured.ok ? "shown" : undefined);
			});
		}
		return this.#during("Running the solution", async () => {
			if (!task) return;
			await room.run(task.solve, "the solution");
			const result = await room.check(step.id, task.check);
			const note = checkNote(result);
			const lines = [...solutionLines(task), ...note.lines];
			this.#note(
				{ ...note, title: `Solved for you. ${note.title}`, lines },
				result.status === "passed" ? "shown" : undefined,
			);
		});
	}

	next(): Promise<void> {
		return this.#go(this.#state.at + 1);
	}

	back(): Promise<void> {
		return this.#go(this.#state.at - 1);
	}

	/** Builds the lab afresh, and puts it into the state that the step starts with. */
	rebuild(): Promise<void> {
		return this.#during("Building the lab afresh", async () => {
			await this.#options.rebuild();
			this.#dispatch({ type: "whole" });
			await this.#enter();
			this.#note({ kind: "info", title: "The lab is new, as at the beginning of this step.", lines: [] });
		});
	}

	#go(at: number): Promise<void> {
		if (at < 0 || at > this.#options.lesson.steps.length) return Promise.resolve();
		return this.#during("Going on", async () => {
			await this.#leave();
			this.#dispatch({ type: "go", at });
			await this.#enter();
		});
	}

	async #enter(): Promise<void> {
		const step = stepAt(this.#state);
		const { room, madeBy } = this.#options;
		if (!step || standingOf(this.#state)) return;
		if (step.predict?.shown !== undefined) {
			const measured = await room.showBefore(step.id, step.predict);
			if (measured) this.#dispatch({ type: "before", lines: measured.ok ? measured.seen : [measured.why] });
		}
		const { broken } = this.#state.progress;
		if (!step.task || (broken?.step === step.id && broken.run === madeBy())) return;
		// Kept before it is done: what breaks half way has to be mended all the same.
		this.#dispatch({ type: "broken", run: madeBy() });
		await room.run(step.task.break, "making the broken state");
	}

	/** Brings the lab back to how it was before the step, and builds it afresh where that does not do. */
	async #leave(): Promise<void> {
		const { room, lesson, madeBy, rebuild } = this.#options;
		const { broken } = this.#state.progress;
		const task = lesson.steps.find(({ id }) => id === broken?.step)?.task;
		if (!task || broken?.run !== madeBy()) return this.#dispatch({ type: "whole" });
		const restored = await room.run(task.leave ?? task.solve, "leaving the step").then(
			() => true,
			() => false,
		);
		const healthy = restored && (await room.check("healthy", lesson.healthy)).status === "passed";
		if (!healthy) {
			this.#dispatch({ type: "busy", text: "Some changes are left, so the lab is built afresh" });
			await rebuild();
		}
		this.#dispatch({ type: "whole" });
	}

	/** Resolves when nothing is being done. */
	async idle(): Promise<void> {
		await this.#work;
	}

	/** One command at a time; what it fails with is told and ends nothing. */
	#during(text: string, work: () => Promise<void>): Promise<void> {
		if (this.#state.busy !== undefined) return Promise.resolve();
		this.#work = this.#told(text, work);
		return this.#work;
	}

	async #told(text: string, work: () => Promise<void>): Promise<void> {
		this.#dispatch({ type: "busy", text });
		try {
			await work();
		} catch (error) {
			const lines = [wordsOf(error), "Try again, or build the lab afresh."];
			this.#note({ kind: "trouble", title: "That did not work.", lines });
		}
		// Nothing may have come of it.
		if (this.#state.busy !== undefined) this.#dispatch({ type: "idle" });
	}

	#note(note: Note, standing?: Standing): void {
		this.#dispatch({ type: "note", note, ...(standing ? { standing } : {}) });
	}

	#dispatch(action: LessonAction): void {
		const { progress } = this.#state;
		this.#state = reduceLesson(this.#state, action);
		if (this.#state.progress !== progress) this.#options.save(this.#state.progress);
		for (const listener of this.#listeners) listener(this.#state);
	}
}
