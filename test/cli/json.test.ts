/** The documents that others build on: their keys may grow, and nothing may go. The verbs are real, the daemon is in memory. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { FakeNodes } from "../support/fake-nodes.ts";
import { call, freshFolders, json, shapeOf, TINY } from "./command-line.ts";

const ENGINE = { kind: "string", kernel: "string", daemon: "string", reason: "string" };
const BAD = "test/bad/labs/bad-cidr.yaml";
const PROBLEM = { where: { file: "string", line: "number", column: "number" }, path: "string", message: "string" };
const env = freshFolders();

/** A fake with the backends of the tiny lab. */
function daemon(): FakeNodes {
	const engine = new FakeNodes();
	engine.backends = ["real1", "real2"];
	return engine;
}

describe("of labs and files", () => {
	it("list", async () => {
		const { code, data } = await json(["list"]);
		expect(code).toBe(0);
		expect(data).toEqual(
			expect.arrayContaining([
				expect.objectContaining({ name: "ipvs-nat", requires: expect.arrayContaining(["ip_vs"]) }),
			]),
		);
		expect(shapeOf(data)).toEqual([
			{
				...{ name: "string", title: "string", requires: ["string"], nodes: ["string"], scenarios: ["string"] },
				source: expect.objectContaining({ title: "string", repo: "string", path: "string", licence: "string" }),
			},
		]);
	});

	it("test --list", async () => {
		const { data } = await json(["test", TINY, "--list"]);
		expect(data).toEqual([
			{ lab: "tiny", scenario: "alternates", intent: "Requests go to the two servers in turn." },
			{ lab: "tiny", scenario: "changed", intent: "A change can be seen, and is taken back." },
		]);
	});

	it("validate", async () => {
		expect((await json(["validate", TINY])).data).toEqual({ valid: true, labs: ["tiny"], problems: [] });
		const { code, data } = await json(["validate", BAD]);
		expect(code).toBe(2);
		expect(shapeOf(data)).toMatchObject({ valid: "boolean", labs: ["string"], problems: [PROBLEM] });
	});

	it("up --dry-run is the plan", async () => {
		const { data } = await json(["up", TINY, "--dry-run"]);
		expect(Object.keys(data as object)).toEqual(["lab", "title", "instance", "networks", "nodes", "hosts"]);
	});
});

describe("of a lab that is up", () => {
	const engine = daemon();
	let brought: unknown;

	beforeAll(async () => {
		brought = (await json(["up", TINY, "--engine", "docker"], { engine, env })).data;
	});

	afterAll(async () => {
		expect((await json(["down"], { engine, env })).data).toEqual({ removed: ["tiny"] });
		expect((await json(["ps"], { engine, env })).data).toEqual([]);
		expect((await json(["down", "--all"], { engine, env })).data).toEqual({ removed: [] });
	});

	it("up", async () => {
		expect(brought).toMatchObject({ lab: "tiny", instance: "tiny", outcome: "created", engine: { kind: "docker" } });
		expect(shapeOf({ ...(brought as object), nodes: (brought as { nodes: unknown[] }).nodes.slice(0, 1) })).toEqual({
			...{ lab: "string", instance: "string", outcome: "string", engine: ENGINE },
			nodes: [{ name: "string", role: "string", container: "string", addresses: { eth0: ["string"] } }],
		});
		expect((await json(["up", TINY, "--engine", "docker"], { engine, env })).data).toMatchObject({
			outcome: "already-up",
		});
	});

	it("ps", async () => {
		const { data } = await json(["ps"], { engine, env });
		expect((data as object[])[0]).toEqual({
			...{ lab: "tiny", instance: "tiny", node: "client", state: "running", engine: "docker" },
			...{ image: expect.stringMatching(/^lblab\/node:/), addresses: { eth0: ["10.97.1.10/24"] } },
			...{ owner: expect.any(String), created: expect.stringMatching(/^\d{4}-/) },
		});
	});

	it("inspect", async () => {
		const { data } = await json(["inspect"], { engine, env });
		expect(shapeOf({ ...(data as object), nodes: (data as { nodes: unknown[] }).nodes.slice(0, 1) })).toEqual({
			...{ lab: "string", instance: "string", run: "string", owner: "string", created: "string" },
			engine: { kind: "string", daemon: "string", api: "string", kernel: "string" },
			nodes: [
				{
					...{ name: "string", role: "string", state: "string", container: "string", image: "string" },
					addresses: { eth0: ["string"] },
				},
			],
			networks: [{ name: "string", subnets: ["string"] }],
		});
	});

	it("gc leaves it alone", async () => {
		const { removed } = (await json(["gc"], { engine, env })).data as { removed: string[] };
		// What another test's killed set-up has left in the machine's temporary folder goes, as it should.
		expect(removed.filter((name) => !name.startsWith("/"))).toEqual([]);
	});
});

it("test is one object, versioned, with every check", async () => {
	const engine = daemon();
	const { code, data } = await json(["test", TINY, "--engine", "docker"], { engine, env });
	expect(code).toBe(0);
	expect(shapeOf(data)).toEqual({
		...{ schema: "number", run: "string", results: "string", status: "string", engine: ENGINE },
		labs: [
			{
				...{ lab: "string", status: "string", durationMs: "number" },
				scenarios: [
					{
						...{ name: "string", status: "string", durationMs: "number" },
						checks: [{ phase: "string", check: "string", status: "string", expected: "string", observed: "string" }],
					},
				],
			},
		],
	});
	expect(data).toMatchObject({ schema: 1, status: "passed", labs: [{ lab: "tiny", status: "passed" }] });
	expect(engine.present).toEqual([]);
});

describe("of this machine", () => {
	it("version", async () => {
		const versions = { lab: "string", node: "string", platform: "string" };
		expect(shapeOf((await json(["version"])).data)).toEqual({ ...versions, daemon: "null" });
		expect(shapeOf((await json(["version"], { engine: daemon() })).data)).toEqual({
			...versions,
			daemon: {
				...{ name: "string", id: "string", boot: "string", daemon: "string", api: "string", kernel: "string" },
				...{ system: "string", architecture: "string", apparmor: "boolean", local: "boolean" },
			},
		});
	});

	it("image build and image list", async () => {
		const engine = daemon();
		const built = await json(["image", "build"], { engine, env });
		expect(built.data).toEqual([
			{ image: "node", tag: expect.stringMatching(/^lblab\/node:/) },
			{ image: "dind", tag: expect.stringMatching(/^lblab\/dind:/) },
		]);
		const { data } = await json(["image", "list"], { engine, env });
		expect(shapeOf(data)).toEqual([{ tag: "string", size: "number", place: "string", current: "boolean" }]);
		expect(data).toContainEqual(expect.objectContaining({ place: "unix:///run/memory.sock", current: true }));
	});

	it("doctor", async () => {
		const { data } = await json(["doctor", TINY], { env });
		expect(shapeOf(data)).toMatchObject({
			daemon: { words: "string", features: [], why: "string" },
			vm: { usable: "boolean", words: "string", resources: "string" },
			labs: [{ lab: "string", requires: [], engine: "string", reason: "string" }],
		});
	});

	it.runIf(process.platform === "linux")(
		"vm status and vm stop",
		async () => {
			expect((await json(["vm", "status"], { env })).data).toMatchObject({
				snapshot: { ready: false, reason: expect.any(String) },
				machines: [],
			});
			expect((await json(["vm", "stop", "--all"], { env })).data).toEqual({ stopped: [] });
		},
		60_000,
	);
});

describe("of errors", () => {
	it.each([
		["unknown-command", ["nosuch"], 2],
		["unknown-option", ["up", "--nosuch"], 2],
		["missing-argument", ["up"], 2],
		["unknown-lab", ["up", "nosuch"], 2],
		["bad-name", ["up", "ipvs-nat", "-n", "Not_A_Name"], 2],
		["unknown-scenario", ["test", TINY, "-s", "nosuch"], 2],
		["not-up", ["inspect"], 2],
		["no-daemon", ["up", TINY, "--engine", "docker"], 3],
		["no-daemon", ["image", "build", "--engine", "docker"], 3],
	])("%s is data on stdout and words on stderr", async (name, args, exit) => {
		const { code, stdout, stderr } = await call([...args, "-f", "json"], { env });
		expect(code).toBe(exit);
		const { error } = JSON.parse(stdout) as { error: Record<string, unknown> };
		expect(error.code).toBe(name);
		expect(Object.keys(error)).toEqual(["code", "message", "hint", "where"]);
		expect(stderr).toContain(error.message as string);
	});

	it("a mistake in a file has its place, and every mistake by itself", async () => {
		const { code, data } = await json(["up", BAD]);
		expect(code).toBe(2);
		expect(shapeOf(data)).toMatchObject({
			error: { code: "string", message: "string", where: PROBLEM.where, problems: [PROBLEM] },
		});
	});

	it("the format can come from the environment, also where the command line itself is wrong", async () => {
		const { stdout } = await call(["nosuch"], { env: { ...env, LAB_FORMAT: "json" } });
		expect(JSON.parse(stdout)).toMatchObject({ error: { code: "unknown-command" } });
	});

	it("what belongs to the command in a node is not a format", async () => {
		const { stdout, code } = await call(["exec", "gw", "--", "ip", "-f", "json"], { env });
		expect(stdout).toBe("");
		expect(code).toBe(2);
	});
});
