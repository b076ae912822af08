/** The verbs about what is up, with a daemon in memory. */
import { beforeEach, describe, expect, it } from "vitest";
import { LABEL } from "../../src/run/labels.ts";
import { FakeNodes, hang } from "../support/fake-nodes.ts";
import { call, freshFolders, TINY } from "./command-line.ts";

let engine: FakeNodes;
let env: Record<string, string>;

beforeEach(async () => {
	engine = new FakeNodes();
	env = freshFolders();
	await lab("up", TINY, "--engine", "docker");
});

const lab = (...args: string[]) => call(args, { engine, env });

describe("exec", () => {
	it.each([0, 1, 42, 127])("ends with the command's own code %i, and keeps its streams apart", async (exitCode) => {
		engine.onExec(({ request }) =>
			request.command[0] === "ip" ? { exitCode, stdout: "to stdout\n", stderr: "to stderr\n" } : undefined,
		);
		expect(await lab("exec", "router", "--", "ip", "-br", "link")).toEqual({
			...{ code: exitCode, stdout: "to stdout\n", stderr: "to stderr\n" },
		});
	});

	it("hands on flags of the command, with and without --", async () => {
		const seen: string[][] = [];
		engine.onExec(({ request }) => {
			seen.push(request.command);
			return {};
		});
		await lab("exec", "router", "ls", "-n", "-t", "--help");
		await lab("exec", "-n", "tiny", "router", "--", "ls", "--", "-f", "json");
		expect(seen).toEqual([
			["ls", "-n", "-t", "--help"],
			["ls", "--", "-f", "json"],
		]);
	});

	it.each([
		["SIGINT", 130],
		["SIGTERM", 143],
	])("ends the command on %s, and ends with %i", async (signal, exit) => {
		let send = () => {};
		engine.onExec((request) => {
			setTimeout(() => send(), 5);
			return hang(request);
		});
		const onStart = (events: NodeJS.EventEmitter) => {
			send = () => void events.emit(signal, signal);
		};
		const { code, stdout } = await call(["exec", "router", "--", "sleep", "1000"], { engine, env, onStart });
		expect(code).toBe(exit);
		expect(stdout).toBe("");
	});

	it("names what there is instead of a node that is not there", async () => {
		const { code, stderr } = await lab("exec", "rooter", "--", "true");
		expect(code).toBe(2);
		expect(stderr).toContain("tiny has no node rooter; did you mean router?");
		expect(stderr).toContain("Its nodes: client, router, real1, real2");
	});

	it("finds the only instance that has the node, and asks when there are two", async () => {
		await lab("up", TINY, "--engine", "docker", "-n", "second", "--wiring", "veth");
		const { code, stderr } = await lab("exec", "router", "--", "true");
		expect(code).toBe(2);
		expect(stderr).toContain("2 labs are up; say which one");
		expect((await lab("exec", "router", "-n", "second", "--", "true")).code).toBe(2);
		expect((await lab("exec", "-n", "second", "router", "--", "true")).code).toBe(0);
	});
});

describe("logs", () => {
	it("shows the last lines of a service", async () => {
		engine.onExec(({ request }) =>
			request.command.at(-1)?.includes("tail -n 5 /var/log/lab/listener.log") ? { stdout: "one\ntwo\n" } : undefined,
		);
		expect(await lab("logs", "real1", "listener", "--tail", "5")).toMatchObject({ code: 0, stdout: "one\ntwo\n" });
	});

	it("names the services there are", async () => {
		engine.onExec(({ request }) => {
			const script = request.command.at(-1) ?? "";
			if (script.includes("tail -n")) return { exitCode: 3 };
			return script.startsWith("ls") ? { stdout: "listener\n" } : undefined;
		});
		const { code, stderr } = await lab("logs", "real1", "nosuch");
		expect(code).toBe(2);
		expect(stderr).toContain("Its services: listener");
	});
});

describe("ps and inspect", () => {
	it("show a table, and say when nothing is up", async () => {
		expect((await lab("ps")).stdout).toMatch(
			/tiny\s+tiny\s+router\s+running\s+docker\s+eth1 10\.97\.1\.2\/24, eth0 10\.97\.2\.1\/24/,
		);
		await lab("down");
		expect((await lab("ps")).stdout).toBe("no lab is up\n");
		expect((await lab("inspect")).stderr).toContain("no lab is up");
	});

	it("inspect takes the name as an argument, a flag or a variable", async () => {
		for (const args of [["inspect", "tiny"], ["inspect", "-n", "tiny"], ["inspect"]]) {
			expect((await lab(...args)).stdout).toContain("lab-tiny-left 10.97.1.0/24");
		}
		const { stderr } = await call(["inspect"], { engine, env: { ...env, LAB_NAME: "tinny" } });
		expect(stderr).toContain("no lab called tinny is up; did you mean tiny?");
	});
});

describe("down", () => {
	it("works from labels alone, with the lab's file gone", async () => {
		for (const { info } of engine.containers.values()) info.labels[LABEL.lab] = "a-lab-that-no-file-has";
		expect(await lab("down", "tiny")).toMatchObject({ code: 0, stdout: "tiny: down\n" });
		expect(engine.present).toEqual([]);
		expect((await lab("down", "tiny")).code).toBe(2);
	});

	it("--all takes every instance and nothing that is not ours", async () => {
		await lab("up", TINY, "--engine", "docker", "-n", "second", "--wiring", "veth");
		await engine.createNetwork({ name: "theirs", subnet: "10.1.0.0/24", gateway: "10.1.0.1", labels: {} });
		expect((await lab("down", "--all")).stdout).toBe("second, tiny: down\n");
		expect([...engine.networks.values()].map(({ name }) => name)).toEqual(["theirs"]);
		expect(await lab("down", "--all")).toMatchObject({ code: 0, stdout: "nothing was up\n" });
	});

	it("ends with 4 and names what it could not remove", async () => {
		engine.failOn("removeNetwork", new Error("has active endpoints"), { times: 1 });
		const { code, stderr } = await lab("down");
		expect(code).toBe(4);
		expect(stderr).toContain("could not remove everything: network lab-tiny-left: has active endpoints");
		expect((await lab("down")).code).toBe(0);
	});
});

describe("gc", () => {
	it("removes a lab that was left half made, and leaves one that is up", async () => {
		await lab("up", TINY, "--engine", "docker", "-n", "second", "--wiring", "veth");
		await engine.removeContainer("lab-second-real2");
		for (const [id, { info }] of engine.containers)
			if (info.name === "lab-second-client") engine.containers.get(id)?.files.clear();
		const { stdout } = await lab("gc");
		expect(stdout).toContain(`left alone: instance second: process ${process.pid} is at work on it`);
		for (const { info } of engine.containers.values()) info.labels[LABEL.maker] = "1 1 of-another-boot";
		expect((await lab("gc")).stdout).toContain("removed half-made instance second");
		expect((await lab("ps")).stdout).not.toContain("second");
		expect((await lab("ps")).stdout).toContain("tiny");
	});
});
