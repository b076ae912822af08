/** The plan that the flags of a verb ask for. */
import { LabError } from "../model/error.ts";
import { KERNEL_FEATURES, type KernelFeature } from "../model/kernel.ts";
import { type Lab, optionalFeatures } from "../model/lab.ts";
import type { Plan } from "../model/plan.ts";
import { planLab } from "../plan/plan-lab.ts";
import type { Flags } from "./flags.ts";

/** The plan of a lab as the flags want it, for a kernel that lacks these features; by default those of `--without`. */
export function planFor(lab: Lab, flags: Flags, lacks: readonly KernelFeature[] = withoutFeatures(lab, flags)): Plan {
	const { name = lab.name, wiring } = flags;
	return planLab(lab, { instance: name, lacks, ...(wiring ? { wiring } : {}) });
}

/** The features that `--without` names and the lab can do without. Throws a LabError for any other, unless with --all. */
export function withoutFeatures(lab: Lab, flags: Flags): KernelFeature[] {
	const optional = optionalFeatures(lab);
	return (flags.without ?? []).flatMap((name) => {
		const feature = optional.find((known) => known === name);
		if (feature || (flags.all && KERNEL_FEATURES.some((known) => known === name))) return feature ?? [];
		const can = optional.length > 0 ? `It can do without: ${optional.join(", ")}.` : "It needs all that it names.";
		throw new LabError("input", `--without ${name}: ${lab.name} has no steps for a kernel without ${name}`, {
			code: "not-optional",
			hint: `${can} Steps with \`when: { lacks: FEATURE }\` in its lab file are taken where the kernel lacks the feature.`,
		});
	});
}
