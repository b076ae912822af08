import { describe, expect, test } from "vitest";
import { memoryFiles } from "./memory-files.ts";
import { MAX_FILE_BYTES, parseText, readYaml } from "./read-yaml.ts";
import { at, plain } from "./tree.ts";

function messages(text: string): string[] {
	const outcome = parseText(text, "f.yaml");
	return outcome.problems.map(({ where, message }) => `${where.line}:${where.column} ${message}`);
}

function readBytes(bytes: Uint8Array): string[] {
	const outcome = readYaml("/project/f.yaml", memoryFiles({ "f.yaml": bytes }));
	return outcome.problems.map(({ message }) => message);
}

describe("files that are refused as a whole", () => {
	test("a file of 5 MB, with its size and the limit", () => {
		expect(readBytes(new Uint8Array(5 * 1024 * 1024).fill(35))).toEqual(["is too big: 5.0 MiB, the limit is 1 MiB"]);
	});

	test("a file at the limit is read", () => {
		const text = new Uint8Array(MAX_FILE_BYTES).fill(35);
		text.set(new TextEncoder().encode("a: 1\n"));
		expect(readBytes(text)).toEqual([]);
	});

	test("no file, and a directory", () => {
		const files = memoryFiles({ "dir/f.yaml": "a: 1" });
		const message = (path: string) => readYaml(path, files).problems.map((problem) => problem.message);
		expect(message("/project/none.yaml")).toEqual(["no such file"]);
		expect(message("/project/dir")).toEqual(["is a directory, not a file"]);
	});

	test("a file that cannot be read says why", () => {
		const files = memoryFiles({ "f.yaml": "a: 1" });
		const denied = {
			...files,
			read: () => {
				throw new Error("EACCES: permission denied");
			},
		};
		expect(readYaml("/project/f.yaml", denied).problems[0]?.message).toBe("cannot be read: EACCES: permission denied");
	});

	test("bytes that are no UTF-8, and NUL", () => {
		expect(readBytes(new Uint8Array([0x61, 0x3a, 0x20, 0xff, 0xfe]))).toEqual(["is not UTF-8 text"]);
		expect(messages("a: 1\nb: \0")).toEqual(["2:4 a NUL character is in the text: this is not a text file"]);
	});

	test("nesting without end", () => {
		expect(messages(`a: ${"[".repeat(50_000)}`)).not.toHaveLength(0);
		const closed = `a: ${"[".repeat(300)}${"]".repeat(300)}\n`;
		expect(messages(closed)).toEqual(["1:64 is nested too deeply: more than 60 levels"]);
	});
});

describe("aliases", () => {
	test("may stand for whole values, and keep the place of the anchor", () => {
		const outcome = parseText("a: &x { b: 1 }\nc: *x\n", "f.yaml");
		if (!outcome.ok) throw new Error("not read");
		expect(plain(outcome.root)).toEqual({ a: { b: 1 }, c: { b: 1 } });
		expect(at(outcome.root, ["c", "b"])).toMatchObject({ at: { line: 1, column: 12 }, path: ["c", "b"] });
	});

	test("a bomb is refused, quickly", () => {
		const levels = Array.from({ length: 12 }, (_, index) => {
			const items = index === 0 ? '"x"' : `*a${index - 1}`;
			return `a${index}: &a${index} [${Array(10).fill(items).join(", ")}]`;
		});
		const begin = performance.now();
		expect(messages(levels.join("\n"))[0]).toContain("aliases (*name) repeat too much");
		expect(performance.now() - begin).toBeLessThan(2000);
	});
});

describe("YAML 1.2", () => {
	test.each([
		["on", "on"],
		["yes", "yes"],
		["08", 8],
		["0x1f", 31],
		["1_000", "1_000"],
		["02:42:0a:00:00:01", "02:42:0a:00:00:01"],
		["2024-01-01", "2024-01-01"],
		["~", null],
	])("%s is read as %j", (text, value) => {
		const outcome = parseText(`key: ${text}\n`, "f.yaml");
		expect(outcome.ok && plain(outcome.root)).toEqual({ key: value });
	});

	test("words that YAML 1.1 takes for booleans are keys as they stand, and so are numbers", () => {
		const outcome = parseText("on: 1\n80: 2\ny: 3\n", "f.yaml");
		expect(outcome.ok && plain(outcome.root)).toEqual({ on: 1, 80: 2, y: 3 });
	});
});

describe("syntax", () => {
	test("all mistakes are told, also behind the first", () => {
		expect(messages("a: [1\nb: x: y\nc: !no 1\n").length).toBeGreaterThanOrEqual(2);
	});

	test("a duplicate key does not hide what else is wrong, and a BOM and CRLF are no mistakes", () => {
		expect(messages("\uFEFFa: 1\r\nb: 2\r\na: 3\r\n")).toEqual(['3:1 key "a" is given twice in the same place']);
	});

	test("keys that would confuse JavaScript are refused", () => {
		expect(messages("__proto__: { a: 1 }\n")).toEqual(['1:1 key "__proto__" is not allowed']);
	});
});
