/** `lab up`: bring an instance to its planned state, whatever is there now. */
import { LabError, wordsOf } from "../model/error.ts";
import type { Plan } from "../model/plan.ts";
import { planFingerprint } from "../plan/plan-lab.ts";
import { applyPlan } from "./apply-plan.ts";
import type { RunContext } from "./context.ts";
import { findInstances, isComplete, removeInstance } from "./instances.ts";

export interface UpOptions {
	/** Leaves what was made in place when a step fails, so that somebody can look around; not after an abort. */
	keep: boolean;
	/** Rebuilds even an instance that is up as planned. */
	reconfigure?: boolean;
	/** On failure the caller ends the whole daemon, so nothing is removed one by one. */
	disposable?: boolean;
}

/**
 * Safe to call twice: an instance that is up as planned is left alone, and one that is half made, or was made from another
 * version of the lab file, is taken down first. On failure and on an abort everything made is removed again.
 */
export async function up(context: RunContext, plan: Plan, options: UpOptions): Promise<"created" | "already-up"> {
	const existing = (await findInstances(context.engine)).find((entry) => entry.instance === plan.instance);
	if (existing) {
		const names = plan.nodes.map((node) => node.name);
		const same = existing.plan === planFingerprint(plan);
		const asked = options.reconfigure === true;
		if (same && !asked && (await isComplete(context.engine, existing, names))) return "already-up";
		const why = asked
			? "is to be made afresh"
			: same
				? "was left half made"
				: "was made from another version of the lab";
		context.emit({ type: "notice", level: "warning", text: `instance ${plan.instance} ${why}; it is rebuilt` });
		await makeRoom(context, plan);
	}
	try {
		await applyPlan(context, plan);
	} catch (error) {
		if (!options.disposable && (!options.keep || context.signal.aborted)) await cleanUp(context, plan);
		throw error;
	}
	return "created";
}

/** Removes the instance that is there; what cannot be removed would only make the new one fail less clearly. */
async function makeRoom(context: RunContext, plan: Plan): Promise<void> {
	const problems = await removeInstance(context.engine, plan.instance);
	if (problems.length === 0) return;
	throw new LabError("broken", `instance ${plan.instance} is in the way: could not remove ${problems.join("; ")}`, {
		code: "removal-failed",
		hint: `Once the reason is gone: lab down ${plan.instance}`,
	});
}

async function cleanUp(context: RunContext, plan: Plan): Promise<void> {
	const problems = await removeInstance(context.engine, plan.instance).catch((error: unknown) => [wordsOf(error)]);
	for (const problem of problems) {
		context.emit({
			type: "notice",
			level: "warning",
			text: `could not remove ${problem}; try: lab down ${plan.instance}`,
		});
	}
}
