import { describe, expect, test } from "vitest";
import { LabError } from "../model/error.ts";
import { findLabs, labNames, openLab, openLabFile, resolveLab } from "./find-labs.ts";
import { memoryFiles } from "./memory-files.ts";

const lab = (name: string) => `name: ${name}
title: A small lab
source: { title: Made for tests }
networks: { net: { driver: veth } }
nodes: { one: { image: node, role: client, interfaces: { eth0: { network: net } } } }
`;
const scenario = `intent: The node can say its name.
phases: [{ name: the name is said, expect: [{ state: { at: one, run: hostname, equals: one } }] }]
`;
const files = memoryFiles({
	"labs/ipvs-nat/lab.yaml": lab("ipvs-nat"),
	"labs/broken/lab.yaml": lab("other"),
	"labs/not-a-lab/README.md": "nothing",
	"scenarios/ipvs-nat/names.yaml": scenario,
	"/elsewhere/mine/lab.yaml": lab("mine"),
	"/elsewhere/mine/scenarios/own.yaml": scenario,
	"/elsewhere/empty/x": "",
});

test("findLabs lists all labs, the broken ones with their mistakes", () => {
	const found = findLabs("/project", files);
	expect(found.map(({ name, outcome }) => [name, outcome.ok])).toEqual([
		["broken", false],
		["ipvs-nat", true],
	]);
	expect(labNames("/project", files)).toEqual(["broken", "ipvs-nat"]);
});

describe("resolveLab", () => {
	test.each(["ipvs-nat", "labs/ipvs-nat", "./labs/ipvs-nat/", "/project/labs/ipvs-nat/lab.yaml"])(
		"finds %s",
		(name) => {
			expect(resolveLab(name, "/project", files)).toEqual({
				name: "ipvs-nat",
				file: "/project/labs/ipvs-nat/lab.yaml",
				dir: "/project/labs/ipvs-nat",
				scenarios: "/project/scenarios/ipvs-nat",
			});
		},
	);

	test("takes the scenarios of a lab outside of the project from beside it", () => {
		expect(resolveLab("/elsewhere/mine", "/project", files).scenarios).toBe("/elsewhere/mine/scenarios");
		expect(openLab("/elsewhere/mine", "/project", {}, files).scenarios.map(({ name }) => name)).toEqual(["own"]);
	});

	test("says what there is when there is no such lab", () => {
		const error = errorOf(() => resolveLab("ipvs-nta", "/project", files));
		expect(error).toMatchObject({ kind: "input", code: "unknown-lab" });
		expect(error.message).toBe('there is no lab "ipvs-nta"; did you mean "ipvs-nat"?');
		expect(error.hint).toContain("broken, ipvs-nat");
		expect(errorOf(() => resolveLab("/elsewhere/empty", "/project", files)).message).toContain(
			"no lab.yaml in /elsewhere",
		);
	});
});

test("openLab ends with all mistakes", () => {
	expect(openLab("ipvs-nat", "/project", {}, files).lab.name).toBe("ipvs-nat");
	expect(errorOf(() => openLab("broken", "/project", {}, files)).message).toContain("labs/broken/lab.yaml:1:7: ");
});

test("openLabFile looks at the lab file alone", () => {
	const torn = memoryFiles({
		"labs/ipvs-nat/lab.yaml": lab("ipvs-nat"),
		"scenarios/ipvs-nat/names.yaml": "intent: [",
		"labs/broken/lab.yaml": lab("other"),
	});
	expect(openLabFile("ipvs-nat", "/project", {}, torn).lab.name).toBe("ipvs-nat");
	expect(() => openLab("ipvs-nat", "/project", {}, torn)).toThrow("scenarios/ipvs-nat/names.yaml");
	expect(() => openLabFile("broken", "/project", {}, torn)).toThrow("labs/broken/lab.yaml:1:7: ");
});

function errorOf(action: () => unknown): LabError {
	try {
		action();
	} catch (error) {
		if (error instanceof LabError) return error;
		throw error;
	}
	throw new Error("nothing was thrown");
}
