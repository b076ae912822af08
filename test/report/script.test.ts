import { spawnSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import type { Plan, PlannedNode } from "../../src/model/plan.ts";
import * as wiring from "../../src/plan/wire-script.ts";
import { type MoveOptions, quoteWord } from "../../src/report/moves.ts";
import { shellScript } from "../../src/report/script.ts";
import { transcript } from "../../src/report/transcript.ts";

function node(name: string, role: string, ports: PlannedNode["ports"], steps: PlannedNode["steps"]): PlannedNode {
	return {
		name,
		role,
		container: `lab-x-${name}`,
		image: "node",
		capabilities: ["NET_ADMIN", "NET_RAW"],
		privileged: false,
		programs: [],
		ports,
		steps,
	};
}

function port(name: string, ifname: string, network: string, addresses: string[]): PlannedNode["ports"][number] {
	const mac = "02:00:00:00:00:01";
	return { node: name, interface: ifname, network, mac, addresses, fabricPort: `${name}.${ifname}` };
}

const STEPS: PlannedNode["steps"] = [
	{ id: "forwarding", why: "It routes.", kind: "sysctl", commands: ["sysctl -w net.ipv4.ip_forward=1"] },
	{
		id: "mac",
		why: "Learn the next hop's address.",
		kind: "run",
		commands: ["mac=$(ip neighbour show | awk '{print $5}')", 'echo "it\'s $mac" >/run/mac'],
	},
	{ id: "file", why: "A page.", kind: "file", commands: ["cat >/srv/a <<'END'\nit's 100 $\\ `x`\nEND"] },
	{
		id: "listener",
		why: "The backend.\nSecond line.",
		kind: "service",
		commands: ["nc -l -k -n -v -p 8000 >/var/log/lab/l.log 2>&1 </dev/null &"],
		script: "setsid sh -c 'exec nc -l' >/var/log/lab/l.log 2>&1 </dev/null &\npid=$!\nkill -0 $pid",
	},
];

const VETH: Plan = {
	lab: "demo",
	title: "Two nodes on a wire",
	instance: "x",
	networks: [{ name: "ext", driver: "veth", objectName: "br-ext" }],
	nodes: [
		node("ext1", "client", [port("ext1", "eth1", "ext", ["100.100.100.1/24"])], []),
		node("gw-1", "balancer", [port("gw-1", "eth1", "ext", ["111.111.0.1/24"])], STEPS),
	],
	hosts: ["127.0.0.1 localhost", "100.100.100.1 ext1"],
};

const network = (name: string, subnet: string, gateway: string) => {
	return { name, driver: "docker" as const, objectName: `lab-x-${name}`, subnet, gateway };
};

const DOCKER: Plan = {
	...VETH,
	title: "A router between two Docker networks",
	networks: [network("a", "10.0.1.0/24", "10.0.1.254"), { ...network("b", "10.0.2.0/24", "10.0.2.254"), mtu: 1400 }],
	nodes: [
		{ ...node("client", "client", [port("client", "eth0", "a", ["10.0.1.1/24"])], []), programs: ["xdplb"] },
		{
			...node(
				"gw",
				"router",
				[port("gw", "eth0", "b", ["10.0.2.2/24"]), port("gw", "eth1", "a", ["10.0.1.2/24"])],
				STEPS,
			),
			apparmor: "unconfined",
		},
	],
};

const OPTIONS: MoveOptions = {
	wiring,
	image: (name) => `lblab/${name}:0123456789ab`,
	program: (name) => `bpf/${name}/build/${name}`,
};

/** Runs the script with a `docker` that prints its arguments, one in brackets each, and tells canned facts. */
function dryRun(script: string, ...args: string[]) {
	const docker = `docker() {
	case $1 in inspect) case $3 in *Pid*) echo 4711 ;; *) echo 02:42:0a:00:00:01 ;; esac ;;
	*) for arg; do printf '[%s] ' "$arg"; done; echo ;; esac
}`;
	const shell = spawnSync("sh", ["-s", ...args], {
		input: script.replace("set -eu", `set -eu\n${docker}`),
		encoding: "utf8",
	});
	return { status: shell.status, stdout: shell.stdout, stderr: shell.stderr };
}

describe.each([
	["veth", VETH],
	["docker", DOCKER],
])("a plan with %s wiring", (name, plan) => {
	it("as a transcript", async () => {
		await expect(transcript(plan, OPTIONS)).toMatchFileSnapshot(`golden/${name}.transcript.txt`);
	});

	it("as a script that the shell accepts", async () => {
		const script = shellScript(plan, OPTIONS);
		await expect(script).toMatchFileSnapshot(`golden/${name}.script.txt`);
		const checked = spawnSync("sh", ["-n"], { input: script, encoding: "utf8" });
		expect(checked.stderr).toBe("");
		expect(checked.status).toBe(0);
	});

	it("as a script whose words reach docker as they are", () => {
		const { status, stdout, stderr } = dryRun(shellScript(plan, OPTIONS), "up");
		expect(stderr).toBe("");
		expect(status).toBe(0);
		for (const step of STEPS) expect(stdout).toContain(`[${step.script ?? step.commands.join("\n")}]`.slice(-20));
		expect(stdout).toContain("[cat >/srv/a <<'END'\nit's 100 $\\ `x`\nEND]");
		expect(dryRun(shellScript(plan, OPTIONS), "sideways").status).toBe(2);
	});

	it("as a script that takes away all it made", () => {
		const made = dryRun(shellScript(plan, OPTIONS), "up").stdout;
		const gone = dryRun(shellScript(plan, OPTIONS), "down").stdout;
		for (const [, container] of made.matchAll(/\[--name\] \[([^\]]+)\]/g)) expect(gone).toContain(`[${container}]`);
		for (const one of plan.networks.filter((entry) => entry.driver === "docker")) {
			expect(gone).toContain(`[${one.objectName}]`);
		}
	});
});

describe("quoteWord", () => {
	it.each(["plain", "two words", "it's", "$x `y` \\", "a\nb", "", "*"])("%j survives the shell", (text) => {
		const shell = spawnSync("sh", ["-c", `printf %s ${quoteWord(text)}`], { encoding: "utf8" });
		expect(shell.stdout).toBe(text);
	});
});
