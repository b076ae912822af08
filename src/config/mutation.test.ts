/** Whatever an author does to a file, loading it ends in a lab or in problems with a place, never in a crash. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { Lab } from "../model/lab.ts";
import { loadLab } from "./load-lab.ts";
import { loadLesson } from "./load-lesson.ts";
import { loadScenario } from "./load-scenarios.ts";
import { memoryFiles } from "./memory-files.ts";
import { type Outcome, throwProblems } from "./problem.ts";

const ROOT = join(import.meta.dirname, "../..");
const LAB = readFileSync(join(ROOT, "test/good/kinds.yaml"), "utf8");
const SCENARIO = readFileSync(join(ROOT, "test/good/expectations.yaml"), "utf8");
const LESSON = readFileSync(join(ROOT, "test/good/lesson.yaml"), "utf8");
const ROUNDS = 150;
/** A busy machine needs longer than vitest grants by default. */
const TIMEOUT_MS = 120_000;

/** A small generator with a fixed seed (mulberry32), so that a failure can be repeated. */
function randomNumbers(seed: number): () => number {
	let state = seed;
	return () => {
		state = (state + 0x6d2b79f5) | 0;
		let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
		mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
		return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
	};
}

const VALUES = [
	"",
	"~",
	"[]",
	"{}",
	"-1",
	"1e999",
	".nan",
	"true",
	'"${vip}"',
	"${",
	"*real",
	"&x",
	"10.0.0.0/0",
	"'a b'",
	"|",
	"!!set {}",
	"__proto__",
	"\t",
];

function mutate(text: string, random: () => number): string {
	const lines = text.split("\n");
	const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;
	for (let count = 1 + Math.floor(random() * 3); count > 0; count--) {
		const index = Math.floor(random() * lines.length);
		const line = lines[index] ?? "";
		const indent = /^[\s-]*/.exec(line)?.[0] ?? "";
		const changes = [
			() => lines.splice(index, 1),
			() => lines.splice(index, 0, `${indent}${pick(["extra", "name", "<<", "0", '""'])}: ${pick(VALUES)}`),
			() => lines.splice(index, 1, line.replace(/: .*/, `: ${pick(VALUES)}`)),
			() => lines.splice(index, 1, line.replace(/[\w.]+(?=[,} \]]*$)/, pick(VALUES))),
			() =>
				lines.splice(
					index,
					1,
					line.replace(/\w+(?=:)/, (key) => `${key}${pick(["x", "", "_"])}`),
				),
			() => lines.splice(index, 0, pick(lines)),
			() => lines.splice(index, 1, ` ${line}`),
			() => lines.splice(index, 1, line.slice(0, Math.floor(random() * line.length))),
		];
		pick(changes)();
	}
	return lines.join("\n");
}

function hasPlaces(outcome: Outcome<object>): boolean {
	if (outcome.ok) return true;
	return (
		outcome.problems.length > 0 && outcome.problems.every(({ message, where }) => message !== "" && where.file !== "")
	);
}

test("any mutation of a good lab loads or is explained", { timeout: TIMEOUT_MS }, () => {
	const random = randomNumbers(1);
	let refused = 0;
	for (let round = 0; round < ROUNDS; round++) {
		const text = mutate(LAB, random);
		const outcome = loadLab("kinds.yaml", memoryFiles({ "kinds.yaml": text }));
		expect(hasPlaces(outcome), text).toBe(true);
		if (!outcome.ok) refused++;
	}
	expect(refused).toBeGreaterThan(ROUNDS / 2);
});

test("any mutation of a good scenario loads or is explained", { timeout: TIMEOUT_MS }, () => {
	const random = randomNumbers(2);
	const good = loadLab("kinds.yaml", memoryFiles({ "kinds.yaml": LAB }));
	if (!good.ok) throwProblems(good.problems);
	const lab: Lab = good.lab.lab;
	let refused = 0;
	for (let round = 0; round < ROUNDS; round++) {
		const text = mutate(SCENARIO, random);
		const outcome = loadScenario("expectations.yaml", lab, memoryFiles({ "expectations.yaml": text }));
		expect(hasPlaces(outcome), text).toBe(true);
		if (!outcome.ok) refused++;
	}
	expect(refused).toBeGreaterThan(ROUNDS / 2);
});

test("any mutation of a good lesson loads or is explained", { timeout: TIMEOUT_MS }, () => {
	const random = randomNumbers(3);
	const good = loadLab("kinds.yaml", memoryFiles({ "kinds.yaml": LAB }));
	if (!good.ok) throwProblems(good.problems);
	let refused = 0;
	for (let round = 0; round < ROUNDS; round++) {
		const text = mutate(LESSON, random);
		const outcome = loadLesson("lesson.yaml", good.lab.lab, memoryFiles({ "lesson.yaml": text }));
		expect(hasPlaces(outcome), text).toBe(true);
		if (!outcome.ok) refused++;
	}
	expect(refused).toBeGreaterThan(ROUNDS / 2);
});
