import { expect, test } from "vitest";
import { LabError } from "../model/error.ts";
import { errorJson } from "./error-json.ts";
import { InvalidFileError } from "./problem.ts";

test("an error has a code, a message, a hint and a place, null when there is none", () => {
	expect(errorJson(new LabError("environment", "no daemon", { code: "no-daemon" }))).toEqual({
		error: { code: "no-daemon", message: "no daemon", hint: null, where: null },
	});
});

test("an invalid file has each of its mistakes as data too", () => {
	const where = { file: "lab.yaml", line: 2, column: 3 };
	const problem = { where, path: "nodes.gw", message: "unknown key", hint: "known: x" };
	expect(errorJson(new InvalidFileError([problem]))).toEqual({
		error: {
			code: "invalid-file",
			message: "lab.yaml:2:3: unknown key\n    hint: known: x",
			hint: null,
			where,
			problems: [problem],
		},
	});
});
