import { describe, expect, it } from "vitest";
import { keyNames } from "../../src/ui/key-names.ts";
import { paint } from "../../src/ui/paint.ts";
import { offsetFor, plainText, windowOf, wrapText } from "../../src/ui/text.ts";

describe("painting", () => {
	it("writes nothing where nothing has changed", () => {
		expect(paint(["a", "b"], ["a", "b"])).toBe("");
	});

	it("writes the lines that have changed, at their places, and no other", () => {
		const bytes = paint(["one", "two", "three"], ["one", "TWO", "three"]);
		expect(bytes).toContain("\u001b[2;1HTWO\u001b[K");
		expect(bytes).not.toContain("one");
		expect(bytes).not.toContain("three");
	});

	it("empties lines that are gone, and never breaks a line, so that nothing scrolls", () => {
		const bytes = paint(["one", "two"], ["one"]);
		expect(bytes).toContain("\u001b[2;1H\u001b[K");
		expect(paint([], ["a", "b", "c"])).not.toContain("\n");
	});
});

describe("keys", () => {
	it.each([
		["\r", { name: "return" }, ["enter"]],
		["\u001b[A", { name: "up" }, ["up"]],
		["\u0003", { name: "c", ctrl: true }, ["ctrl-c"]],
		["\u001b[Z", { name: "tab", shift: true }, ["shift-tab"]],
		["\u001b", { name: "escape", meta: true }, ["escape"]],
		["q", { name: "q" }, ["q"]],
		["?", {}, ["?"]],
		["\u0001", { name: "a", ctrl: true }, []],
		["\u001bs", { name: "s", meta: true }, ["escape", "s"]],
	])("%j is %o", (text, key, names) => {
		expect(keyNames(text, key)).toEqual(names);
	});
});

describe("text", () => {
	it("is broken at spaces, keeps its indentation, and breaks what is longer than a line", () => {
		expect(wrapText("  one two three", 9)).toEqual(["  one two", "  three"]);
		expect(wrapText("abcdefgh", 3)).toEqual(["abc", "def", "gh"]);
		expect(wrapText("a\n\nb", 5)).toEqual(["a", "", "b"]);
	});

	it("that is longer than the screen says how much is above and below", () => {
		const lines = Array.from({ length: 10 }, (_, index) => ({ spans: [{ text: String(index) }] }));
		expect(windowOf(lines, 4, 2).shown.map(plainText)).toEqual(["2", "3", "4", "... 2 above, 5 below"]);
		expect(windowOf(lines, 4, 99).shown.map(plainText)).toEqual(["7", "8", "9", "... 7 above"]);
		expect(windowOf(lines, 10, 5).at).toBe(0);
	});

	it("keeps a cursor in view", () => {
		expect([offsetFor(0, 20, 5), offsetFor(10, 20, 5), offsetFor(3, 4, 5)]).toEqual([0, 8, 0]);
	});
});
