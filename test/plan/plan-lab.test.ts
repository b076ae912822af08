import { describe, expect, it } from "vitest";
import { openLab } from "../../src/config/find-labs.ts";
import { LabError } from "../../src/model/error.ts";
import type { KernelFeature } from "../../src/model/kernel.ts";
import { derivedMac, planFingerprint, planLab, unusedAddress } from "../../src/plan/plan-lab.ts";
import { dockerNodeCommands, fabricCommands, passCommands, vethNodeCommands } from "../../src/plan/wire-script.ts";

const ipvs = openLab("ipvs-nat", ".").lab;
const katran = openLab("katran-dsr", ".").lab;

describe("planLab", () => {
	it("is the same for the same lab, and another for another instance", () => {
		const one = planLab(ipvs, { instance: "ipvs-nat" });
		expect(planFingerprint(planLab(ipvs, { instance: "ipvs-nat" }))).toBe(planFingerprint(one));
		expect(planFingerprint(planLab(ipvs, { instance: "other" }))).not.toBe(planFingerprint(one));
	});

	it("names every node's lab addresses in /etc/hosts, under either wiring", () => {
		for (const wiring of ["docker", "veth"] as const) {
			const plan = planLab(katran, { instance: "k", wiring });
			expect(plan.hosts).toContain("127.0.0.1 localhost");
			expect(plan.hosts).toContain("10.111.221.12 gateway");
			expect(plan.hosts).toContain("10.111.222.13 real2");
		}
	});

	it("gives Docker a gateway that no node uses", () => {
		const plan = planLab(katran, { instance: "k" });
		expect(plan.networks.map((network) => network.gateway)).toEqual([
			"10.111.220.254",
			"10.111.221.254",
			"10.111.222.254",
		]);
	});

	it("says when a subnet has no address left for it", () => {
		const interfaces = { eth0: { network: "n", address: ["10.0.0.1/30", "10.0.0.2/30"] } };
		const lab = {
			...katran,
			networks: { n: { driver: "docker" as const, subnet: "10.0.0.0/30" } },
			nodes: { a: { image: "node" as const, role: "client" as const, interfaces } },
		};
		expect(() => unusedAddress(lab, "n")).toThrow(LabError);
	});

	it("refuses Docker networks for a document that cannot have them", () => {
		expect(() => planLab(ipvs, { instance: "i", wiring: "docker" })).toThrow(
			/network ext of lab ipvs-nat has no subnet/,
		);
	});

	it("derives unicast, locally administered MAC addresses", () => {
		const first = Number.parseInt(derivedMac("a", "b", "eth0").slice(0, 2), 16);
		expect(first & 0b11).toBe(0b10);
	});

	it("keeps fabric port names within what the kernel takes", () => {
		const lab = { ...ipvs, nodes: { "a-very-long-node-name": ipvs.nodes.ext1 ?? raise() } };
		const [port] = planLab(lab, { instance: "i" }).nodes[0]?.ports ?? [];
		expect(port?.fabricPort).toBe("port0");
	});
});

function raise(): never {
	throw new Error("no such node");
}

describe("steps that depend on the kernel", () => {
	const stepsOf = (lacks: KernelFeature[]) =>
		planLab(katran, { instance: "k", lacks }).nodes.find(({ name }) => name === "real1")?.steps ?? [];
	const dependent = (lacks: KernelFeature[]) =>
		stepsOf(lacks).flatMap(({ id, when, commands }) => (when ? [`${id} (${when}): ${commands[0]}`] : []));

	it("are taken by what it has and lacks, and say so", () => {
		expect(dependent([])).toEqual([
			"tunnel (the kernel has ipip): ip link add name ipip0 type ipip external",
			"tunnel-address (the kernel has ipip): ip address add 127.0.0.42/32 dev ipip0",
		]);
		expect(dependent(["ipip"])).toEqual([
			"decap (the kernel lacks ipip): xdplb decap attach --dev eth0 --mode generic",
		]);
		expect(stepsOf(["ipip"]).filter(({ when }) => !when)).toEqual(stepsOf([]).filter(({ when }) => !when));
	});

	it("make another plan, so that a lab that is up is rebuilt for the other kernel", () => {
		const fingerprint = (lacks: KernelFeature[]) => planFingerprint(planLab(katran, { instance: "k", lacks }));
		expect(fingerprint(["ipip"])).not.toBe(fingerprint([]));
		expect(planLab(katran, { instance: "k", lacks: ["ipip"] }).kernel).toEqual([{ feature: "ipip", has: false }]);
		expect(planLab(ipvs, { instance: "i" }).kernel).toBeUndefined();
	});
});

describe("an XDP program in native mode", () => {
	const native = openLab("katran-dsr", ".", { mode: "native" }).lab;

	it("is refused on a Docker network, with the reason", () => {
		expect(() => planLab(native, { instance: "k" })).toThrow(
			/^node katran of lab katran-dsr cannot send in native XDP mode on eth0: network katran is a Docker network$/,
		);
		expect(() => planLab(katran, { instance: "k" })).not.toThrow();
	});

	it("gets a program that passes all on the other end of its wire, and only there", () => {
		const commands = passCommands(planLab(native, { instance: "k", wiring: "veth" }));
		expect(commands).toHaveLength(2);
		expect(commands[1]).toBe("ip link set dev katran.eth0 xdpdrv obj /run/lab-pass.o sec xdp");
		expect(passCommands(planLab(katran, { instance: "k", wiring: "veth" }))).toEqual([]);
	});
});

describe("wires", () => {
	it("are made in the fabric and pushed into nodes by process id", () => {
		const plan = planLab(ipvs, { instance: "i" });
		const pids = Object.fromEntries(plan.nodes.map((node, index) => [node.name, String(100 + index)]));
		const commands = fabricCommands(plan, pids);
		expect(commands[0]).toBe("ip link add name br-ext type bridge mcast_snooping 0");
		expect(commands.find((command) => command.includes("gw.eth2 type veth"))).toMatch(
			/peer name eth2 address .* netns 102$/,
		);
		expect(vethNodeCommands(plan, plan.nodes[2] ?? raise())).toContain("ip address add 111.111.0.1/24 dev eth1");
	});

	it("of Docker are found by MAC address and renamed by way of temporary names", () => {
		const plan = planLab(katran, { instance: "k" });
		const gateway = plan.nodes.find((node) => node.name === "gateway") ?? raise();
		const macs = { eth0: "02:00:00:00:00:02", eth1: "02:00:00:00:00:00", eth2: "02:00:00:00:00:01" };
		const script = dockerNodeCommands(plan, gateway, macs).join("\n");
		// All three leave their names before any of them gets a new one: Docker's order may be the reverse of ours.
		expect(script.indexOf("name=labtmp2")).toBeLessThan(script.indexOf("link set labtmp0 name eth0"));
		expect(script).toContain("ip route flush default");
	});
});
