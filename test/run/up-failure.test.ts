/** What goes wrong on the way up, and what is left then: nothing, on an engine in memory. */
import { describe, expect, it } from "vitest";
import { LabError } from "../../src/model/error.ts";
import { up } from "../../src/run/up.ts";
import { FakeNodes, hang } from "../support/fake-nodes.ts";
import { errorOf, eventsOf, plan, setting } from "./setting.ts";

const KEEP_NOTHING = { keep: false };

function expectNothing(engine: FakeNodes): void {
	expect(engine.present).toEqual([]);
	expect([...engine.networks.values()]).toEqual([]);
}

describe("a step that fails", () => {
	const failing = { node: "router", step: "banner", output: "no such thing", exitCode: 3 };

	it("is named with its node, output and commands, and everything is removed", async () => {
		const { engine, context, events } = setting();
		engine.failing = failing;
		const error = await errorOf(up(context, plan(), KEEP_NOTHING));
		expect(error.kind).toBe("broken");
		expect(error.code).toBe("step-failed");
		expect(error.message).toBe("step banner of node router failed with exit code 3: no such thing");
		expect(error.hint).toContain("It ran: echo ready");
		expect(eventsOf(events, "step-end").filter(({ ok }) => !ok)).toMatchObject([
			{ node: "router", step: "banner", output: "no such thing\n" },
		]);
		expectNothing(engine);
	});

	it("leaves the lab in place with --keep, and the next up rebuilds it", async () => {
		const { engine, context } = setting();
		engine.failing = failing;
		await errorOf(up(context, plan(), { keep: true }));
		expect(engine.present).toHaveLength(5);
		engine.failing = undefined;
		expect(await up(context, plan(), KEEP_NOTHING)).toBe("created");
	});

	it("gives the lane's own words where no step can be named", async () => {
		const { engine, context } = setting();
		engine.onExec(({ container, request }) =>
			container.name.endsWith("real1") && request.command.at(-1)?.includes("/etc/hosts")
				? { exitCode: 2, stderr: "sh: read-only file system" }
				: undefined,
		);
		const error = await errorOf(up(context, plan(), KEEP_NOTHING));
		expect(error.message).toBe("node real1 could not be configured: sh: read-only file system");
	});
});

describe("what goes wrong before the steps", () => {
	it("a node that ends at once shows its last words", async () => {
		class Crashing extends FakeNodes {
			override async startContainer(id: string): Promise<void> {
				await super.startContainer(id);
				const entry = this.containers.get(id);
				if (!entry?.info.name.endsWith("real1")) return;
				entry.log = "tini: cannot execute\n";
				entry.info.state = "exited";
				entry.info.pid = 0;
			}
		}
		const { engine, context } = setting(new Crashing());
		const error = await errorOf(up(context, plan(), KEEP_NOTHING));
		expect(error).toMatchObject({ code: "node-ended", message: "node real1 ended at once: tini: cannot execute" });
		expectNothing(engine);
	});

	it("wires that cannot be made are told with the words of ip", async () => {
		const { engine, context } = setting();
		engine.onExec(({ request }) =>
			request.command.at(-1)?.includes("type veth")
				? { exitCode: 1, stderr: "RTNETLINK answers: File exists" }
				: undefined,
		);
		const error = await errorOf(up(context, plan(), KEEP_NOTHING));
		expect(error.code).toBe("wiring-failed");
		expect(error.message).toBe("the wires of tiny could not be made: RTNETLINK answers: File exists");
		expectNothing(engine);
	});

	it("waits for what is still being made before it cleans up", async () => {
		const { engine, context } = setting();
		engine.failOn("startContainer", new Error("no"), { times: 1 });
		await up(context, plan(), KEEP_NOTHING).catch(() => undefined);
		expect(engine.callsOf("createContainer")).toHaveLength(5);
		expectNothing(engine);
	});
});

describe("an abort", () => {
	const reason = new LabError("interrupted", "interrupted", { code: "interrupted" });

	it("before anything is made makes nothing", async () => {
		const { engine, context, aborter } = setting();
		aborter.abort(reason);
		expect(await errorOf(up(context, plan(), KEEP_NOTHING))).toBe(reason);
		expect(engine.callsOf("createNetwork")).toEqual([]);
		expect(engine.callsOf("createContainer")).toEqual([]);
	});

	it.each([
		["while networks are made", "createNetwork"],
		["while containers are made", "createContainer"],
		["while containers start", "startContainer"],
		["while they are looked at", "inspectContainer"],
	] as const)("%s leaves nothing, also with --keep", async (_when, method) => {
		const { engine, context, aborter } = setting();
		engine.failOn(method, reason, {
			when: () => {
				aborter.abort(reason);
				return false;
			},
		});
		expect(await errorOf(up(context, plan(), { keep: true }))).toBe(reason);
		expectNothing(engine);
	});

	it.each([
		["in the wiring", "ip -batch"],
		["in a lane", "/etc/hosts"],
	])("%s ends the command and leaves nothing", async (_when, part) => {
		const { engine, context, aborter } = setting();
		engine.onExec((call) => {
			if (!call.request.command.at(-1)?.includes(part)) return undefined;
			setTimeout(() => aborter.abort(reason), 5);
			return hang(call);
		});
		const error = await errorOf(up(context, plan(), KEEP_NOTHING));
		expect(error.kind).toBe("interrupted");
		expectNothing(engine);
	});

	it("says what could not be removed", async () => {
		const { engine, context, events } = setting();
		engine.failing = { node: "router", step: "banner", output: "", exitCode: 1 };
		engine.failOn("removeContainer", new Error("device busy"), { times: 1 });
		await errorOf(up(context, plan(), KEEP_NOTHING));
		expect(engine.present).toHaveLength(1);
		expect(eventsOf(events, "notice")[0]?.text).toMatch(
			/could not remove container lab-tiny-\w+: device busy; try: lab down tiny/,
		);
	});
});
