import { Chalk } from "chalk";
import { expect, it } from "vitest";
import { alignRows, textTable } from "../../src/report/table.ts";

it("aligns columns by what the terminal shows", () => {
	const green = new Chalk({ level: 1 }).green;
	const table = textTable(
		["lab", "state", "nodes"],
		[
			["ipvs-nat", green("up"), "5"],
			["日本語", "down", "ext1\next2"],
			["x", ""],
		],
	);
	expect(table).toBe(
		["LAB       STATE  NODES", `ipvs-nat  ${green("up")}     5`, "日本語    down   ext1 ext2", "x", ""].join("\n"),
	);
});

it("prints nothing for nothing", () => {
	expect(alignRows([])).toBe("");
	expect(textTable(["lab"], [])).toBe("LAB\n");
});
