/** The kernel probe on the fake; what a real kernel answers is in docker-traps.test.ts. */
import { describe, expect, it } from "vitest";
import { FakeEngine } from "../../src/engine/fake-engine.ts";
import {
	type FeatureAnswers,
	type ProbeMemory,
	parseAnswers,
	probeKernel,
	probeScript,
} from "../../src/engine/kernel-probe.ts";
import { LabError } from "../../src/model/error.ts";

function memory(): ProbeMemory & { kept: Map<string, Partial<FeatureAnswers>> } {
	const kept = new Map<string, Partial<FeatureAnswers>>();
	return {
		kept,
		read: async (key) => kept.get(key),
		write: async (key, answers) => void kept.set(key, answers),
	};
}

const OUTPUT = `
@lab-probe ip_vs absent

@lab-probe vxlan yes
modules loaded:
vxlan
udp_tunnel
`;

function fake(output = OUTPUT): FakeEngine {
	return new FakeEngine().addImage("node:1").onExec(({ request }) => {
		if (request.command[0] === "sh") return { stdout: output };
		return undefined;
	});
}

const options = { loadModules: false, image: async () => "node:1", labels: { owner: "test" } };

describe("probing a kernel", () => {
	it("asks once for all features, in a container that is removed", async () => {
		const engine = fake();
		const answers = await probeKernel(engine, ["ip_vs", "vxlan"], options);
		expect(answers.ip_vs).toMatchObject({ ok: false, detail: expect.stringContaining("--load-modules") });
		expect(answers.vxlan).toMatchObject({ ok: true, detail: "modules loaded: vxlan udp_tunnel" });
		expect(engine.callsOf("exec")).toHaveLength(1);
		expect(engine.callsOf("createContainer")[0]?.[0]).toMatchObject({ labels: { owner: "test" }, attachments: [] });
		expect(engine.containers.size).toBe(0);
	});

	it("remembers what is there for the daemon's boot, and asks again for what is not", async () => {
		const engine = fake();
		const keep = memory();
		await probeKernel(engine, ["ip_vs", "vxlan"], { ...options, memory: keep });
		await probeKernel(engine, ["vxlan"], { ...options, memory: keep });
		expect(engine.callsOf("createContainer")).toHaveLength(1);
		await probeKernel(engine, ["ip_vs", "vxlan"], { ...options, memory: keep });
		expect(engine.callsOf("createContainer")).toHaveLength(2);
		engine.facts.boot = "another";
		await probeKernel(engine, ["vxlan"], { ...options, memory: keep });
		expect(engine.callsOf("createContainer")).toHaveLength(3);
		expect(keep.kept.size).toBe(2);
	});

	it("remembers what is absent while the kernel's modules are the same, unless modules may be loaded", async () => {
		const engine = fake();
		let modules: string | undefined = "vxlan";
		const keep = { ...memory(), modules: async () => modules };
		const ask = async (more: object = {}) => {
			const { ip_vs } = await probeKernel(engine, ["ip_vs"], { ...options, memory: keep, ...more });
			return [ip_vs.ok, engine.callsOf("createContainer").length];
		};
		expect(await ask()).toEqual([false, 1]);
		expect(await ask()).toEqual([false, 1]);
		expect(await ask({ loadModules: true })).toEqual([false, 2]);
		modules = "vxlan ip_vs";
		expect(await ask()).toEqual([false, 3]);
		modules = undefined;
		expect(await ask()).toEqual([false, 4]);
	});

	it("takes what did not answer in time for absent, and still removes the container", async () => {
		const engine = new FakeEngine().addImage("node:1").onExec(async ({ request }) => {
			if (request.command[0] === "sh")
				await new Promise((resolve) => request.signal?.addEventListener("abort", resolve));
			return undefined;
		});
		const { xdp } = await probeKernel(engine, ["xdp"], { ...options, timeoutMs: 30 });
		expect(xdp).toMatchObject({ ok: false, how: expect.stringContaining("no answer in time") });
		expect(engine.containers.size).toBe(0);
	});

	it("tries `privileged` by starting a container", async () => {
		const engine = fake();
		expect((await probeKernel(engine, ["privileged"], options)).privileged.ok).toBe(true);
		const refused = new LabError("broken", "unable to apply caps", { code: "daemon-error" });
		engine.failOn("startContainer", refused);
		expect((await probeKernel(engine, ["privileged"], options)).privileged).toMatchObject({
			ok: false,
			detail: "unable to apply caps",
		});
		expect(engine.containers.size).toBe(0);
	});

	it("passes on what is wrong with the daemon itself", async () => {
		const gone = new LabError("environment", "gone", { code: "no-daemon" });
		await expect(probeKernel(fake().failOn("startContainer", gone), ["vxlan"], options)).rejects.toBe(gone);
		await expect(probeKernel(fake().failOn("createContainer", gone), ["privileged"], options)).rejects.toBe(gone);
	});

	it("tries nothing that may load modules unless allowed", () => {
		expect(probeScript(["ip_vs"], false)).toContain("absent");
		expect(probeScript(["ip_vs"], true)).not.toContain("absent");
	});

	it("names the tool that the image lacks", () => {
		expect(parseAnswers("@lab-probe ip_vs no-tool\nipvsadm\n", ["ip_vs"]).ip_vs?.how).toContain("no ipvsadm");
	});
});
