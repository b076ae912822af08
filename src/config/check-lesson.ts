/** What a lesson means in its lab: nodes that exist, questions that can be measured, hints that can be told apart. */
import { wordsOf } from "../model/error.ts";
import type { Lab } from "../model/lab.ts";
import type { Answer, Check, Lesson, LessonStep, Predict, Probe, Task } from "../model/lesson.ts";
import { listOf } from "../model/list-of.ts";
import type { Phase, Traffic } from "../model/scenario.ts";
import { checkPhase, ScenarioScene } from "./check-scenario.ts";
import { checkTraffic } from "./check-traffic.ts";
import type { Report } from "./report.ts";
import { at, type Path } from "./tree.ts";

export function checkLesson(lesson: Lesson, lab: Lab, report: Report): void {
	const scene = new ScenarioScene(lab, report);
	if (at(report.tree, ["healthy"])) checkCheck(lesson.healthy, ["healthy"], scene);
	const ids = new Set<string>();
	lesson.steps.forEach((step, index) => {
		const path = ["steps", index];
		if (ids.has(step.id)) {
			report.add([...path, "id"], `there is a step "${step.id}" already`, "progress is kept by the ids");
		}
		ids.add(step.id);
		checkStep(step, path, scene);
	});
}

function checkStep(step: LessonStep, path: Path, scene: ScenarioScene): void {
	scene.checkNode(step.shell, [...path, "shell"]);
	if (step.predict) checkPredict(step.predict, [...path, "predict"], scene);
	if (step.task) checkTask(step.task, [...path, "task"], scene);
}

function checkCheck(check: Check, path: Path, scene: ScenarioScene): void {
	const phase: Phase = { ...check, name: "check" };
	checkPhase({ scene, report: scene.report, phase, path });
}

function checkTask(task: Task, path: Path, scene: ScenarioScene): void {
	for (const key of ["break", "solve", "leave"] as const) checkCommands(task[key], [...path, key], scene);
	checkCheck(task.check, [...path, "check"], scene);
	const seen = new Map<string, number>();
	task.hints.forEach((hint, index) => {
		const place = [...path, "hints", index];
		checkProbe(hint.when, [...place, "when"], scene);
		checkCommands(hint.wrong, [...place, "wrong"], scene);
		const first = seen.get(JSON.stringify(hint.when));
		if (first !== undefined) {
			const message = `is never said: hint ${first + 1} has the same state and comes first`;
			scene.report.add([...place, "when"], message, "give it a state of its own, or take it out");
		} else seen.set(JSON.stringify(hint.when), index);
	});
}

function checkCommands(commands: Task["break"], path: Path, scene: ScenarioScene): void {
	listOf(commands).forEach(({ on }, index) => {
		scene.checkNode(on, [...path, ...(Array.isArray(commands) ? [index] : []), "on"]);
	});
}

function checkProbe(probe: Probe, path: Path, scene: ScenarioScene): void {
	scene.checkNode(probe.at, [...path, "at"]);
	for (const key of ["matches", "lacks"] as const) checkPattern(probe[key], [...path, key], scene.report);
}

function checkPattern(pattern: string | undefined, path: Path, report: Report): void {
	if (pattern === undefined) return;
	try {
		new RegExp(pattern, "m");
	} catch (error) {
		// JavaScript's words begin with the whole expression, which the author sees anyway.
		const why = wordsOf(error).split(": ").at(-1);
		report.add(path, `"${pattern}" is not a regular expression: ${why}`);
	}
}

function checkPredict({ measure, options, shown }: Predict, path: Path, scene: ScenarioScene): void {
	const { report } = scene;
	const place = [...path, "measure"];
	listOf(measure.change).forEach(({ on }, index) => {
		scene.checkNode(on, [...place, "change", ...(Array.isArray(measure.change) ? [index] : []), "on"]);
	});
	if (measure.traffic) checkTraffic(measure.traffic, [...place, "traffic"], scene);
	checkAnswer(measure.answer, [...place, "answer"], measure, scene);
	const said = new Set<string>();
	options.forEach((option, index) => {
		const { say, from, to } = typeof option === "string" ? { say: option, from: undefined, to: undefined } : option;
		if (said.has(say)) report.add([...path, "options", index], `there is an option "${say}" already`);
		said.add(say);
		if (from !== undefined && to !== undefined && from > to) {
			report.add([...path, "options", index, "from"], `from ${from} is more than to ${to}: no number fits`);
		}
	});
	if (shown === undefined) return;
	const count = measure.traffic?.count ?? 0;
	if (measure.answer.backend === undefined) {
		report.addAtKey([...path, "shown"], '"shown" means nothing here', "it is for questions about backend: REQUEST");
	} else if (shown >= measure.answer.backend || shown >= count) {
		report.add([...path, "shown"], `${shown} requests are shown before the question, so the answer is among them`);
	}
}

/** Kinds that join requests with the backends' logs, which a ping does not appear in. */
const NEEDS_BACKENDS = ["backend", "backends", "share", "source"] as const;

function checkAnswer(answer: Answer, path: Path, { traffic }: Predict["measure"], scene: ScenarioScene): void {
	if (answer.share !== undefined) scene.checkBackend(answer.share, [...path, "share"]);
	answer.source?.at.forEach((hop, index) => void scene.checkBackend(hop, [...path, "source", "at", index]));
	if (answer.passes) scene.checkNode(answer.passes.node, [...path, "passes", "node"]);
	if (answer.seen) checkPlace(answer.seen, [...path, "seen"], scene);
	if (answer.header) checkPlace(answer.header, [...path, "header"], scene);
	if (answer.output) {
		scene.checkNode(answer.output.at, [...path, "output", "at"]);
		checkPattern(answer.output.matches, [...path, "output", "matches"], scene.report);
	} else if (traffic) {
		checkAnswerFits(answer, path, traffic, scene.report);
	} else {
		const hint = "add traffic: { from: ..., curl: ... }, or ask for the output of a command";
		scene.report.absent(path, "nothing can be measured without traffic", hint, path.slice(0, -1));
	}
}

/** A capture is taken at an interface that is there. */
function checkPlace(place: { at: string; interface: string }, path: Path, scene: ScenarioScene): void {
	scene.checkNode(place.at, [...path, "at"]);
	const devices = scene.devicesOf(place.at);
	if (!devices || devices.has(place.interface)) return;
	const where = ` on node ${place.at}`;
	scene.report.unknown([...path, "interface"], "interface", place.interface, [...devices.names], where);
}

function checkAnswerFits(answer: Answer, path: Path, traffic: Traffic, report: Report): void {
	if (answer.backend !== undefined && answer.backend > traffic.count) {
		report.add([...path, "backend"], `request ${answer.backend} is never sent: the traffic has ${traffic.count}`);
	}
	const needs = NEEDS_BACKENDS.find((kind) => answer[kind] !== undefined);
	if (needs && traffic.ping !== undefined) {
		report.addAtKey([...path, needs], `${needs} needs connections (nc or curl), but the traffic is ping`);
	}
}
