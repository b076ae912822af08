import { describe, expect, test } from "vitest";
import { LabError } from "../model/error.ts";
import { loadLab } from "./load-lab.ts";
import { loadScenario, loadScenarios } from "./load-scenarios.ts";
import { memoryFiles } from "./memory-files.ts";
import { throwProblems } from "./problem.ts";

const LAB = `name: small
title: A small lab
source: { title: Made for tests }
vars: { mtu: 1400, table: 100, net: 10.0.0, on-dummy: eth0 }
networks:
  net: { subnet: "\${net}.0/24", mtu: "\${mtu}" }
nodes:
  one:
    image: node
    role: client
    interfaces:
      eth0: { network: net, address: "\${net}.2/24" }
    steps:
      - id: route
        why: For the test of numbers.
        route: { to: default, via: "\${net}.3", table: "\${table}" }
      - id: size
        why: Text that looks like a number.
        file: { path: /x, content: "\${mtu}" }
`;

function load(text: string) {
	return loadLab("labs/small", memoryFiles({ "labs/small/lab.yaml": text }));
}

function messages(text: string): string[] {
	const outcome = load(text);
	return outcome.ok ? [] : outcome.problems.map(({ where, message }) => `${where.line}:${where.column} ${message}`);
}

describe("values of vars from outside the file", () => {
	const loaded = (given: Record<string, string>) =>
		loadLab("labs/small", memoryFiles({ "labs/small/lab.yaml": LAB }), given);

	test("stand in for those in the file, where a number stays one", () => {
		const outcome = loaded({ net: "10.7.0", mtu: "1300" });
		if (!outcome.ok) throwProblems(outcome.problems);
		const { networks, vars } = outcome.lab.lab;
		expect(networks.net).toEqual({ driver: "docker", subnet: "10.7.0.0/24", mtu: 1300 });
		expect(vars).toMatchObject({ net: "10.7.0", mtu: 1300 });
	});

	test("are judged like those in the file, and must be vars of the lab", () => {
		expect(loaded({ mtu: "wide" }).ok).toBe(false);
		expect(() => loaded({ nett: "10.7.0" })).toThrow(
			'--set nett=10.7.0: the lab has no var "nett"; did you mean "net"?',
		);
	});
});

describe("a lab that is right", () => {
	const outcome = load(LAB);
	if (!outcome.ok) throwProblems(outcome.problems);
	const { lab } = outcome.lab;

	test("has its vars put in, as numbers where numbers are needed and as text elsewhere", () => {
		expect(lab.networks.net).toEqual({ driver: "docker", subnet: "10.0.0.0/24", mtu: 1400 });
		expect(lab.nodes.one?.steps?.[0]?.route?.table).toBe("100");
		expect(lab.nodes.one?.steps?.[1]?.file?.content).toBe("1400");
	});

	test("knows the place of its values after substitution", () => {
		const { positions, file, dir } = outcome.lab;
		const where = { file: "labs/small/lab.yaml", line: 12, column: 38 };
		expect(positions.whereOf(["nodes", "one", "interfaces", "eth0", "address"])).toEqual(where);
		expect(positions.whereOf(["nodes", "one", "interfaces", "eth0", "mac"]).line).toBe(12);
		expect([file, dir]).toEqual(["/project/labs/small/lab.yaml", "/project/labs/small"]);
	});
});

describe("a lab that is wrong", () => {
	test("shows mistakes of syntax-free kinds all at once: key, shape, var, meaning", () => {
		const text = LAB.replace("role: client", "role: client\n    rol: x\n    role: router")
			.replace("title: A", "title: [A")
			.replace("lab\n", "lab]\n")
			.replace("${net}.3", "${nett}.3")
			.replace("network: net", "network: nat");
		expect(messages(text)).toEqual([
			"2:8 title: expected text, got a list",
			'11:5 unknown key "rol" in node one; did you mean "role"?',
			'12:5 key "role" is given twice in the same place',
			'14:24 unknown network "nat"; did you mean "net"?',
			'18:37 unknown var "nett"; did you mean "net"?',
		]);
	});

	test("what only follows from another mistake is not told", () => {
		// The network is unreadable; nobody may complain that it does not exist, or that it has no subnet.
		expect(messages(LAB.replace('{ subnet: "${net}.0/24", mtu: "${mtu}" }', "10.0.0.0/24"))).toEqual([
			'6:8 net: expected a map (keys and values), got "10.0.0.0/24"',
		]);
	});

	test("a var with text where a number is needed", () => {
		expect(messages(LAB.replace('mtu: "${mtu}"', 'mtu: "${net}"'))).toEqual([
			'6:38 mtu: expected a whole number, got "10.0.0"',
		]);
	});
});

test("throwProblems says everything, sorted, with hints, and where the first is", () => {
	const outcome = load(LAB.replace("role: client", "role: clint").replace("title:", "tilte:"));
	if (outcome.ok) throw new Error("loaded");
	let caught: unknown;
	try {
		throwProblems([...outcome.problems].reverse());
	} catch (error) {
		caught = error;
	}
	expect(caught).toBeInstanceOf(LabError);
	expect(caught).toMatchObject({ kind: "input", code: "invalid-file", exitCode: 2, where: { line: 2, column: 1 } });
	expect((caught as LabError).message).toBe(
		[
			'labs/small/lab.yaml:2:1: unknown key "tilte" in the lab; did you mean "title"?',
			"    hint: known: name, title, source, requires, vars, networks, nodes",
			'labs/small/lab.yaml:10:11: unknown role "clint"; did you mean "client"?',
			"    hint: known: client, router, balancer, real",
		].join("\n"),
	);
});

describe("scenarios", () => {
	const outcome = load(LAB);
	if (!outcome.ok) throwProblems(outcome.problems);
	const { lab } = outcome.lab;
	const scenario = `intent: The node can say its name.
phases:
  - name: the name is said
    expect: [{ state: { at: one, run: "echo \${mtu}", equals: "\${mtu}" } }]
`;

	test("are loaded by name, with the vars of their lab", () => {
		const files = memoryFiles({ "s/b.yaml": scenario, "s/a.yaml": scenario, "s/README.md": "x" });
		const loaded = loadScenarios("small", "s", lab, files);
		if (!loaded.ok) throwProblems(loaded.problems);
		expect(loaded.scenarios.map(({ name }) => name)).toEqual(["a", "b"]);
		expect(loaded.scenarios[0]?.phases[0]?.expect[0]?.state?.equals).toBe("1400");
	});

	test("a folder that is not there has none; a file with another ending is not passed over in silence", () => {
		expect(loadScenarios("small", "none", lab, memoryFiles({}))).toEqual({ ok: true, scenarios: [] });
		const loaded = loadScenarios("small", "s", lab, memoryFiles({ "s/a.yml": scenario }));
		expect(loaded.ok ? [] : loaded.problems.map(({ message }) => message)).toEqual([
			"is not loaded: scenarios of small end in .yaml",
		]);
	});

	test("mistakes of all files are told together", () => {
		const bad = scenario.replace("at: one", "at: two");
		const loaded = loadScenarios("small", "s", lab, memoryFiles({ "s/b.yaml": bad, "s/a.yaml": bad }));
		expect(loaded.ok ? [] : loaded.problems.map(({ where }) => where.file)).toEqual(["s/a.yaml", "s/b.yaml"]);
	});

	test("a scenario has the name of its file", () => {
		const loaded = loadScenario("s/one.yaml", lab, memoryFiles({ "s/one.yaml": scenario }));
		expect(loaded.ok && loaded.scenario.name).toBe("one");
	});
});
