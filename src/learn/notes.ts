/** What a student is told about an answer, a check and a solution. Pure. */
import { EVIDENCE_CHECK } from "../judge/check-name.ts";
import type { Predict, Task } from "../model/lesson.ts";
import { listOf } from "../model/list-of.ts";
import type { ScenarioResult } from "../model/verdict.ts";
import { fitting, optionText, wrongText } from "./grade.ts";
import type { Note } from "./lesson-state.ts";
import type { Measured } from "./measurement.ts";
import type { Standing } from "./progress.ts";

/** What to say to an answer, and how the step ends with it. */
export function gradeNote(predict: Predict, measured: Measured, chosen: number, right: boolean): [Note, Standing?] {
	if (!measured.ok) return [unmeasured(measured.why)];
	const said = optionText(predict.options[chosen] ?? "");
	const why = right ? undefined : wrongText(predict.options[chosen]);
	const note: Note = {
		kind: right ? "good" : "bad",
		title: right
			? `Right: ${said}.`
			: `Not so. You said "${said}"; measured: ${measuredWords(predict, measured.value)}.`,
		lines: [...measured.seen, ...(why ? ["", why] : [])],
	};
	return [note, right ? "solved" : "missed"];
}

/** The measured answer for somebody who has not answered. */
export function answerNote(predict: Predict, measured: Measured): Note {
	if (!measured.ok) return unmeasured(measured.why);
	const title = `The answer, as measured: ${measuredWords(predict, measured.value)}.`;
	return { kind: "info", title, lines: measured.seen };
}

function unmeasured(why: string): Note {
	const lines = [why, "Ask again, or build the lab afresh."];
	return { kind: "trouble", title: "It could not be measured.", lines };
}

/** The measured value in the words of the option that fits it. */
function measuredWords(predict: Predict, value: string): string {
	const [index] = fitting(predict, value);
	const words = index === undefined ? value : optionText(predict.options[index] ?? value);
	return words.toLowerCase().includes(value.toLowerCase()) ? words : `${words} (${value})`;
}

/** A check of the lesson as its student reads it: without what only says that nothing more could be judged. */
export function checkNote({ status, checks, reason }: ScenarioResult): Note {
	const told = checks.filter(
		(check) =>
			!(check.check === EVIDENCE_CHECK && check.status === "pass") &&
			!(status === "failed" && check.status === "error"),
	);
	const lines = told.map((check) => {
		const seen = `${check.check}: ${check.observed}`;
		if (check.status === "pass") return `ok    ${seen}`;
		return `${check.status.toUpperCase().padEnd(5)} ${seen} (wanted: ${check.expected})`;
	});
	if (status === "passed") return { kind: "good", title: "Done: all that was checked is so.", lines };
	if (status === "failed") return { kind: "bad", title: "Not yet.", lines };
	return { kind: "trouble", title: "It could not be checked.", lines: [...lines, ...(reason ? [reason] : [])] };
}

/** The commands of a solution, each with its node. */
export function solutionLines(task: Task): string[] {
	return listOf(task.solve).flatMap(({ on, run }) => listOf<string>(run).map((line) => `${on}$ ${line}`));
}
