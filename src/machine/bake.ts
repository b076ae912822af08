/** What is put into a machine before its snapshot: the node image, the fabric agent, and everything read once. */

import { createReadStream } from "node:fs";
import { LabError } from "../model/error.ts";
import type { ApiClient } from "./api-client.ts";
import { imageTag } from "./image-source.ts";
import type { ImageTar } from "./rootfs.ts";

/** Name of the agent container that wires the nodes. The engine finds it by its label. */
export const FABRIC_NAME = "lab-fabric";

/** PID 1 of every container of the node image. */
const IDLE_COMMAND = ["tini", "-s", "--", "sleep", "infinity"];

/** How an image of ours runs when nothing else is said; the Dockerfile says the same. */
const IMAGE_CHANGES = [
	"ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
	'CMD ["tini","--","sleep","infinity"]',
];

/** The image as the daemon knows it. */
export interface BakedImage {
	tag: string;
	/** `sha256:...` */
	id: string;
}

/**
 * The container configuration of the fabric agent: it shares the machine's process ids, so it reaches every node's
 * network namespace by pid, and owns a network namespace of its own in which the lab's bridges live.
 */
export function fabricConfiguration(image: string): object {
	return {
		Image: image,
		Hostname: "fabric",
		Cmd: IDLE_COMMAND,
		NetworkDisabled: true,
		Labels: { "lblab.role": "fabric" },
		HostConfig: {
			PidMode: "host",
			// setns into a node's namespace: SYS_ADMIN over it, SYS_PTRACE to open its /proc/PID/ns files.
			CapAdd: ["NET_ADMIN", "SYS_ADMIN", "SYS_PTRACE"],
			SecurityOpt: ["apparmor=unconfined", "seccomp=unconfined"],
			// Sysctls of the lab's bridges are set below /proc/sys/net, which Docker mounts read-only.
			MaskedPaths: [],
			ReadonlyPaths: [],
		},
	};
}

/** Imports the tar of an image. Takes 10 s for 100 MB under emulation: the daemon hashes every byte. */
export async function importImage(api: ApiClient, name: string, image: ImageTar): Promise<BakedImage> {
	const tag = imageTag(name, image.hash);
	const [repository = "", version = ""] = tag.split(":");
	const query = new URLSearchParams({ fromSrc: "-", repo: repository, tag: version });
	for (const change of IMAGE_CHANGES) query.append("changes", change);
	await api.call("POST", `/images/create?${query}`, { body: createReadStream(image.tar), timeoutMs: 300_000 });
	const { Id } = await api.call<{ Id: string }>("GET", `/images/${tag}/json`);
	return { tag, id: Id };
}

/** Creates and starts the fabric agent. */
export async function startFabric(api: ApiClient, image: string): Promise<void> {
	await api.call("POST", `/containers/create?name=${FABRIC_NAME}`, { body: fabricConfiguration(image) });
	await api.call("POST", `/containers/${FABRIC_NAME}/start`);
}

/**
 * Runs each program a lab's start and traffic use once, in a container like a node and in the fabric, so that a restored
 * machine finds them in memory.
 * @throws LabError `environment`/`bake-failed` when the fabric cannot reach another container's namespace
 */
export async function warmUp(api: ApiClient, image: string): Promise<void> {
	const { Id } = await api.call<{ Id: string }>("POST", "/containers/create", {
		body: {
			Image: image,
			Cmd: ["tini", "--", "sleep", "infinity"],
			NetworkDisabled: true,
			HostConfig: { CapAdd: ["NET_ADMIN", "NET_RAW"], MaskedPaths: [], ReadonlyPaths: [] },
		},
	});
	await api.call("POST", `/containers/${Id}/start`);
	const { State } = await api.call<{ State: { Pid: number } }>("GET", `/containers/${Id}/json`);
	await mustExec(api, FABRIC_NAME, wiringRehearsal(State.Pid));
	await mustExec(api, Id, NODE_REHEARSAL);
	await api.call("DELETE", `/containers/${Id}?force=true`);
}

/** The fabric's work in small: a bridge, a wire into the other container, and everything removed again. */
function wiringRehearsal(pid: number): string {
	return [
		"set -e",
		"ip link add warm type bridge",
		"ip link add warm0 type veth peer name eth1",
		`ip link set eth1 netns /proc/${pid}/ns/net`,
		"ip link set warm0 master warm up",
		"ip link set warm up",
		`nsenter --net=/proc/${pid}/ns/net -- sh -c 'ip link set lo up; ip addr add 10.0.0.1/24 dev eth1; ip link set eth1 up'`,
		"bridge link >/dev/null; tc qdisc show >/dev/null; ethtool warm0 >/dev/null; tcpdump --version >/dev/null 2>&1",
		"ip link del warm0",
		"ip link del warm",
	].join("\n");
}

/** A node's programs, each once. Failures do not matter: their files have been read. */
const NODE_REHEARSAL = [
	"ip route >/dev/null; sysctl -w net.ipv4.ip_forward=1 >/dev/null; ipvsadm -Ln; iptables-save; iptables -t nat -L -n",
	"ipset list; nft list ruleset; conntrack -L; ss -lnt; bpftool version; ping -c1 -W1 127.0.0.1; arping -V; ps",
	"(echo warm | timeout 5 nc -n -l -p 8000 >/dev/null) & sleep 0.3; echo warm | timeout 5 nc -n -N 127.0.0.1 8000",
	"nginx; curl -s http://127.0.0.1/; nginx -s stop; timeout 1 tcpdump -i lo -c1 -n; base64 </dev/null; date; awk 1 </dev/null",
	"true",
].join("\n");

async function mustExec(api: ApiClient, container: string, script: string): Promise<void> {
	const { code, output } = await api.exec(container, ["sh", "-c", script]);
	if (code === 0) return;
	throw new LabError("environment", `A rehearsal in the new machine failed (code ${code}): ${output.slice(-500)}`, {
		code: "bake-failed",
	});
}
