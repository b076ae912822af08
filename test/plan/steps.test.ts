/** Every step kind renders to the documented commands, and to shell that parses. */
import { spawnSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { Step } from "../../src/model/step.ts";
import { quote } from "../../src/steps/quote.ts";
import { renderStep } from "../../src/steps/render-step.ts";

const why = "A reason that is long enough.";
const vip = "192.168.10.1:any/tcp";

const CASES: [name: string, body: object, commands: string[]][] = [
	["sysctl", { sysctl: { "net.ipv4.ip_forward": 1 } }, ["sysctl -w net.ipv4.ip_forward=1"]],
	["address", { address: { dev: "lo", add: "192.168.10.1/32" } }, ["ip address add 192.168.10.1/32 dev lo"]],
	[
		"route",
		{ route: { to: "default", via: "111.111.0.1", dev: "eth1", onlink: true } },
		["ip route replace default via 111.111.0.1 dev eth1 onlink"],
	],
	[
		"local route",
		{ route: { type: "local", to: "192.168.101.0/24", dev: "lo", table: 1 } },
		["ip route replace local 192.168.101.0/24 dev lo table 1"],
	],
	["rule", { rule: { from: "172.17.42.200", table: 1 } }, ["ip rule add from 172.17.42.200 table 1"]],
	[
		"ipip",
		{ tunnel: { name: "tunl1", mode: "ipip", local: "172.17.42.120", remote: "172.17.42.112", dev: "eth0" } },
		["ip link add name tunl1 type ipip local 172.17.42.120 remote 172.17.42.112 dev eth0", "ip link set tunl1 up"],
	],
	[
		"vxlan",
		{ tunnel: { name: "vxlan0", mode: "vxlan", id: 100, remote: "192.168.56.11", dev: "eth1", port: 4789, mtu: 1450 } },
		[
			"ip link add name vxlan0 type vxlan id 100 remote 192.168.56.11 dev eth1 dstport 4789",
			"ip link set vxlan0 mtu 1450",
			"ip link set vxlan0 up",
		],
	],
	[
		"bridge",
		{ bridge: { name: "br1", ports: ["vxlan0"], address: "10.0.0.1/24" } },
		[
			"ip link add name br1 type bridge",
			"ip link set vxlan0 master br1",
			"ip link set vxlan0 up",
			"ip address add 10.0.0.1/24 dev br1",
			"ip link set br1 up",
		],
	],
	[
		"ipvs",
		{
			ipvs: {
				service: "111.111.0.1:80/tcp",
				scheduler: "rr",
				forward: "masquerade",
				servers: ["10.10.0.2:8000", { address: "10.10.0.3:8000", weight: 2 }],
			},
		},
		[
			"ipvsadm -A -t 111.111.0.1:80 -s rr",
			"ipvsadm -a -t 111.111.0.1:80 -r 10.10.0.2:8000 -m",
			"ipvsadm -a -t 111.111.0.1:80 -r 10.10.0.3:8000 -m -w 2",
		],
	],
	[
		"ipvs by mark",
		{ ipvs: { fwmark: 666, scheduler: "rr", forward: "masquerade", servers: [] } },
		["ipvsadm -A -f 666 -s rr"],
	],
	[
		"iptables",
		{ iptables: { table: "nat", chain: "POSTROUTING", rules: ["-j MASQUERADE"] } },
		["iptables -t nat -A POSTROUTING -j MASQUERADE"],
	],
	[
		"ipset",
		{ ipset: { name: "vips", type: "hash:ip,port", entries: ["192.168.101.1,tcp:80"] } },
		["ipset create vips hash:ip,port", "ipset add vips 192.168.101.1,tcp:80"],
	],
	["run", { run: ["true", "echo x"] }, ["true", "echo x"]],
];

describe("steps", () => {
	it.each(CASES)("%s", (_name, body, commands) => {
		expect(renderStep(Step.parse({ id: "s", why, ...body })).commands).toEqual(commands);
	});

	it("xdp asks for the next hop's MAC address on the wire and fills the tables", () => {
		const body = { dev: "eth0", mode: "generic", source: "10.111.221.11", "next-hop": "10.111.221.12" };
		const step = Step.parse({ id: "s", why, xdp: { ...body, vips: [{ vip, reals: ["10.111.222.11"] }] } });
		const commands = renderStep(step).commands;
		expect(commands.join("\n")).toContain('--next-hop-mac "$next_hop_mac"');
		expect(commands.slice(-2)).toEqual([
			"xdplb vip add 192.168.10.1/tcp",
			"xdplb real add 192.168.10.1/tcp 10.111.222.11",
		]);
	});

	it("a file survives its own end marker and quotes", () => {
		const path = `/tmp/lab file ${process.pid}`;
		const step = Step.parse({ id: "s", why, file: { path, content: "END\n$HOME 'x'\n" } });
		const script = `${renderStep(step).commands.join("\n")}; cat '${path}'; rm '${path}'`;
		expect(spawnSync("sh", ["-c", script], { encoding: "utf8" }).stdout).toBe("END\n$HOME 'x'\n");
	});

	it("a service that ends at once fails with its last words", () => {
		const step = Step.parse({
			id: "s",
			why,
			service: {
				command: "sh -c 'echo broken; exit 3'",
				listen: ["1/tcp"],
				log: `/tmp/lab-service-${process.pid}.log`,
			},
		});
		const result = spawnSync("sh", ["-c", renderStep(step).script ?? ""], { encoding: "utf8" });
		expect(result.status).toBe(1);
		expect(result.stderr).toContain("has ended:\nbroken");
	});

	it("sysctl fails when a value does not keep", () => {
		const step = Step.parse({ id: "s", why, sysctl: { "net.ipv4.ip_forward": 7 } });
		const script = `sysctl() { [ "$1" = -n ] && echo 1; return 0; }\n${renderStep(step).script}`;
		const result = spawnSync("sh", ["-c", script], { encoding: "utf8" });
		expect([result.status, result.stderr.trim()]).toEqual([1, "net.ipv4.ip_forward did not keep the value 7"]);
	});

	it("quotes words for the shell", () => {
		const words = ["plain", "a b", "it's", "$HOME", "", "a;b", "10.0.0.1/24"];
		const result = spawnSync("sh", ["-c", `printf '%s\\n' ${words.map(quote).join(" ")}`], { encoding: "utf8" });
		expect(result.stdout.split("\n").slice(0, -1)).toEqual(words);
	});
});
