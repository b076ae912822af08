/** Finding and removing by labels alone. */
import { describe, expect, it } from "vitest";
import { findInstances, isComplete, removeInstance } from "../../src/run/instances.ts";
import { LABEL } from "../../src/run/labels.ts";
import { up } from "../../src/run/up.ts";
import { FakeNodes, NODE_IMAGE } from "../support/fake-nodes.ts";
import { plan, setting } from "./setting.ts";

async function twoInstances() {
	const { engine, context } = setting();
	await up(context, plan(), { keep: false });
	await up(context, plan({ instance: "second", wiring: "veth" }), { keep: false });
	return engine;
}

function foreign(engine: FakeNodes, labels: Record<string, string>): Promise<string> {
	return engine.createContainer({
		...{ name: "theirs", image: NODE_IMAGE, hostname: "theirs", command: [], labels },
		...{ capabilities: [], privileged: false, attachments: [] },
	});
}

describe("findInstances", () => {
	it("tells lab, nodes in the order of the file, their roles and addresses from labels", async () => {
		const engine = await twoInstances();
		const [second, tiny] = await findInstances(engine);
		expect(second?.instance).toBe("second");
		expect(tiny).toMatchObject({ lab: "tiny", instance: "tiny", owner: "somebody", run: "20260101-000000-ab12" });
		expect(tiny?.nodes.map(({ name, part }) => `${name} ${part}`)).toEqual([
			"client client",
			"router balancer",
			"real1 real",
			"real2 real",
		]);
		expect(tiny?.nodes[1]?.addresses).toEqual({ eth1: ["10.97.1.2/24"], eth0: ["10.97.2.1/24"] });
		expect(tiny?.containers).toHaveLength(5);
		expect(tiny?.networks.map(({ name }) => name)).toEqual(["lab-tiny-left"]);
	});

	it("survives labels that somebody else wrote", async () => {
		const engine = new FakeNodes();
		await foreign(engine, { [LABEL.instance]: "odd", [LABEL.role]: "node", [LABEL.addresses]: "{not json" });
		expect(await findInstances(engine)).toMatchObject([{ instance: "odd", lab: "odd", nodes: [{ addresses: {} }] }]);
	});

	it("does not take what has no label of ours for an instance", async () => {
		const engine = new FakeNodes();
		await foreign(engine, { "com.example": "x" });
		await foreign(new FakeNodes(), { [LABEL.role]: "fabric" });
		expect(await findInstances(engine)).toEqual([]);
	});
});

describe("isComplete", () => {
	it.each([
		["every node runs and is configured", "nothing", true],
		["a node has ended", "state", false],
		["a node was not configured", "files", false],
	])("when %s", async (_when, spoilt, complete) => {
		const { engine, context } = setting();
		await up(context, plan({ wiring: "docker" }), { keep: false });
		const client = [...engine.containers.values()].find(({ info }) => info.name === "lab-tiny-client");
		if (client && spoilt === "state") client.info.state = "exited";
		if (spoilt === "files") client?.files.clear();
		const [instance] = await findInstances(engine);
		if (!instance) throw new Error("no instance");
		expect(await isComplete(engine, instance, ["client", "router", "real1", "real2"])).toBe(complete);
		expect(await isComplete(engine, instance, ["client", "router"])).toBe(false);
	});
});

it("an instance without a node is not complete: a run killed early leaves its networks", async () => {
	const engine = new FakeNodes();
	await engine.createNetwork({
		...{ name: "lab-tiny-left", subnet: "10.1.0.0/24", gateway: "10.1.0.1", labels: { [LABEL.instance]: "tiny" } },
	});
	const [instance] = await findInstances(engine);
	expect(instance?.nodes).toEqual([]);
	expect(instance && (await isComplete(engine, instance, []))).toBe(false);
});

describe("removeInstance", () => {
	it("also takes what the daemon was still making for a killed run", async () => {
		const { engine, context } = setting();
		await up(context, plan(), { keep: false });
		const remove = engine.removeNetwork.bind(engine);
		engine.removeNetwork = async (id) => {
			await remove(id);
			await foreign(engine, { [LABEL.instance]: "tiny", [LABEL.role]: "node" });
			engine.removeNetwork = remove;
		};
		expect(await removeInstance(engine, "tiny")).toEqual([]);
		expect(engine.containers.size).toBe(0);
	});

	it("needs labels only, takes containers before networks, and nothing else", async () => {
		const engine = await twoInstances();
		const theirs = await foreign(engine, {});
		await engine.createNetwork({ name: "theirs", subnet: "10.1.0.0/24", gateway: "10.1.0.1", labels: {} });
		const from = engine.calls.length;
		expect(await removeInstance(engine, "tiny")).toEqual([]);
		const methods = engine.calls.slice(from).map(({ method }) => method);
		expect(methods.lastIndexOf("removeContainer")).toBeLessThan(methods.indexOf("removeNetwork"));
		expect((await findInstances(engine)).map(({ instance }) => instance)).toEqual(["second"]);
		expect(engine.containers.has(theirs)).toBe(true);
		expect([...engine.networks.values()].map(({ name }) => name)).toEqual(["theirs"]);
	});

	it("goes on after a failure, says what is left, and takes it the next time", async () => {
		const engine = await twoInstances();
		engine.failOn("removeContainer", new Error("device busy"), {
			times: 1,
			when: ([id]) => engine.containers.get(id as string)?.info.name === "lab-tiny-router",
		});
		engine.failOn("removeNetwork", new Error("has active endpoints"), { times: 1 });
		expect(await removeInstance(engine, "tiny")).toEqual([
			"container lab-tiny-router: device busy",
			"network lab-tiny-left: has active endpoints",
		]);
		expect(engine.present.filter((name) => name === "router")).toHaveLength(2);
		expect(await removeInstance(engine, "tiny")).toEqual([]);
	});

	it("of nothing is fine", async () => {
		expect(await removeInstance(new FakeNodes(), "tiny")).toEqual([]);
	});
});
