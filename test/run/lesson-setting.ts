/** A student and the tiny lab on an engine in memory, whose router is as well as it was made. */
import { openLesson } from "../../src/config/find-labs.ts";
import { type Classroom, classroom } from "../../src/learn/classroom.ts";
import { freshProgress, type Progress } from "../../src/learn/progress.ts";
import { Tutor } from "../../src/learn/tutor.ts";
import { liveLab } from "../../src/run/live-lab.ts";
import { up } from "../../src/run/up.ts";
import { FakeNodes } from "../support/fake-nodes.ts";
import { lab, plan, results, type Setting, setting } from "./setting.ts";

export const { lesson } = openLesson("test/fixtures/tiny", ".");

/** Nodes whose router answers `how are you` with what `make` has made of it. */
export class IllNodes extends FakeNodes {
	constructor() {
		super();
		this.state = "well";
		this.onExec(({ request }) => {
			const script = request.command.at(-1) ?? "";
			const made = /^make (\w+)$/.exec(script)?.[1];
			if (made) this.state = made;
			return script.endsWith("\nhow are you") ? { stdout: `${this.state}\n` } : undefined;
		});
	}
}

export interface Student extends Setting {
	nodes: IllNodes;
	room: Classroom;
	tutor: Tutor;
	/** What was kept last. */
	kept: () => Progress;
	/** How often the lab was built afresh. */
	rebuilt: () => number;
}

/** A student at the beginning of the lesson, or where `progress` says, on a lab that this run has made. */
export async function student(
	progress = freshProgress(lesson),
	nodes = new IllNodes(),
	run = "20260101-000000-ab12",
): Promise<Student> {
	const now = setting(nodes);
	await up(now.context, plan(), { keep: false });
	const live = await liveLab(now.context, lab, plan());
	const room = classroom(now.context, () => live, results());
	let kept = progress;
	let rebuilt = 0;
	const tutor = new Tutor({
		room,
		lesson,
		progress,
		save: (next) => {
			kept = next;
		},
		madeBy: () => `${run}/${rebuilt}`,
		rebuild: async () => {
			nodes.state = "well";
			rebuilt++;
		},
	});
	return { ...now, nodes, room, tutor, kept: () => kept, rebuilt: () => rebuilt };
}
