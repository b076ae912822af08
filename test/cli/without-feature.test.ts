/** A lab with two ways of doing a thing: which one is taken, and who says so. */
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import type { RunReport } from "../../src/model/verdict.ts";
import { FakeNodes } from "../support/fake-nodes.ts";
import { call, freshFolders } from "./command-line.ts";

const LAB = `name: twoways
title: A device, or something in its place
source: { title: Made for tests }
networks:
  net: { subnet: 10.97.5.0/24 }
nodes:
  real:
    image: node
    role: real
    interfaces: { eth0: { network: net, address: 10.97.5.2/24 } }
    steps:
      - id: tunnel
        why: The kernel takes the header off.
        when: { has: ipip }
        tunnel: { name: ipip0, mode: ipip, external: true }
      - id: instead
        why: Something else takes the header off.
        when: { lacks: ipip }
        run: take-it-off
`;

const SCENARIO = `intent: The header is taken off by what the lab took.
phases:
  - name: by the device
    when: { has: ipip }
    expect: [{ state: { at: real, run: ask, equals: changed } }]
  - name: by something else
    when: { lacks: ipip }
    expect: [{ state: { at: real, run: ask, equals: changed } }]
`;

let engine: FakeNodes;
let folder: string;
let env: Record<string, string>;

beforeEach(() => {
	engine = new FakeNodes();
	folder = join(mkdtempSync(join(tmpdir(), "lab-two-ways-")), "twoways");
	mkdirSync(join(folder, "scenarios"), { recursive: true });
	writeFileSync(join(folder, "lab.yaml"), LAB);
	writeFileSync(join(folder, "scenarios", "taken.yaml"), SCENARIO);
	env = freshFolders();
});

const lab = (...args: string[]) => call(args, { engine, env });

/** What the kernel answers when it is asked for ipip. */
function kernel(answer: "yes" | "absent"): void {
	engine.onExec(({ request }) =>
		request.command.join(" ") === "sh -s" ? { stdout: `\n@lab-probe ipip ${answer}\n` } : undefined,
	);
}

async function test(...args: string[]): Promise<RunReport> {
	const { code, stdout, stderr } = await lab("test", folder, "--engine", "docker", "-f", "json", ...args);
	expect(code, stderr).toBe(0);
	return JSON.parse(stdout) as RunReport;
}

const phases = ({ labs }: RunReport) =>
	labs.flatMap(({ scenarios }) => scenarios.flatMap(({ checks }) => checks.map(({ phase }) => phase)));

describe("the kernel is asked", () => {
	it("and where it has the feature the steps and phases with it are taken", async () => {
		kernel("yes");
		const report = await test();
		expect(report.engine.choices).toEqual([
			expect.objectContaining({ feature: "ipip", has: true, steps: ["real: tunnel"] }),
		]);
		expect(phases(report)).toEqual(["by the device"]);
	});

	it("and where it lacks it the others, which run.json and the words on the screen tell", async () => {
		kernel("absent");
		const report = await test();
		expect(report.engine.choices).toEqual([
			{ feature: "ipip", has: false, how: expect.stringContaining("/proc/kallsyms"), steps: ["real: instead"] },
		]);
		expect(phases(report)).toEqual(["by something else"]);
		const stored = JSON.parse(readFileSync(join(report.results, "run.json"), "utf8")) as { engine: unknown };
		expect(stored.engine).toEqual(report.engine);
		const { stdout } = await lab("up", folder, "--engine", "docker");
		expect(stdout).toContain("its kernel lacks ipip, hence real: instead");
	});
});

describe("--without", () => {
	it("takes the other way on a kernel that has the feature, and does not ask it", async () => {
		engine.onExec(({ request }) => {
			if (request.command.join(" ") === "sh -s") throw new Error("asked");
			return undefined;
		});
		const report = await test("--without", "ipip");
		expect(report.engine.choices).toEqual([
			{ feature: "ipip", has: false, how: "--without ipip", steps: ["real: instead"] },
		]);
		expect(phases(report)).toEqual(["by something else"]);
	});

	it("decides the plan that is printed, which says what kernel it is for", async () => {
		const has = (await lab("up", folder, "--dry-run")).stdout;
		expect(has).toContain("# For a kernel with ipip; the plan for one without: --without ipip");
		expect(has).toContain("# Taken as the kernel has ipip.\nreal# ip link add name ipip0");
		const lacks = (await lab("up", folder, "--dry-run", "--without", "ipip")).stdout;
		expect(lacks).toContain("# For a kernel without ipip.");
		expect(lacks).toContain("# Taken as the kernel lacks ipip.\nreal# take-it-off");
		expect((await lab("script", folder, "--without", "ipip")).stdout).toContain(
			"docker exec lab-twoways-real take-it-off",
		);
	});

	it("is refused for a feature that the lab cannot do without", async () => {
		const { code, stderr } = await lab("up", folder, "--without", "xdp");
		expect(code).toBe(2);
		expect(stderr).toContain("--without xdp: twoways has no steps for a kernel without xdp");
		expect(stderr).toContain("It can do without: ipip.");
	});
});

describe("doctor", () => {
	it("says which way would be taken", async () => {
		kernel("absent");
		const tag = (await lab("script", folder)).stdout.match(/lblab\/node:\w+/)?.[0] ?? "";
		engine.addImage(tag);
		const { stdout } = await lab("doctor", folder, "--engine", "docker", "-f", "json");
		const [row] = (JSON.parse(stdout) as { labs: { optional: string[]; reason: string }[] }).labs;
		expect(row?.optional).toEqual(["ipip"]);
		expect(row?.reason).toContain("its kernel lacks ipip, hence real: instead");
	});
});
