/** We own only what carries these labels, and `down` needs nothing else. */
import type { Labels } from "../engine/engine.ts";
import type { Plan } from "../model/plan.ts";
import type { RunContext } from "./context.ts";

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
	/** The process that makes it, as `identityText` writes it: nothing half made is left over while it lives. */
	maker: "lblab.maker",
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

/** Labels of one object of an instance that is made from a plan with this fingerprint. */
export function labelsFor(
	{ runId, owner, maker }: Pick<RunContext, "runId" | "owner" | "maker">,
	plan: Pick<Plan, "lab" | "instance">,
	fingerprint: string,
	role: ObjectRole,
	extra: Labels = {},
): Labels {
	return {
		[LABEL.lab]: plan.lab,
		[LABEL.instance]: plan.instance,
		[LABEL.run]: runId,
		[LABEL.owner]: owner,
		[LABEL.maker]: maker,
		[LABEL.plan]: fingerprint,
		[LABEL.created]: new Date().toISOString(),
		[LABEL.role]: role,
		...extra,
	};
}
