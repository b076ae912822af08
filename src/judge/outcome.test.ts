import { expect, it } from "vitest";
import { counted, listed } from "./outcome.ts";

it("lists three items in full and counts the rest", () => {
	expect(listed([])).toBe("");
	expect(listed(["a", "b", "c"])).toBe("a; b; c");
	expect(listed(["a", "b", "c", "d", "e"])).toBe("a; b; c and 2 more");
});

it("puts nouns into the plural", () => {
	expect([0, 1, 2].map((count) => counted(count, "frame"))).toEqual(["0 frames", "1 frame", "2 frames"]);
});
