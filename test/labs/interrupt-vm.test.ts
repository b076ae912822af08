/** `lab up` and `lab test` in the embedded machine, stopped at every kind of moment. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { copyLab, type OwnPlace, ownPlace, pressTwice, send } from "../support/interrupted-run.ts";
import { Interruption, type Trial, withSignals } from "../support/interruption.ts";
import { lab } from "../support/lab-command.ts";

const SCENARIO = `intent: A few connections, with captures.
phases:
  - name: four connections
    traffic: { from: ext1, nc: "\${vip}:80", send: x, count: 4 }
    expect:
      - answered: all
      - path: { request: [ext1, gw, int*], reply: [int*, gw, ext1] }
`;

const TRIALS: Trial[] = [
	{ command: "up", moment: { event: "run-begin" } },
	{ command: "up", moment: { event: "phase-begin engine" } },
	{ command: "up", moment: { event: "setup vm-restore begin" } },
	{ command: "up", moment: { event: "setup vm-restore begin", later: 0.2 } },
	{ command: "up", moment: { event: "setup vm-restore begin", later: 0.6 } },
	{ command: "up", moment: { event: "setup vm-restore end" }, gc: true },
	{ command: "up", moment: { event: "phase-begin up" } },
	{ command: "up", moment: { event: "lab-planned", later: 0.5 } },
	{ command: "up", moment: { event: "node running" }, gc: true },
	{ command: "up", moment: { event: "node running", nth: 5, later: 0.5 } },
	{ command: "up", moment: { event: "step-begin", nth: 3 } },
	{ command: "up", moment: { event: "node configured", nth: 5 }, done: true },
	{ command: "test", moment: { event: "setup vm-restore begin", later: 0.4 } },
	{ command: "test", moment: { event: "engine-chosen" } },
	{ command: "test", moment: { event: "lab-planned" } },
	{ command: "test", moment: { event: "node created" } },
	{ command: "test", moment: { event: "node created", nth: 5, later: 0.5 } },
	{ command: "test", moment: { event: "node running", nth: 5 } },
	{ command: "test", moment: { event: "step-begin" } },
	{ command: "test", moment: { event: "step-end", nth: 4 } },
	{ command: "test", moment: { event: "scenario-begin" } },
	{ command: "test", moment: { event: "scenario-phase", later: 0.5 } },
	{ command: "test", moment: { event: "traffic" } },
	{ command: "test", moment: { event: "traffic all", later: 0.5 } },
	{ command: "test", moment: { event: "check" } },
	{ command: "test", moment: { event: "scenario-end" } },
	{ command: "test", moment: { event: "phase-begin down" } },
	{ command: "test", moment: { event: "phase-end down" }, done: true },
	{ command: "test", moment: { event: "run-end" }, done: true },
];
let place: OwnPlace;
let runs: Interruption;

beforeAll(async () => {
	// A machine of this host's must be there: making one is another test's matter.
	const { stdout } = await lab(["vm", "status", "-f", "json"]);
	if (!(JSON.parse(stdout) as MachineStatus).snapshot.ready) expect((await lab(["vm", "rebuild"])).code).toBe(0);
	place = await ownPlace({ LAB_ENGINE: "vm", DOCKER_HOST: "unix:///nonexistent/docker.sock" });
	const folder = await copyLab("labs/ipvs-nat", SCENARIO, place);
	runs = await Interruption.prepare(place, { ...place }, folder, async () => undefined);
});
afterAll(() => place?.remove());

describe("stopped and taken down, nothing is left", () => {
	it.each(withSignals(TRIALS))("%s", async (_name, trial, signal) => {
		const run = await runs.stop(trial, signal);
		if (signal === "SIGKILL") await expectFound();
		if (signal === "SIGKILL" && trial.gc) {
			const { removed } = await runs.json<{ removed: string[] }>("gc");
			expect([removed.filter((name) => name.includes("ipvs-nat")).length, await runs.left()]).toEqual([1, []]);
		}
		await runs.down(run.output);
	});
});

describe("a machine that nobody looks after", () => {
	it("is taken over when its starter was killed while it was restored, and is seen dead when its keeper is killed", async () => {
		await runs.run("up", { event: "setup vm-restore begin", later: 0.5 }, "SIGKILL");
		const up = await runs.lab("up");
		expect(up.code, up.output).toBe(0);
		expect(up.output).toContain("has its machine already");
		const [machine] = (await runs.json<MachineStatus>("vm", "status")).machines;
		process.kill(machine?.pid ?? 0, "SIGKILL");
		await expect
			.poll(async () => (await runs.json<MachineStatus>("vm", "status")).machines)
			.toEqual([expect.objectContaining({ name: "ipvs-nat", alive: false })]);
		expect((await runs.lab("ps")).output).toContain("the machine ipvs-nat is dead");
		expect((await runs.lab("down", "ipvs-nat")).code).toBe(0);
		expect(await runs.left()).toEqual([]);
	});

	it("is ended by Ctrl-C although it hangs", async () => {
		const run = await runs.run("up", { event: "node created" }, async (child) => {
			const [record] = await runs.json<MachineStatus>("vm", "status").then(({ machines }) => machines);
			// The supervisor does not answer either, so it has to be killed.
			process.kill(record?.pid ?? 0, "SIGSTOP");
			send(child, "SIGINT");
		});
		expect([run.code, await runs.left()], run.output).toEqual([130, []]);
	});
});

it("a second Ctrl-C ends at once, and what it leaves is removed by down", async () => {
	const run = await runs.run("up", { event: "node created" }, async (child) => {
		const [record] = await runs.json<MachineStatus>("vm", "status").then(({ machines }) => machines);
		process.kill(record?.pid ?? 0, "SIGSTOP");
		await pressTwice(child);
	});
	expect(run.code, run.output).toBe(130);
	await runs.down();
});

it("a closed terminal ends like SIGTERM", async () => {
	const run = await runs.run("test", { event: "node running" }, (child) => {
		child.stdout?.destroy();
		child.stderr?.destroy();
		send(child, "SIGHUP");
	});
	expect([run.code, await runs.left()]).toEqual([143, []]);
});

interface MachineStatus {
	snapshot: { ready: boolean };
	machines: { name: string; alive: boolean; pid: number }[];
}

/** What a killed run has left is seen by those who look. */
async function expectFound(): Promise<void> {
	const left = await runs.left(0);
	const directory = left.some((line) => line.includes("/lblab/ipvs-nat/"));
	const { machines } = await runs.json<MachineStatus>("vm", "status");
	// Dead when the kill came before the machine had a keeper of its own.
	expect(machines.map(({ name }) => name)).toEqual(directory ? ["ipvs-nat"] : []);
	// As a lab with its nodes, or as a machine without one.
	expect((await runs.lab("ps")).output).toContain(directory ? "ipvs-nat" : "no lab is up");
}
