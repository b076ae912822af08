/** From a plan to a running lab, on an engine in memory. */
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import type { ContainerSpec, NetworkSpec } from "../../src/engine/engine.ts";
import { LABEL } from "../../src/run/labels.ts";
import { up } from "../../src/run/up.ts";
import { FakeNodes } from "../support/fake-nodes.ts";
import { errorOf, eventsOf, plan, setting } from "./setting.ts";

const KEEP_NOTHING = { keep: false };
const NODES = ["client", "real1", "real2", "router"];

describe("up", () => {
	it("makes all nodes, networks and wires, and configures every node", async () => {
		const { engine, context, events } = setting();
		expect(await up(context, plan(), KEEP_NOTHING)).toBe("created");
		expect(engine.present).toEqual([...NODES.slice(0, 1), "lab-tiny-fabric", ...NODES.slice(1)]);
		expect([...engine.networks.values()].map(({ name, subnets }) => [name, ...subnets])).toEqual([
			["lab-tiny-left", "10.97.1.0/24"],
		]);
		const configured = eventsOf(events, "node-state").filter(({ state }) => state === "configured");
		expect(configured.map(({ node }) => node).sort()).toEqual(NODES);
		expect(eventsOf(events, "step-end").every(({ ok }) => ok)).toBe(true);
	});

	it("renames Docker's interfaces before a wire may get one of their names", async () => {
		const { engine, context } = setting();
		const order: string[] = [];
		engine.onExec(async ({ container, request }) => {
			const script = request.command.at(-1) ?? "";
			if (script.includes("type veth")) order.push("wires");
			if (!script.includes("labtmp0")) return undefined;
			await sleep(10);
			order.push(container.name);
			return {};
		});
		await up(context, plan(), KEEP_NOTHING);
		expect(order).toEqual([expect.stringMatching(/client|router/), expect.stringMatching(/client|router/), "wires"]);
	});

	it("labels everything with lab, instance, run, owner, plan and role", async () => {
		const { engine, context } = setting();
		await up(context, plan({ instance: "mine" }), KEEP_NOTHING);
		const labelled = [
			...[...engine.containers.values()].map(({ info }) => info.labels),
			...[...engine.networks.values()].map(({ labels }) => labels),
		];
		expect(labelled).toHaveLength(6);
		for (const labels of labelled) {
			expect(labels).toMatchObject({
				[LABEL.lab]: "tiny",
				[LABEL.instance]: "mine",
				[LABEL.run]: context.runId,
				[LABEL.owner]: "somebody",
				[LABEL.plan]: expect.stringMatching(/^[0-9a-f]{16}$/),
				[LABEL.role]: expect.stringMatching(/^(node|network|fabric)$/),
			});
			expect(Date.parse(labels[LABEL.created] ?? "")).not.toBeNaN();
		}
	});

	it("asks for unprivileged containers with the capabilities of the lab file and nothing of the host's", async () => {
		const { engine, context } = setting();
		await up(context, plan(), KEEP_NOTHING);
		const specs = new Map(
			engine.callsOf("createContainer").map(([spec]) => [(spec as ContainerSpec).name, spec as ContainerSpec]),
		);
		expect(specs.get("lab-tiny-client")).toMatchObject({
			hostname: "client",
			privileged: false,
			capabilities: ["NET_ADMIN", "NET_RAW"],
			attachments: [{ network: "lab-tiny-left", address: "10.97.1.10" }],
		});
		expect(specs.get("lab-tiny-router")?.capabilities).toEqual(["NET_ADMIN", "NET_RAW", "SYS_ADMIN"]);
		// Only wires of our own: Docker gives it no network at all.
		expect(specs.get("lab-tiny-real1")?.attachments).toEqual([]);
		for (const [name, spec] of specs) {
			expect(Object.keys(spec)).not.toContain("binds");
			expect(spec.hostPids ?? false).toBe(name === "lab-tiny-fabric");
		}
		const [network] = engine.callsOf("createNetwork")[0] as [NetworkSpec];
		expect(network).toMatchObject({ subnet: "10.97.1.0/24", gateway: "10.97.1.254" });
	});

	it.each(["docker", "veth"] as const)("writes /etc/hosts in every node with %s wiring", async (wiring) => {
		const { engine, context } = setting();
		await up(context, plan({ wiring }), KEEP_NOTHING);
		const lanes = engine.callsOf("exec").filter(([, request]) => JSON.stringify(request).includes("/etc/hosts"));
		expect(lanes).toHaveLength(NODES.length);
		for (const [, request] of lanes) {
			const script = (request as { command: string[] }).command.at(-1) ?? "";
			const hosts = script.slice(0, script.indexOf(">/etc/hosts"));
			for (const line of [
				"127.0.0.1 localhost",
				"10.97.1.10 client",
				"10.97.1.2 router",
				"10.97.2.1 router",
				"10.97.2.12 real2",
			])
				expect(hosts).toContain(line);
			expect(script).toContain("nameserver 127.0.0.1");
		}
	});

	it("copies programs in before the node starts", async () => {
		const { engine, context } = setting();
		const wanted = plan();
		const [client] = wanted.nodes;
		client?.programs.push("xdplb");
		await up(context, wanted, KEEP_NOTHING);
		const [[, files]] = engine.callsOf("copyIn") as [[string, { path: string; mode: number }[]]];
		expect(files[0]).toMatchObject({ path: "/usr/local/bin/xdplb", mode: 0o755 });
	});

	it("renames by the MAC addresses that the daemon reports, as an API before 1.44 does not grant ours", async () => {
		class OldDaemon extends FakeNodes {
			override async inspectContainer(id: string) {
				const info = await super.inspectContainer(id);
				for (const endpoint of Object.values(info.endpoints))
					endpoint.mac = `02:42:0a:61:01:${endpoint.address.slice(-1).padStart(2, "0")}`;
				return info;
			}
		}
		const { engine, context } = setting(new OldDaemon());
		await up(context, plan(), KEEP_NOTHING);
		const scripts = engine
			.callsOf("exec")
			.map(([, request]) => (request as { command: string[] }).command.at(-1) ?? "");
		const renames = scripts.filter((script) => script.includes("labtmp0 name eth1"));
		expect(renames).toHaveLength(1);
		expect(renames[0]).toContain("02:42:0a:61:01:02) name=labtmp0 ;;");
	});

	it("shares the fabric of a machine and clears what an earlier instance has left in it", async () => {
		const { engine, context } = setting();
		const fabric = await engine.createContainer({
			...{ name: "fabric", image: "lblab/node:test", hostname: "fabric", command: [], capabilities: [] },
			...{ labels: { [LABEL.role]: "fabric" }, privileged: false, attachments: [] },
		});
		await engine.startContainer(fabric);
		await up(context, plan(), KEEP_NOTHING);
		expect(engine.present).not.toContain("lab-tiny-fabric");
		const [[, request]] = engine.callsOf("exec").filter(([id]) => id === fabric) as [[string, { command: string[] }]];
		expect(request.command.at(-1)).toMatch(/^for link in br-right .*ip link delete/);
	});
});

describe("a second up", () => {
	it("changes nothing when the lab is up as planned", async () => {
		const { engine, context } = setting();
		await up(context, plan(), KEEP_NOTHING);
		const before = engine.calls.length;
		expect(await up(context, plan(), KEEP_NOTHING)).toBe("already-up");
		const methods = new Set(engine.calls.slice(before).map(({ method }) => method));
		expect([...methods].sort()).toEqual(["exec", "listContainers", "listNetworks"]);
	});

	it.each([
		["was left half made", (engine: FakeNodes) => engine.removeContainer("lab-tiny-real2"), {}],
		["was left half made", stopClient, {}],
		["was left half made", forgetConfiguration, {}],
		["is to be made afresh", async () => {}, { reconfigure: true }],
	])("rebuilds an instance that %s, and says so", async (why, spoil, options) => {
		const { engine, context, events } = setting();
		await up(context, plan(), KEEP_NOTHING);
		await spoil(engine);
		const before = new Set(engine.containers.keys());
		expect(await up(context, plan(), { keep: false, ...options })).toBe("created");
		expect([...engine.containers.keys()].filter((id) => before.has(id))).toEqual([]);
		expect(eventsOf(events, "notice").map(({ text }) => text)).toEqual([`instance tiny ${why}; it is rebuilt`]);
	});

	it("rebuilds an instance made from another version of the lab, and leaves other instances alone", async () => {
		const { engine, context, events } = setting();
		await up(context, plan({ instance: "other", wiring: "veth" }), KEEP_NOTHING);
		await up(context, plan(), KEEP_NOTHING);
		expect(await up(context, plan({ wiring: "veth" }), KEEP_NOTHING)).toBe("created");
		expect(eventsOf(events, "notice")[0]?.text).toContain("made from another version of the lab");
		expect([...engine.networks.values()]).toEqual([]);
		expect(engine.containers.size).toBe(10);
	});

	it("says what is in the way when the old instance cannot be removed", async () => {
		const { engine, context } = setting();
		await up(context, plan(), KEEP_NOTHING);
		engine.failOn("removeContainer", new Error("device busy"), { times: 1 });
		const error = await errorOf(up(context, plan({ wiring: "veth" }), KEEP_NOTHING));
		expect(error).toMatchObject({
			code: "removal-failed",
			message: expect.stringMatching(/container lab-tiny-.*device busy/),
		});
	});

	async function stopClient(engine: FakeNodes): Promise<void> {
		for (const { info } of engine.containers.values()) if (info.name === "lab-tiny-client") info.state = "exited";
	}

	async function forgetConfiguration(engine: FakeNodes): Promise<void> {
		for (const { files } of engine.containers.values()) files.clear();
	}
});
