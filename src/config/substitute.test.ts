import { describe, expect, test } from "vitest";
import { parseText } from "./read-yaml.ts";
import { substitute, type Vars } from "./substitute.ts";
import { plain } from "./tree.ts";

function run(text: string, given?: Vars) {
	const yaml = parseText(text, "f.yaml");
	if (!yaml.ok) throw new Error("not read");
	const result = substitute(yaml.root, yaml, given);
	return {
		value: plain(yaml.root),
		vars: result.vars,
		problems: result.problems.map(({ where, message }) => `${where.line}:${where.column} ${message}`),
	};
}

describe("vars", () => {
	test("are put into every string, at any depth, and may use vars above them", () => {
		const { value, problems } = run('vars: { a: 10.0.0, b: "${a}.1" }\nx: ["${b}/24", { y: "http://${b}:80/" }]\n');
		expect(problems).toEqual([]);
		expect(value).toMatchObject({ x: ["10.0.0.1/24", { y: "http://10.0.0.1:80/" }] });
	});

	test("leave the shell's own signs alone; $${ stands for ${", () => {
		const text = "run: echo $HOME $(id -u) $${x} '$${v}' $remote_addr `ls` $$\n";
		expect(run(text, { v: 1 })).toMatchObject({
			value: { run: "echo $HOME $(id -u) ${x} '${v}' $remote_addr `ls` $$" },
		});
	});

	test("are not put in again into what they stand for", () => {
		expect(run('x: "${a}"\n', { a: "$${b}", b: "c" }).value).toEqual({ x: "$${b}" });
	});

	test("of a lab are given to its scenarios, whose own key of that name means nothing", () => {
		expect(run('vars: "${a}"\n', { a: 1 }).value).toEqual({ vars: "1" });
	});
});

describe("mistakes", () => {
	test("have the place of the reference, also in the middle of a text of several lines", () => {
		const text = "vars: { vip: 1 }\nx: |\n  first\n  then ${vpi} and\n  ${vip} and ${other}\n";
		expect(run(text).problems).toEqual(['4:8 unknown var "vpi"; did you mean "vip"?', '5:14 unknown var "other"']);
	});

	test("names of JavaScript's own are no vars", () => {
		expect(run('x: "${constructor} ${toString}"\n', {}).problems).toHaveLength(2);
	});

	test("a var without a value is told once, not at each use", () => {
		const { problems } = run('vars: { a: "${b}", b: "${a}" }\nx: "${a}"\ny: "${a}"\n');
		expect(problems).toEqual(['1:13 vars "a" and "b" use each other']);
	});
});
