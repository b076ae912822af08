/**
 * What surprises on real daemons and labs depend on (CONTRIBUTING "Traps"), on the daemon that LAB_TEST_DOCKER_HOST names. Where
 * its namespaces are known too (LAB_TEST_DOCKER_PID), the daemon's side is looked at as well.
 */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { probeKernel } from "../../src/engine/kernel-probe.ts";
import { daemonHost, TOOLS_IMAGE as IMAGE, testLabels, useDaemon } from "./real-daemon.ts";

const daemonPid = process.env.LAB_TEST_DOCKER_PID;

const LABELS = testLabels("traps");

describe.skipIf(!daemonHost)("on a real daemon", () => {
	const { node, sh, engine } = useDaemon("traps");

	/** A shell command in the network namespace of the daemon. */
	async function onHost(script: string): Promise<string> {
		const capabilities = ["NET_ADMIN", "NET_RAW", "SYS_ADMIN", "SYS_PTRACE"];
		const id = await node("lblab-host", { capabilities, hostPids: true });
		const output = await sh(id, `nsenter -t 1 -n sh -c '${script}'`);
		await engine().removeContainer(id);
		return output;
	}

	const network = (name: string, third: number) =>
		engine().createNetwork({
			name,
			subnet: `10.222.${third}.0/24`,
			gateway: `10.222.${third}.254`,
			mtu: 1400,
			labels: LABELS,
		});

	it("finds each interface by the MAC address that inspect reports, whatever Docker named it", async () => {
		await network("lblab-zz", 1);
		await network("lblab-aa", 2);
		const attachments = [
			{ network: "lblab-zz", address: "10.222.1.2" },
			{ network: "lblab-aa", address: "10.222.2.2" },
		];
		const id = await node("lblab-t1", { attachments });
		const { endpoints } = await engine().inspectContainer(id);
		for (const [name, address] of [
			["lblab-zz", "10.222.1.2"],
			["lblab-aa", "10.222.2.2"],
		] as const) {
			const links = await sh(id, `ip -o link | grep -i ${endpoints[name]?.mac} | sed 's/^[0-9]*: //; s/@.*//'`);
			expect(links).toMatch(/^eth\d$/);
			expect(await sh(id, `ip -o -4 address show dev ${links}`)).toContain(` ${address}/24 `);
			expect(await sh(id, `cat /sys/class/net/${links}/mtu`)).toBe("1400");
		}
	});

	it.skipIf(!daemonPid)("gives the host no address of the lab's network, and translates none", async () => {
		await network("lblab-n1", 1);
		const id = await node("lblab-t1", { attachments: [{ network: "lblab-n1", address: "10.222.1.2" }] });
		const addresses = await onHost("ip -4 address; ip route");
		expect(addresses).toContain("172.17.0.1");
		expect(addresses).not.toContain("10.222.");
		const nat = await onHost("iptables -t nat -S");
		expect(nat).toContain("-s 172.17.0.0/16");
		expect(nat).not.toContain("10.222.");
		// The machine itself is as far away as anything beyond it.
		const uplink =
			"ip link add up0 type veth peer name up1; ip address add 198.51.100.1/24 dev up0; ip link set up0 up";
		await onHost(uplink);
		try {
			expect(await sh(id, "ping -c 1 -W 1 198.51.100.1 2>&1; true")).toMatch(/100% packet loss|unreachable/);
			expect(await sh(id, "ping -c 1 -W 1 10.222.1.254 2>&1; true")).toContain("100% packet loss");
		} finally {
			await onHost("ip link del up0");
		}
	});

	it("carries frames to addresses that Docker knows nothing of, as networks are never internal", async () => {
		await network("lblab-n1", 1);
		const [a, b] = await Promise.all(
			[2, 3].map((last) =>
				node(`lblab-t${last}`, { attachments: [{ network: "lblab-n1", address: `10.222.1.${last}` }] }),
			),
		);
		await sh(b ?? "", "ip address add 192.168.10.1/32 dev lo");
		await sh(a ?? "", "ip route replace 192.168.10.1 via 10.222.1.3");
		expect(await sh(a ?? "", "ping -c 3 -i 0.2 -W 1 192.168.10.1")).toContain("3 packets received");
	});

	it("leaves /etc/hosts empty without networking, and takes ours", async () => {
		const id = await node("lblab-t1");
		expect(await sh(id, "cat /etc/hosts")).toBe("");
		expect(await sh(id, "hostname")).toBe("node1");
		expect(await sh(id, "ip -o link | wc -l")).toBe("1");
		await engine().copyIn(id, [{ path: "/etc/hosts", content: Buffer.from("127.0.0.1 localhost\n"), mode: 0o644 }]);
		expect(await sh(id, "cat /etc/hosts; stat -c %a /etc/hosts")).toBe("127.0.0.1 localhost\n644");
	});

	it("writes /etc/hosts and /etc/resolv.conf where Docker mounted its own", async () => {
		await network("lblab-n1", 1);
		const id = await node("lblab-t1", { attachments: [{ network: "lblab-n1", address: "10.222.1.2" }] });
		const text = Buffer.from("ours\n");
		await engine().copyIn(id, [
			{ path: "/etc/hosts", content: text, mode: 0o644 },
			{ path: "/etc/resolv.conf", content: text, mode: 0o644 },
		]);
		expect(await sh(id, "cat /etc/hosts /etc/resolv.conf")).toBe("ours\nours");
	});

	it("writes network settings without being privileged", async () => {
		const id = await node("lblab-t1");
		expect(await sh(id, "sysctl -w net.ipv4.ip_forward=1 >/dev/null && cat /proc/sys/net/ipv4/ip_forward")).toBe("1");
		expect(await sh(id, "grep CapEff /proc/self/status")).toMatch(/[0-9a-f]{16}/);
		expect(await sh(id, "touch /dev/mem2 && ip link add d0 type veth peer name d1 && echo done")).toBe("done");
		expect(await sh(id, "mount -t tmpfs x /tmp")).toMatch(/^exit/);
	});

	it("mounts a bpffs with SYS_ADMIN", async () => {
		const id = await node("lblab-t1", { capabilities: ["NET_ADMIN", "SYS_ADMIN"], apparmor: "unconfined" });
		expect(
			await sh(id, "mount -t bpf bpf /sys/fs/bpf 2>&1 || (mkdir /bpf && mount -t bpf bpf /bpf) && echo done"),
		).toContain("done");
	});

	it("pushes a wire from a container with the machine's process ids into another", async () => {
		const capabilities = ["NET_ADMIN", "SYS_ADMIN", "SYS_PTRACE"];
		const [fabric, target] = [await node("lblab-fab", { capabilities, hostPids: true }), await node("lblab-t1")];
		const { pid } = await engine().inspectContainer(target);
		expect(await sh(fabric, `ip link add e0 type veth peer name eth1 netns ${pid} && echo done`)).toBe("done");
		expect(await sh(target, "ip -o link show eth1")).toContain("eth1");
	});

	it("names the network in the way of a subnet", async () => {
		await network("lblab-first", 7);
		const clash = engine().createNetwork({
			name: "lblab-second",
			subnet: "10.222.7.128/25",
			gateway: "10.222.7.254",
			labels: LABELS,
		});
		await expect(clash).rejects.toMatchObject({
			kind: "environment",
			code: "address-clash",
			message: expect.stringContaining("lblab-first (10.222.7.0/24)"),
			hint: expect.stringMatching(/docker network rm lblab-first.*--engine vm/),
		});
		await expect(network("lblab-first", 8)).rejects.toMatchObject({ code: "name-taken" });
	});

	it("says quickly that a base image cannot be had", async () => {
		const dir = await mkdtemp(join(tmpdir(), "lab-build-"));
		await writeFile(join(dir, "Dockerfile"), "FROM debian:trixie-slim\nRUN true\n");
		const build = engine().buildImage("lblab-test/none:1", dir, () => undefined);
		await expect(build).rejects.toMatchObject({
			kind: "environment",
			code: "no-registry",
			message: expect.stringContaining("debian:trixie-slim"),
		});
		await rm(dir, { recursive: true });
	}, 30_000);

	it("builds from an image that is there", async () => {
		const dir = await mkdtemp(join(tmpdir(), "lab-build-"));
		await writeFile(
			join(dir, "Dockerfile"),
			`FROM ${IMAGE}\nCOPY file /file\nRUN ["sh", "-c", "echo built > /built"]\n`,
		);
		await writeFile(join(dir, "file"), "copied\n");
		const lines: string[] = [];
		await engine().buildImage("lblab-test/built:1", dir, (line) => lines.push(line));
		expect(lines.join("\n")).toContain("Step 1/3");
		const id = await node("lblab-t1", { image: "lblab-test/built:1" });
		expect(await sh(id, "cat /built /file")).toBe("built\ncopied");
		await writeFile(join(dir, "Dockerfile"), `FROM ${IMAGE}\nRUN ["sh", "-c", "exit 3"]\n`);
		const failing = engine().buildImage("lblab-test/failing:1", dir, () => undefined);
		await expect(failing).rejects.toMatchObject({ code: "daemon-error", message: expect.stringContaining("code: 3") });
		await engine().removeContainer(id);
		await engine().removeImage("lblab-test/built:1");
		await rm(dir, { recursive: true });
	}, 60_000);

	it("probes the kernel within 2 s and loads no module", async () => {
		const features = [
			...(["ip_vs", "ip_vs_rr", "ip_vs_wrr", "ip_vs_wlc", "xt_ipvs", "ipip", "vxlan", "dummy"] as const),
			...(["xdp", "ip_set", "xt_statistic", "nf_nat", "privileged"] as const),
		];
		const before = Date.now();
		const options = { loadModules: false, image: async () => IMAGE, labels: LABELS };
		const answers = await probeKernel(engine(), features, options);
		const seconds = (Date.now() - before) / 1000;
		process.env.LAB_TEST_SHOW && process.stdout.write(`${JSON.stringify(answers, null, 1)}\n${seconds} s\n`);
		expect(seconds).toBeLessThan(4);
		for (const [feature, { ok, how, detail }] of Object.entries(answers)) {
			expect(how, feature).not.toMatch(/not tried|no answer/);
			if (!ok) expect(detail, feature).toBeTruthy();
			else expect(detail ?? "", feature).not.toContain("modules loaded");
		}
		expect(await engine().listContainers(LABELS)).toEqual([]);
	});
});
