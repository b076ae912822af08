/** What is seen in a phase, on an engine in memory: traffic, logs, captures, counters, and what is missing of them. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { signalWithDeadline } from "../../src/model/deadline.ts";
import type { PhaseObservation } from "../../src/model/observation.ts";
import { Scenario } from "../../src/model/scenario.ts";
import { testLab } from "../../src/run/test-lab.ts";
import { up } from "../../src/run/up.ts";
import { hang } from "../support/fake-nodes.ts";
import { lab, plan, results, type Setting, scenario, setting } from "./setting.ts";

vi.mock("../../src/model/deadline.ts", { spy: true });

let now: Setting;
const folder = results();

beforeEach(async () => {
	now = setting();
	await up(now.context, plan(), { keep: false });
});

function run(...names: string[]) {
	return testLab(now.context, lab, plan(), names.map(scenario), folder);
}

/** A scenario of one phase. */
function phase(body: object): Scenario & { name: string } {
	return {
		name: "made-up",
		...Scenario.parse({ intent: "made up for a test", phases: [{ name: "a phase", ...body }] }),
	};
}

function observation(name = "made-up"): PhaseObservation {
	const file = join(folder.path, "observations/tiny", name, "1.json");
	return (JSON.parse(readFileSync(file, "utf8")) as { observation: PhaseObservation }).observation;
}

const TRAFFIC = { from: "client", nc: "10.97.1.2:8000", count: 2 };

describe("traffic", () => {
	it("of which not every request is told about is an error, never a verdict", async () => {
		now.engine.onExec(({ request }) =>
			request.command.at(-1)?.includes("token=$(printf") ? { stdout: "", stderr: "sh: nc: not found" } : undefined,
		);
		const result = await run("alternates");
		expect(result.scenarios[0]).toMatchObject({
			status: "error",
			reason: "only 0 of 4 requests were reported by client: sh: nc: not found",
			checks: [],
		});
	});

	it("that does not end is ended at its deadline and told as that", async () => {
		now.engine.onExec((call) => (call.request.command.at(-1)?.includes("token=$(printf") ? hang(call) : undefined));
		vi.mocked(signalWithDeadline).mockImplementation(() => AbortSignal.abort(new Error("time")));
		try {
			const result = await run("alternates");
			expect(result.scenarios[0]).toMatchObject({
				status: "error",
				reason: expect.stringMatching(/^the traffic from client had not ended after \d+ s$/),
			});
		} finally {
			vi.mocked(signalWithDeadline).mockReset();
		}
	});

	it("from a node that is gone is an error that says so", async () => {
		await now.engine.removeContainer("lab-tiny-client");
		const result = await run("alternates");
		expect(result.scenarios[0]?.reason).toBe("node client of tiny is not there");
	});
});

describe("logs of backends", () => {
	it("that come late are awaited", async () => {
		now.engine.unlogged.add(1);
		let token = "";
		let reads = 0;
		now.engine.onExec(({ request, container }) => {
			const script = request.command.at(-1) ?? "";
			token = /'%s-%04d' '?([\w-]+)/.exec(script)?.[1] ?? token;
			// At the second look the line is there.
			if (script.includes("tail -c") && container.name.endsWith("real2") && ++reads === 2)
				now.engine.log("real2", 41_000, `${token}-0001`);
			return undefined;
		});
		expect((await run("alternates")).status).toBe("passed");
		expect(reads).toBe(2);
	});

	it("that never come are evidence, not an error", async () => {
		now.engine.unlogged.add(1);
		const result = await run("alternates");
		expect(result.status).toBe("inconsistent");
		expect(observation("alternates").accepts).toHaveLength(3);
	});

	it("of earlier phases do not count", async () => {
		await run("alternates");
		await run("alternates");
		expect(observation("alternates").accepts).toHaveLength(4);
	});
});

describe("captures", () => {
	const packets = phase({
		traffic: TRAFFIC,
		expect: [{ packets: { at: "router", interface: "eth1", match: { protocol: "tcp" }, count: "some" } }],
	});

	it("are kept with the observation", async () => {
		await testLab(now.context, lab, plan(), [packets], folder);
		expect(observation().captures).toMatchObject([{ node: "router", interface: "eth1", frames: 0, dropped: 0 }]);
		expect(existsSync(join(folder.path, observation().captures[0]?.file ?? ""))).toBe(true);
		expect(observation().faults).toEqual([]);
	});

	it("that are lost are faults, and the check is an error", async () => {
		now.engine.captureLog = "tcpdump: eth1: Network is down\n";
		const result = await testLab(now.context, lab, plan(), [packets], folder);
		expect(observation().faults).toEqual(["capture router eth1: was lost: tcpdump: eth1: Network is down"]);
		expect(result.scenarios[0]?.checks.at(-1)).toMatchObject({ check: "packets at router eth1", status: "error" });
	});

	it("that do not start are faults with tcpdump's words", async () => {
		now.engine.onExec(({ request }) =>
			request.command.at(-1)?.includes("tcpdump -i")
				? { stdout: "\n\x1efault eth1\ntcpdump: eth1: No such device exists\n" }
				: undefined,
		);
		await testLab(now.context, lab, plan(), [packets], folder);
		expect(observation().faults[0]).toBe("capture router eth1: did not start: tcpdump: eth1: No such device exists");
	});
});

it("counters that cannot be read are faults, before and after", async () => {
	const counters = { at: "router", ipvs: "10.97.1.2:8000/tcp", "agrees-with": "clients" };
	await testLab(now.context, lab, plan(), [phase({ traffic: TRAFFIC, expect: [{ counters }] })], folder);
	expect(observation().faults).toHaveLength(2);
	expect(observation().faults[0]).toMatch(/^counters router 10\.97\.1\.2:8000\/tcp: /);
});
