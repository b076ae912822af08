/** Which steps an instance was made with, where a lab has some for one kernel and some for another. */
import { type Lab, labWithout, optionalFeatures } from "../../model/lab.ts";
import type { Plan } from "../../model/plan.ts";
import { planFingerprint } from "../../plan/plan-lab.ts";
import type { Flags } from "../flags.ts";
import { planFor, withoutFeatures } from "../plan-for.ts";

export interface Variant {
	lab: Lab;
	plan: Plan;
}

/**
 * The lab with the steps that were taken, and its plan: told by the fingerprint that the instance carries. Where none fits, as
 * for an instance of an older lab file or without a fingerprint, the one that a kernel with everything gets.
 */
export function variantOf(lab: Lab, flags: Flags, fingerprint?: string): Variant {
	const usual = withoutFeatures(lab, flags);
	const optional = optionalFeatures(lab);
	const lacks = [usual, [], ...optional.map((feature) => [feature]), optional].find(
		(features) => planFingerprint(planFor(lab, flags, features)) === fingerprint,
	);
	return { lab: labWithout(lab, lacks ?? usual), plan: planFor(lab, flags, lacks ?? usual) };
}
