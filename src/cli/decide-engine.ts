/** auto, docker or vm: which engine a lab runs on, and the sentence that says why. Pure. */
import { LabError } from "../model/error.ts";

/** What was found out about the daemon the user has. */
export type DaemonFindings =
	/** No daemon answered; `why` has the reason per place. */
	| { state: "absent"; why: string }
	/** One answers; `missing` names kernel features it lacks, `clashes` its networks that are in the way. */
	| { state: "present"; name: string; missing: string[]; clashes: string[] };

export interface Decision {
	kind: "docker" | "vm";
	reason: string;
}

/** Decides; `vmSupported` is false on hosts other than Linux. */
export function decideEngine(
	wish: "auto" | "docker" | "vm",
	lab: string,
	daemon: DaemonFindings,
	vmSupported: boolean,
): Decision {
	if (wish === "vm") {
		if (vmSupported) return { kind: "vm", reason: "asked for with --engine vm" };
		throw new LabError("environment", "the embedded machine needs a Linux host", {
			code: "vm-unsupported",
			hint: "Use a Docker daemon on this host, or a remote one: DOCKER_HOST=ssh://user@host lab ... --engine docker",
		});
	}
	const obstacle = obstacleOf(daemon);
	if (obstacle === undefined) {
		const name = daemon.state === "present" ? daemon.name : "";
		return { kind: "docker", reason: `the daemon at ${name} has everything that ${lab} requires` };
	}
	if (wish === "auto" && vmSupported) return { kind: "vm", reason: obstacle };
	throw obstacleError(lab, daemon, obstacle, vmSupported);
}

function obstacleOf(daemon: DaemonFindings): string | undefined {
	if (daemon.state === "absent") return `no Docker daemon answers (${daemon.why})`;
	if (daemon.missing.length > 0)
		return `the daemon at ${daemon.name} runs on a kernel without ${daemon.missing.join(", ")}`;
	if (daemon.clashes.length > 0)
		return `the daemon at ${daemon.name} has networks in the way: ${daemon.clashes.join("; ")}`;
	return undefined;
}

function obstacleError(lab: string, daemon: DaemonFindings, obstacle: string, vmSupported: boolean): LabError {
	const way = vmSupported ? " Or run it in the embedded machine: --engine vm" : "";
	if (daemon.state === "absent") {
		return new LabError("environment", `${lab} cannot run: ${obstacle}`, {
			code: "no-daemon",
			hint: `Start Docker, or point DOCKER_HOST to a daemon.${way}`,
		});
	}
	if (daemon.missing.length > 0) {
		return new LabError("environment", `${lab} cannot run: ${obstacle}`, {
			code: "kernel-feature-missing",
			hint: `If the kernel has them as modules, load them on that host (modprobe), or let lab do it: --load-modules.${way}`,
		});
	}
	return new LabError("environment", `${lab} cannot run: ${obstacle}`, {
		code: "address-clash",
		hint: `Remove the other network (docker network rm), or stop what uses it.${way}`,
	});
}
