/** `lab up` and `lab test` on a daemon of this host, stopped at every kind of moment. */
import { readdirSync, readFileSync, readlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { connectDocker } from "../../src/engine/docker-engine.ts";
import type { Engine } from "../../src/engine/engine.ts";
import { LABEL } from "../../src/run/labels.ts";
import { TEST_IMAGE, waiting } from "../engine/contract.ts";
import { testCacheDir } from "../support/host-daemon-setup.ts";
import { copyLab, type OwnPlace, ownPlace, pressTwice, runLab, send } from "../support/interrupted-run.ts";
import { Interruption, type Trial, withSignals } from "../support/interruption.ts";
import { tinyTar } from "../support/test-images.ts";

const host = process.env.LAB_TEST_DOCKER_HOST;
if (!host) throw new Error("LAB_TEST_DOCKER_HOST names no daemon; run these tests with: ./lab selftest docker");
// Links, rules and processes are looked at in the namespaces of the private daemon that the set-up of the tests starts.
const pid = Number(process.env.LAB_TEST_DOCKER_PID);
if (!pid) throw new Error("LAB_TEST_DOCKER_PID is missing; run these tests with: LAB_TEST_HOST_DAEMON=bookworm");

const SCENARIO = `intent: A few connections, with captures.
phases:
  - name: four connections
    traffic: { from: client, nc: "\${vip}:80", send: x, count: 4 }
    expect:
      - answered: all
      - path: { request: [client, router, server*], reply: [server*, router, client] }
`;

const TRIALS: Trial[] = [
	{ command: "up", moment: { event: "run-begin" } },
	{ command: "up", moment: { event: "phase-begin engine" } },
	{ command: "up", moment: { event: "phase-begin engine", later: 0.4 }, gc: true },
	{ command: "up", moment: { event: "phase-begin engine", later: 0.8 } },
	{ command: "up", moment: { event: "engine-chosen" } },
	{ command: "up", moment: { event: "phase-begin up" } },
	{ command: "up", moment: { event: "lab-planned" } },
	{ command: "up", moment: { event: "lab-planned", later: 0.2 } },
	{ command: "up", moment: { event: "lab-planned", later: 0.7 }, gc: true },
	{ command: "up", moment: { event: "node created", nth: 4, later: 0.5 } },
	{ command: "up", moment: { event: "node running" } },
	{ command: "up", moment: { event: "node running", nth: 4, later: 0.5 } },
	{ command: "up", moment: { event: "step-begin", nth: 2 } },
	{ command: "up", moment: { event: "node configured", nth: 4 }, done: true },
	{ command: "test", moment: { event: "lab-planned", later: 0.4 } },
	{ command: "test", moment: { event: "node created" } },
	{ command: "test", moment: { event: "node created", nth: 4 } },
	{ command: "test", moment: { event: "node running", nth: 4 } },
	{ command: "test", moment: { event: "step-begin" } },
	{ command: "test", moment: { event: "step-end", nth: 4 } },
	{ command: "test", moment: { event: "scenario-begin" } },
	{ command: "test", moment: { event: "scenario-phase", later: 0.5 } },
	{ command: "test", moment: { event: "scenario-phase", later: 0.9 } },
	{ command: "test", moment: { event: "traffic all" } },
	{ command: "test", moment: { event: "traffic all", later: 0.5 } },
	{ command: "test", moment: { event: "check" } },
	{ command: "test", moment: { event: "scenario-end" } },
	{ command: "test", moment: { event: "phase-begin down" } },
	{ command: "test", moment: { event: "phase-begin down", later: 0.5 } },
	{ command: "test", moment: { event: "phase-end down" }, done: true },
	{ command: "test", moment: { event: "run-end" }, done: true },
];

let place: OwnPlace;
let runs: Interruption;
let engine: Engine;

beforeAll(async () => {
	engine = await connectDocker({ host, env: {} });
	place = await ownPlace({ LAB_ENGINE: "docker", DOCKER_HOST: host });
	const folder = await copyLab("test/fixtures/routed", SCENARIO, place);
	const watch = { ...place, daemon: { host, pid } };
	runs = await Interruption.prepare(place, watch, folder, async () => {
		// Brings the image, and what the cache keeps about this daemon's kernel.
		const up = await runLab(place, ["up", folder]);
		expect(up.code, up.output).toBe(0);
		expect((await runLab(place, ["down", "--all"])).code).toBe(0);
		await startStranger();
	});
});
afterAll(async () => {
	await engine.removeContainer(STRANGER);
	for (const { id, name } of await engine.listNetworks()) if (name === STRANGER) await engine.removeNetwork(id);
	await engine.close();
	await place?.remove();
});

const STRANGER = "somebody-elses";

/** A container on a network that are not lab's; they are part of the state that must not change. */
async function startStranger(): Promise<void> {
	if (!(await engine.hasImage(TEST_IMAGE))) await engine.importImage(TEST_IMAGE, await tinyTar(testCacheDir()));
	await engine.createNetwork({ name: STRANGER, subnet: "10.97.1.0/24", gateway: "10.97.1.1", labels: {} });
	const attachments = [{ network: STRANGER, address: "10.97.1.2", mac: "02:00:00:00:97:02" }];
	await engine.startContainer(await engine.createContainer(waiting(STRANGER, { labels: {}, attachments })));
}

describe("stopped and taken down, nothing is left and nothing of others is touched", () => {
	it.each(withSignals(TRIALS))("%s", async (_name, trial, signal) => {
		const probes = join(place.cache, "kernel-probes.json");
		const known = readFileSync(probes);
		// So that the kernel is probed, and there is a container to be interrupted in.
		if (trial.moment.event === "phase-begin engine") writeFileSync(probes, "{}");
		const run = await runs.stop(trial, signal);
		writeFileSync(probes, known);
		if (signal === "SIGKILL") await expectFound();
		if (signal === "SIGKILL" && trial.gc) {
			await runs.json("gc");
			expect(await runs.left(), "left by gc").toEqual([]);
		}
		await runs.down(run.output);
	});
});

it("networks alone, left by a run killed early, are seen and collected", async () => {
	const labels = { [LABEL.instance]: "routed", [LABEL.lab]: "routed" };
	await engine.createNetwork({ name: "lab-routed-left", subnet: "10.98.1.0/24", gateway: "10.98.1.254", labels });
	expect((await runs.lab("ps")).output).toContain("the instance routed is half made");
	expect(await runs.json("gc")).toMatchObject({ removed: expect.arrayContaining(["half-made instance routed"]) });
	expect(await runs.left()).toEqual([]);
});

it("a second Ctrl-C ends at once, and what it leaves is removed by down", async () => {
	const daemon = daemonProcess();
	try {
		const run = await runs.run("up", { event: "node created" }, async (child) => {
			// Nothing can be cleaned up on a daemon that does not answer.
			process.kill(daemon, "SIGSTOP");
			await pressTwice(child);
		});
		expect(run.code, run.output).toBe(130);
	} finally {
		process.kill(daemon, "SIGCONT");
	}
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

// Last: it takes the image away.
it("an import that is interrupted leaves no part of an image", async () => {
	const [image] = await engine.listImages("lblab/node:");
	await engine.removeImage(image?.tag ?? "");
	const gone = await runs.left(0);
	expect(gone).toEqual([expect.stringContaining(`- image: ${image?.tag}`)]);
	const run = await runLab(place, ["up", runs.folder], {
		...{ moment: { event: "setup image-node begin", nth: 2 }, delay: 300, act: "SIGINT" },
	});
	expect([run.code, await runs.left(1000)], run.output).toEqual([130, gone]);
});

/** The process of the daemon itself, told by its process namespace. */
function daemonProcess(): number {
	const inside = readlinkSync(`/proc/${pid}/ns/pid`);
	for (const name of readdirSync("/proc").filter((entry) => /^\d+$/.test(entry))) {
		try {
			const own = readlinkSync(`/proc/${name}/ns/pid`) === inside;
			if (own && readFileSync(`/proc/${name}/comm`, "utf8").trim() === "dockerd") return Number(name);
		} catch {
			// It has ended.
		}
	}
	throw new Error("no dockerd found");
}

/** What a killed run has left is seen by those who look. */
async function expectFound(): Promise<void> {
	const left = await runs.left(0);
	const nodes = left.filter((line) => /^\+ container: \/lab-routed-(?!fabric)/.test(line));
	const rows = await runs.json<{ node: string }[]>("ps");
	expect(rows.length, left.join("\n")).toBe(nodes.length);
}
