/** We own only what carries these labels, and `down` needs nothing else. */
import type { Labels } from "../engine/engine.ts";

export const LABEL = {
	lab: "lblab.lab",
	instance: "lblab.instance",
	node: "lblab.node",
	network: "lblab.network",
	/** `node`, `network` or `fabric`. */
	role: "lblab.role",
	run: "lblab.run",
	created: "lblab.created",
	owner: "lblab.owner",
	/** Fingerprint of the plan that made it. */
	plan: "lblab.plan",
	/** Addresses as JSON, for `lab ps` without the lab file. */
	addresses: "lblab.addresses",
	/** What the node plays in the picture. */
	part: "lblab.part",
	/** Position of the node in the lab file. */
	order: "lblab.order",
} as const;

export type ObjectRole = "node" | "network" | "fabric";

/** Labels of one object of an instance. */
export function labelsFor(
	instance: { lab: string; instance: string; run: string; owner: string; plan: string },
	role: ObjectRole,
	extra: Labels = {},
): Labels {
	return {
		[LABEL.lab]: instance.lab,
		[LABEL.instance]: instance.instance,
		[LABEL.run]: instance.run,
		[LABEL.owner]: instance.owner,
		[LABEL.plan]: instance.plan,
		[LABEL.created]: new Date().toISOString(),
		[LABEL.role]: role,
		...extra,
	};
}
