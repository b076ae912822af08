import { describe, expect, test } from "vitest";
import type { Hint, Predict } from "../model/lesson.ts";
import { firstHint, fits, fitting, optionMeant, probeFits } from "./grade.ts";

const question = (...options: Predict["options"]) => ({ options });

describe("an option fits", () => {
	test.each<[Predict["options"][number], string, boolean]>([
		["int1", "int1", true],
		["INT1 ", "int1", true],
		["int1", "int11", false],
		[{ say: "the VIP", is: "10.0.0.1" }, "10.0.0.1", true],
		[{ say: "10.0.0.1" }, "10.0.0.1", true],
		[{ say: "10.0.0.1", is: "x" }, "10.0.0.1", false],
		[{ say: "about half", from: 12, to: 48 }, "12", true],
		[{ say: "about half", from: 12, to: 48 }, "49", false],
		[{ say: "several", from: 2 }, "9", true],
		[{ say: "at most one", to: 1 }, "2", false],
		[{ say: "a number", from: 0, to: 9 }, "int1", false],
	])("%j to %s: %s", (option, value, expected) => expect(fits(option, value)).toBe(expected));

	test("none, one or several: a question is sound with one", () => {
		const { options } = question({ say: "few", to: 5 }, { say: "many", from: 5 }, "none");
		expect(fitting({ options }, "4")).toEqual([0]);
		expect(fitting({ options }, "5")).toEqual([0, 1]);
		expect(fitting({ options }, "what?")).toEqual([]);
	});
});

test("somebody who types means an option by its place or by its words, and by its words first", () => {
	const asked = question("int1", { say: "the VIP", is: "10.0.0.1" }, "none");
	expect(["1", " 3 ", "INT1", "the vip"].map((typed) => optionMeant(asked, typed))).toEqual([0, 2, 0, 1]);
	expect(["0", "4", "10.0.0.1", "", "check"].map((typed) => optionMeant(asked, typed))).toEqual(
		Array(5).fill(undefined),
	);
	expect(optionMeant(question("2", "1"), "1")).toBe(1);
});

describe("a probe", () => {
	const at = { at: "gw", run: "true" };
	test.each<[Parameters<typeof probeFits>[0], string, boolean]>([
		[{ ...at, equals: "0" }, "0\n", true],
		[{ ...at, equals: "" }, "\n", true],
		[{ ...at, equals: "0" }, "10", false],
		[{ ...at, matches: "^b$" }, "a\nb\n", true],
		[{ ...at, matches: "^b$" }, "ab", false],
		[{ ...at, lacks: "default" }, "10.0.0.0/24 dev eth0", true],
		[{ ...at, lacks: "default" }, "default via 10.0.0.1", false],
	])("%j on %j: %s", (probe, output, expected) => expect(probeFits(probe, output)).toBe(expected));
});

test("the first hint whose state is there is said, and nothing behind it is looked at", async () => {
	const hint = (run: string): Hint => ({ when: { at: "gw", run, equals: "yes" }, say: `because of ${run}` });
	const looked: string[] = [];
	const look = async ({ run }: Hint["when"]) => {
		looked.push(run);
		return run === "second" || run === "third" ? "yes" : "no";
	};
	const hints = ["first", "second", "third"].map(hint);
	expect(await firstHint(hints, look)).toMatchObject({ index: 1, hint: { say: "because of second" } });
	expect(looked).toEqual(["first", "second"]);
	expect(await firstHint(hints.slice(0, 1), look)).toBeUndefined();
});
