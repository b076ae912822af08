/** Scenarios on an engine in memory: verdicts, changes, and what happens when something breaks off. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import { LabError } from "../../src/model/error.ts";
import type { PhaseObservation } from "../../src/model/observation.ts";
import { testLab } from "../../src/run/test-lab.ts";
import { up } from "../../src/run/up.ts";
import { FakeNodes, hang } from "../support/fake-nodes.ts";
import { eventsOf, lab, plan, results, type Setting, scenario, setting } from "./setting.ts";

let now: Setting;
const folder = results();

beforeEach(async () => {
	now = setting();
	await up(now.context, plan(), { keep: false });
	now.events.length = 0;
});

function run(...names: string[]) {
	return testLab(now.context, lab, plan(), names.map(scenario), folder);
}

function observation(name: string): PhaseObservation {
	const file = join(folder.path, "observations/tiny", name, "1.json");
	return (JSON.parse(readFileSync(file, "utf8")) as { observation: PhaseObservation }).observation;
}

describe("a scenario", () => {
	it("passes, with a token and a connection of its own for every request", async () => {
		const result = await run("alternates");
		expect(result).toMatchObject({
			lab: "tiny",
			status: "passed",
			scenarios: [{ name: "alternates", status: "passed" }],
		});
		const { requests, accepts, backends } = observation("alternates");
		expect(new Set(requests.map(({ token }) => token)).size).toBe(4);
		expect(accepts.flatMap(({ tokens }) => tokens).sort()).toEqual(requests.map(({ token }) => token).sort());
		expect(backends).toEqual(["real1", "real2"]);
	});

	it("fails with the name of the check and what was seen", async () => {
		now.engine.backends = ["real2"];
		const result = await run("alternates");
		expect(result.status).toBe("failed");
		const failed = result.scenarios[0]?.checks.filter(({ status }) => status !== "pass");
		expect(failed).toHaveLength(1);
		expect(failed?.[0]?.observed).toMatch(/real1.*0|0.*real1|real2.*4/);
	});

	it("tells progress, shares, checks and its end as events", async () => {
		await run("alternates");
		const types = [...new Set(now.events.map(({ type }) => type))];
		expect(types).toEqual([
			"scenario-begin",
			"scenario-phase",
			"shares",
			"traffic",
			"check",
			"scenario-end",
			"lab-end",
		]);
		expect(eventsOf(now.events, "traffic").at(-1)).toEqual({
			...{ type: "traffic", lab: "tiny", scenario: "alternates", phase: "four requests alternate" },
			...{ sent: 4, answered: 4, total: 4 },
		});
		const bands = { real1: { low: 2, high: 2 }, real2: { low: 2, high: 2 } };
		expect(eventsOf(now.events, "shares")[0]).toMatchObject({ shares: { real1: 0, real2: 0 }, bands });
		expect(eventsOf(now.events, "shares").at(-1)).toMatchObject({ shares: { real1: 2, real2: 2 }, bands });
	});
});

describe("changes", () => {
	const made = ["router: make first", "real1: make second", "router: make third"];
	const undone = ["router: undo third", "real1: undo second", "router: undo first"];
	const commands = () => now.engine.commands.map(({ node, script }) => `${node}: ${script}`);

	it("are undone in reverse order when the scenario ends", async () => {
		expect((await run("changed")).status).toBe("passed");
		expect(commands()).toEqual([...made, ...undone]);
	});

	it("are undone after a failed check too", async () => {
		now.engine.state = "as before";
		expect((await run("changed")).status).toBe("failed");
		expect(commands()).toEqual([...made, ...undone]);
	});

	it("are undone after one of them failed, itself included, and the scenario is an error that names it", async () => {
		failing("make second", { exitCode: 2, stderr: "no such device" });
		const result = await run("changed");
		expect(result.scenarios[0]).toMatchObject({
			status: "error",
			reason: 'change in phase "two changes are seen": on real1, `make second` ended with 2: no such device',
		});
		expect(commands()).toEqual([made[0], undone[1], undone[2]]);
	});

	it("are undone after an abort as well: a lab that was up before stays up", async () => {
		const reason = new LabError("interrupted", "interrupted", { code: "interrupted" });
		now.engine.onExec((call) => {
			if (!call.request.command.at(-1)?.includes("token=$(printf")) return undefined;
			setTimeout(() => now.aborter.abort(reason), 5);
			return hang(call);
		});
		await expect(run("changed")).rejects.toBe(reason);
		expect(commands()).toEqual([...made.slice(0, 2), ...undone.slice(1)]);
	});

	it("that cannot be undone make the scenario an error, and the others are undone all the same", async () => {
		failing("undo second", { exitCode: 1, stderr: "gone" });
		const result = await run("changed");
		expect(result.scenarios[0]?.status).toBe("error");
		expect(result.scenarios[0]?.reason).toBe("undoing a change: on real1, `undo second` ended with 1: gone");
		expect(commands()).toEqual([...made, undone[0], undone[2]]);
	});
});

describe("after a scenario that broke off", () => {
	it("the lab is rebuilt before the next", async () => {
		failing("make first", { exitCode: 1 }, 1);
		const before = new Set(now.engine.containers.keys());
		const result = await run("changed", "alternates");
		expect(result.scenarios.map(({ status }) => status)).toEqual(["error", "passed"]);
		expect([...now.engine.containers.keys()].some((id) => before.has(id))).toBe(false);
		expect(eventsOf(now.events, "notice")[0]?.text).toBe("instance tiny is to be made afresh; it is rebuilt");
	});

	it("nothing is rebuilt for a check that failed", async () => {
		now.engine.state = "as before";
		const before = [...now.engine.containers.keys()];
		await run("changed", "alternates");
		expect([...now.engine.containers.keys()]).toEqual(before);
	});

	it("verdicts stand when there is no lab for the rest", async () => {
		failing("make first", { exitCode: 1 }, 1);
		now.engine.failOn("createNetwork", new Error("no address pool"));
		const result = await run("alternates", "changed", "alternates");
		expect(result.scenarios.map(({ status, reason }) => [status, reason?.slice(-15)])).toEqual([
			["passed", undefined],
			["error", expect.anything()],
			["error", "no address pool"],
		]);
		expect(eventsOf(now.events, "scenario-end")).toHaveLength(3);
	});
});

it("an abort between scenarios ends the test", async () => {
	const reason = new LabError("timeout", "not done", { code: "timeout" });
	const engine = new FakeNodes();
	now = setting(engine, (event) => {
		if (event.type === "scenario-end") now.aborter.abort(reason);
	});
	await up(now.context, plan(), { keep: false });
	await expect(run("alternates", "changed")).rejects.toBe(reason);
});

/** Makes the commands with this text fail, always or a number of times. */
function failing(part: string, answer: { exitCode: number; stderr?: string }, times = Infinity): void {
	let left = times;
	now.engine.onExec(({ request }) => (request.command.at(-1)?.includes(part) && left-- > 0 ? answer : undefined));
}
