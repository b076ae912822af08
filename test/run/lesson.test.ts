/** A student's way through a lesson, and the proof of one, with the real running and judging on an engine in memory. */
import { beforeEach, describe, expect, it } from "vitest";
import { type Proof, proveLesson } from "../../src/learn/prove.ts";
import type { Lesson } from "../../src/model/lesson.ts";
import { IllNodes, lesson, type Student, student } from "./lesson-setting.ts";

let now: Student;
beforeEach(async () => {
	now = await student();
	await now.tutor.begin();
});

const note = () => now.tutor.state.note;

describe("a prediction", () => {
	it("shows what was sent before, and grades what is measured after it", async () => {
		expect(now.tutor.state.before).toEqual(["Measured: request 1 to real1, 2 to real2."]);
		await now.tutor.answer(0);
		expect(note()).toEqual({ kind: "good", title: "Right: real1.", lines: ["Measured: request 3 to real1."] });
		expect(now.kept().steps.turn?.standing).toBe("solved");
	});

	it("goes by the lab alone: the same answer is wrong when the lab does otherwise", async () => {
		now.nodes.backends = ["real2"];
		await now.tutor.answer(0);
		expect(note()).toMatchObject({ kind: "bad", title: 'Not so. You said "real1"; measured: real2.' });
		expect(now.kept().steps.turn?.standing).toBe("missed");
	});

	it("says why an option is wrong, and is answered once", async () => {
		await now.tutor.answer(1);
		expect(note()?.lines.at(-1)).toBe("The row begins again with the third.");
		await now.tutor.answer(0);
		expect(now.kept().steps.turn?.standing).toBe("missed");
	});

	it("that cannot be measured stays open", async () => {
		now.nodes.unlogged.add(0);
		await now.tutor.answer(0);
		expect(note()).toMatchObject({ kind: "trouble", title: "It could not be measured." });
		expect(now.kept().steps.turn?.standing).toBeUndefined();
		now.nodes.unlogged.clear();
		await now.tutor.solve();
		expect(note()?.title).toBe("The answer, as measured: real1.");
		expect(now.kept().steps.turn?.standing).toBe("shown");
	});

	it("gives its nudge as a hint, and counts it", async () => {
		await now.tutor.hint();
		expect(note()).toMatchObject({ kind: "hint", lines: ["The row begins again with the third."] });
		expect(now.kept().steps.turn).toEqual({ hints: 1 });
	});
});

describe("a task", () => {
	beforeEach(() => now.tutor.next());

	it("starts with the broken state, is red before and green after it is mended", async () => {
		expect(now.nodes.state).toBe("ill");
		await now.tutor.check();
		expect(note()).toMatchObject({ kind: "bad", title: "Not yet." });
		expect(note()?.lines).toEqual([expect.stringMatching(/^FAIL {2}the router is well: "ill" \(wanted: .*well/)]);
		now.nodes.state = "well";
		await now.tutor.check();
		expect(note()).toMatchObject({ kind: "good", lines: [expect.stringMatching(/^ok {4}the router is well: "well"/)] });
		expect(now.kept().steps.mend?.standing).toBe("solved");
	});

	it("takes its hints from the state the lab is in", async () => {
		const hinted = async (state: string) => {
			now.nodes.state = state;
			await now.tutor.hint();
			return note()?.lines[0];
		};
		expect(await hinted("ill")).toBe("It is as ill as it was.");
		expect(await hinted("much worse")).toBe("It is worse now.");
		expect(await hinted("strange")).toMatch(/^Nothing that is known to go wrong here/);
		expect(now.kept().steps.mend?.hints).toBe(3);
	});

	it("can be solved by lab, which tells the commands", async () => {
		await now.tutor.solve();
		expect(note()?.title).toBe("Solved for you. Done: all that was checked is so.");
		expect(note()?.lines[0]).toBe("router$ make well");
		expect(now.kept().steps.mend?.standing).toBe("shown");
	});

	it("leaves the lab as it was, mended or not", async () => {
		await now.tutor.back();
		expect([now.nodes.state, now.tutor.state.at, now.rebuilt()]).toEqual(["well", 0, 0]);
		expect(now.kept().broken).toBeUndefined();
	});

	it("has the lab built afresh where it is not healthy after it", async () => {
		now.nodes.failing = undefined;
		now.nodes.onExec(({ request }) => (request.command.at(-1) === "make well" ? { exitCode: 1 } : undefined));
		await now.tutor.back();
		expect([now.rebuilt(), now.kept().broken]).toEqual([1, undefined]);
	});

	it("is not broken again when the student comes back to the same lab, and is when the lab is new", async () => {
		now.nodes.state = "half mended";
		const again = await student(now.kept(), now.nodes);
		await again.tutor.begin();
		expect([again.tutor.state.at, again.nodes.state]).toEqual([1, "half mended"]);
		await again.tutor.rebuild();
		expect([again.rebuilt(), again.nodes.state]).toEqual([1, "ill"]);
	});

	it("is broken again on a lab that another run has made", async () => {
		const other = await student(now.kept(), new IllNodes(), "20260102-000000-cd34");
		await other.tutor.begin();
		expect([other.tutor.state.at, other.nodes.state]).toEqual([1, "ill"]);
	});

	it("tells what went wrong with a command, and goes on", async () => {
		now.nodes.failing = undefined;
		now.nodes.onExec(({ request }) =>
			request.command.at(-1) === "make well" ? { exitCode: 1, stderr: "no such word" } : undefined,
		);
		await now.tutor.solve();
		expect(note()).toMatchObject({ kind: "trouble", title: "That did not work." });
		expect(note()?.lines[0]).toContain("no such word");
		expect(now.tutor.state.busy).toBeUndefined();
	});
});

it("one command is done at a time", async () => {
	const first = now.tutor.answer(0);
	await now.tutor.next();
	await first;
	expect(now.tutor.state.at).toBe(0);
});

describe("the proof of a lesson", () => {
	async function prove(changed: (lesson: Lesson) => void = () => {}, nodes = new IllNodes()) {
		const copy = structuredClone(lesson);
		changed(copy);
		const { room } = await student(undefined, nodes);
		let rebuilt = 0;
		const told: Proof[] = [];
		const proofs = await proveLesson(
			copy,
			room,
			async () => void rebuilt++,
			(proof) => told.push(proof),
		);
		expect(told).toEqual(proofs);
		return { proofs, red: proofs.filter(({ holds }) => !holds).map(({ what }) => what), rebuilt };
	}

	it("holds for the tiny lesson, step by step", async () => {
		const { proofs, red } = await prove();
		expect(red).toEqual([]);
		expect(proofs.map(({ step, what }) => `${step}: ${what}`)).toEqual([
			"lesson: healthy lab at the beginning",
			"turn: requests before the question are seen",
			"turn: prediction has a measured answer",
			"turn: healthy lab after the step",
			"mend: check is red before the solution",
			"mend: hint 1 fires in its wrong state",
			"mend: hint 2 fires in its wrong state",
			"mend: check is green after the solution",
			"mend: no hint fires after the solution",
			"mend: the step can be left",
			"mend: healthy lab after the step",
		]);
	});

	it("takes what could not be seen for no red", async () => {
		const nodes = new IllNodes();
		nodes.captureLog = "";
		const packets = { at: "router", interface: "eth0", match: {}, count: "some" as const };
		const check = { traffic: lesson.healthy.traffic, expect: [{ packets }] };
		const { proofs } = await prove((bad) => void Object.assign(task(bad), { check }), nodes);
		const red = proofs.find(({ what }) => what === "check is red before the solution");
		expect(red).toMatchObject({ holds: false, seen: expect.stringMatching(/^error: packets at router eth0/) });
	});

	const task = ({ steps }: Lesson) => steps[1]?.task ?? expect.fail("no task");
	const predict = ({ steps }: Lesson) => steps[0]?.predict ?? expect.fail("no prediction");

	it.each<[string, (lesson: Lesson) => void, string[]]>([
		[
			"a task that is done before it is begun",
			(bad) => void delete task(bad).break,
			["check is red before the solution", "hint 1 fires in its wrong state"],
		],
		[
			"a solution that does not solve",
			(bad) => void Object.assign(task(bad), { solve: { on: "router", run: "make worse" } }),
			["check is green after the solution", "no hint fires after the solution"],
		],
		[
			"a hint behind one that says it first",
			(bad) =>
				void Object.assign(task(bad).hints[0] ?? {}, { when: { at: "router", run: "how are you", matches: "." } }),
			["hint 2 fires in its wrong state", "no hint fires after the solution"],
		],
		[
			"a hint whose wrong state is another",
			(bad) => void delete task(bad).hints[1]?.wrong,
			["hint 2 fires in its wrong state"],
		],
		[
			"a question whose answer is no option",
			(bad) => void predict(bad).options.shift(),
			["prediction has a measured answer"],
		],
		[
			"a question with two right answers",
			(bad) => void predict(bad).options.push({ say: "the first", is: "real1" }),
			["prediction has a measured answer"],
		],
	])("%s shows", async (_, spoil, expected) => {
		const { red, rebuilt } = await prove(spoil);
		expect(red.filter((what) => expected.includes(what))).toEqual(expected);
		expect(rebuilt).toBe(1);
	});
});
