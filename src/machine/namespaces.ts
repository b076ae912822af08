/**
 * The network namespace a machine's supervisor and QEMU live in. QEMU's port forward listens inside it, so no other
 * user of this host can connect to the daemon: the only way in is a socket of mode 0600.
 *
 * Where neither root nor user namespaces are to be had there is no machine: a forward on the host's own loopback would
 * make every local user root in the guest. (Mutual TLS by the daemon inside was considered and not built.)
 */

import { LabError } from "../model/error.ts";
import type { SetupContext } from "../model/progress.ts";
import { runCommand } from "./command.ts";

/** How the API is kept from other local users; shown by `lab doctor`. */
export type Isolation = "network namespace" | "user and network namespace";

/** The isolation used by this user. */
export function isolation(root = process.getuid?.() === 0): Isolation {
	return root ? "network namespace" : "user and network namespace";
}

/** The words that start a command inside namespaces of its own. */
export function namespaceCommand(root = process.getuid?.() === 0): string[] {
	return ["unshare", ...(root ? [] : ["--user", "--map-root-user"]), "--net", "--"];
}

/**
 * Tries whether this user may make those namespaces.
 * @throws LabError `environment`/`namespace-forbidden`
 */
export async function checkNamespaces(context: Pick<SetupContext, "signal" | "env">): Promise<void> {
	const [command = "unshare", ...args] = [...namespaceCommand(), "true"];
	const result = await runCommand(context, command, args);
	if (result.code === 0) return;
	const root = process.getuid?.() === 0;
	throw new LabError("environment", `The embedded machine needs a ${isolation()} of its own: ${result.stderr.trim()}`, {
		code: "namespace-forbidden",
		hint: root
			? "This container lacks CAP_SYS_ADMIN. Start it with --privileged, or use a Docker daemon: --engine docker."
			: "User namespaces are switched off for ordinary users (Ubuntu: sysctl kernel.apparmor_restrict_unprivileged_userns=0). Run lab as root, or use a Docker daemon: --engine docker.",
	});
}
