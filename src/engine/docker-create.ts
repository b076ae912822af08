/** What containers and networks of a lab look like to the Docker API. */
import type { ContainerCreateOptions, EndpointSettings, NetworkCreateOptions } from "dockerode";
import { scriptedCommand } from "./docker-script.ts";
import type { Attachment, ContainerSpec, NetworkSpec } from "./engine.ts";

/**
 * What ordinary programs of root need (nginx and tcpdump change their user, sshd its root, a shell kills its jobs); a node's
 * own capabilities come on top, everything else is dropped.
 */
const BASE_CAPABILITIES = [
	"CHOWN",
	"DAC_OVERRIDE",
	"FOWNER",
	"KILL",
	"NET_BIND_SERVICE",
	"SETGID",
	"SETPCAP",
	"SETUID",
	"SYS_CHROOT",
];

/** From here on several networks and a MAC address for each can be given at creation. */
const API_SEVERAL_NETWORKS = "1.44";

/** True when API version `version` is `wanted` or newer. */
export function apiAtLeast(version: string, wanted: string): boolean {
	const [major = 0, minor = 0] = version.split(".").map(Number);
	const [wantedMajor = 0, wantedMinor = 0] = wanted.split(".").map(Number);
	return major > wantedMajor || (major === wantedMajor && minor >= wantedMinor);
}

/** The creation request, and the networks that can only be joined after it. */
export function containerRequest(
	spec: ContainerSpec,
	api: string,
): { options: ContainerCreateOptions; later: Attachment[] } {
	const [program = "", ...args] = spec.scripted ? scriptedCommand(spec.command) : spec.command;
	const { networking, later } = networkingOf(spec.attachments, api);
	const options = {
		name: spec.name,
		Image: spec.image,
		Hostname: spec.hostname,
		// As entry point, so that neither the image's nor its command gets in the way.
		Entrypoint: [program],
		Cmd: args,
		Labels: spec.labels,
		// Closed with the connection that it comes from: a container whose `lab` was killed goes on to its command.
		...(spec.scripted ? { OpenStdin: true, StdinOnce: true } : {}),
		...networking,
		...(spec.privileged ? { Volumes: { "/var/lib/docker": {} } } : {}),
	};
	return { options: { ...options, HostConfig: { ...hostConfig(spec), NetworkMode: networkMode(spec) } }, later };
}

/** `CgroupnsMode` is missing from @types/dockerode. */
type HostConfig = NonNullable<ContainerCreateOptions["HostConfig"]> & { CgroupnsMode?: "private" | "host" };

function hostConfig(spec: ContainerSpec): HostConfig {
	const base = {
		// Kept for `logs`, which tells why a container ended; small, since a lab's own logs are files in the node.
		LogConfig: { Type: "json-file", Config: { "max-size": "1m", "max-file": "1" } },
		RestartPolicy: { Name: "no" },
		Init: false,
		...(spec.hostPids ? { PidMode: "host" } : {}),
		...(spec.apparmor === "unconfined" ? { SecurityOpt: ["apparmor=unconfined"] } : {}),
	};
	// A Docker daemon inside cannot keep its files on the container's own overlay, nor share our control groups.
	if (spec.privileged) return { ...base, Privileged: true, CgroupnsMode: "private" };
	return {
		...base,
		CapDrop: ["ALL"],
		CapAdd: [...new Set([...BASE_CAPABILITIES, ...spec.capabilities])],
		// Without these lists /proc/sys is read-only and `sysctl -w` fails.
		MaskedPaths: [],
		ReadonlyPaths: [],
	};
}

function networkMode(spec: ContainerSpec): string {
	return spec.attachments[0]?.network ?? "none";
}

function networkingOf(attachments: Attachment[], api: string) {
	const [first, ...rest] = attachments;
	if (!first) return { networking: { NetworkDisabled: true }, later: [] };
	const several = apiAtLeast(api, API_SEVERAL_NETWORKS);
	const now = several ? attachments : [first];
	const endpoints = Object.fromEntries(now.map((attachment) => [attachment.network, endpointOf(attachment)]));
	const networking = {
		NetworkingConfig: { EndpointsConfig: endpoints },
		// Older daemons know one address for the container, which the first network gets.
		...(!several && first.mac ? { MacAddress: first.mac } : {}),
	};
	return { networking, later: several ? [] : rest };
}

/** One attachment as the API names it. */
export function endpointOf({ address, mac }: Attachment): EndpointSettings {
	const settings = { IPAMConfig: { IPv4Address: address }, ...(mac ? { MacAddress: mac } : {}) };
	return settings as unknown as EndpointSettings;
}

/** Never `internal`: its drop rules hit VIP and tunnel frames wherever br_netfilter is on. */
export function networkRequest(spec: NetworkSpec): NetworkCreateOptions {
	return {
		Name: spec.name,
		Driver: "bridge",
		CheckDuplicate: true,
		EnableIPv6: false,
		Internal: false,
		IPAM: { Driver: "default", Config: [{ Subnet: spec.subnet, Gateway: spec.gateway }] },
		Options: {
			// The host neither translates the lab's addresses nor gets one of them.
			"com.docker.network.bridge.enable_ip_masquerade": "false",
			"com.docker.network.bridge.inhibit_ipv4": "true",
			...(spec.mtu ? { "com.docker.network.driver.mtu": String(spec.mtu) } : {}),
		},
		Labels: spec.labels,
	};
}
