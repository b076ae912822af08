import { expect, test } from "vitest";
import { openLesson } from "../../src/config/find-labs.ts";
import { beginLesson, reduceLesson } from "../../src/learn/lesson-state.ts";
import { freshProgress } from "../../src/learn/progress.ts";
import { fill, firstPage, pageOf } from "../../src/ui/learn/page.ts";
import { plainText, type TextLine } from "../../src/ui/text.ts";

const { lesson } = openLesson("ipvs-nat", ".");
const start = beginLesson(lesson, freshProgress(lesson));
const textOf = (lines: TextLine[]) => lines.map(plainText).join("\n");

test("no line but a command is wider than asked, whatever the width", () => {
	for (const step of lesson.steps) {
		for (const width of [20, 37, 78, 96]) {
			for (const line of fill(step.text, width).filter(({ spans }) => spans[0]?.tone !== "busy")) {
				expect(plainText(line).length).toBeLessThanOrEqual(width);
			}
		}
	}
});

test("a verdict's further lines stand behind its word", () => {
	const lines = ["FAIL  answered: none of the four requests got an answer", "gw$ ipvsadm -C", "", "Look again."];
	const state = reduceLesson(start, { type: "note", note: { kind: "bad", title: "Not yet.", lines } });
	expect(textOf(pageOf(state, 30))).toContain(
		"Not yet.\nFAIL  answered: none of the\n      four requests got an\n      answer\ngw$ ipvsadm -C\n\nLook again.",
	);
});

test("paragraphs are filled, and what is indented is kept as it is", () => {
	const lines = fill("one\ntwo\n\nthree:\n\n    a  command\n\nfour", 40);
	expect(textOf(lines)).toBe("one two\n\nthree:\n\n  a  command\n\nfour");
});

test("a question shows its options until it is answered, and what was learned only then", () => {
	const open = textOf(pageOf(start, 78, 1));
	expect(open).toContain("Question: predict");
	expect(open).toMatch(/^> 2\) two$/m);
	expect(open).not.toContain("IPVS is a part of the Linux kernel");
	const note = { kind: "bad", title: "Not so.", lines: ["seen: this"] } as const;
	const state = reduceLesson(start, { type: "note", note: { ...note, lines: [...note.lines] }, standing: "missed" });
	const ended = textOf(pageOf(state, 78));
	expect(ended).not.toMatch(/^. 2\) two$/m);
	expect(ended).toMatch(/^Not so\.\n {2}?seen: this$|^Not so\.\nseen: this$/m);
	expect(ended).toContain("This step is missed.");
	expect(ended).toContain("IPVS is a part of the Linux kernel");
});

test("the first page says where the student goes on, the last one sums up", () => {
	const note = { kind: "good", title: "Right.", lines: [] };
	const solved = reduceLesson(start, { type: "note", note: { ...note, kind: "good" }, standing: "solved" });
	const second = reduceLesson(solved, { type: "go", at: 1 });
	expect(textOf(firstPage(second, 78))).toContain("The lesson has 8 steps. You go on at step 2.");
	expect(textOf(firstPage(start, 78))).toMatch(/The lesson has 8 steps\.$/);
	const end = textOf(pageOf(reduceLesson(second, { type: "go", at: 99 }), 78));
	expect(end).toContain("1 of 8 steps done by you, 7 left out, 0 hints taken.");
	expect(end).toContain("1. One address, several servers (done)");
});

test("every page of every lesson says what a student can do, in plain words", () => {
	for (const name of [
		"iptables-single",
		"katran-dsr",
		"lvs-tun-gateway",
		"vxlan-docker",
		"vxlan-two-node",
		"ipvs-snat",
	]) {
		const { lesson: other } = openLesson(name, ".");
		other.steps.forEach((step, at) => {
			const state = reduceLesson(beginLesson(other, freshProgress(other)), { type: "go", at });
			expect(textOf(pageOf(state, 78))).toMatch(step.predict ? /^> 1\) |^ {2}1\) /m : /^Task$/m);
		});
	}
});
