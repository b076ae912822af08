/** What a kernel may be able to do, and parts of a lab that depend on it. */
import { z } from "zod";
import { exactlyOneError, hasExactlyOne } from "./exactly-one.ts";

/** Kernel features a lab may require or make a difference by; each is probed by doing (src/engine/kernel-probe.ts). */
export const KERNEL_FEATURES = [
	"ip_vs",
	"ip_vs_rr",
	"ip_vs_wrr",
	"ip_vs_wlc",
	"xt_ipvs",
	"ipip",
	"vxlan",
	"dummy",
	"xdp",
	"ip_set",
	"xt_statistic",
	"nf_nat",
	"privileged",
] as const;
export type KernelFeature = (typeof KERNEL_FEATURES)[number];

const WHEN_KEYS = ["has", "lacks"];

/** The condition of a step or a phase. */
export const When = z
	.strictObject({
		has: z.enum(KERNEL_FEATURES).describe("Only where the daemon's kernel has this feature.").optional(),
		lacks: z.enum(KERNEL_FEATURES).describe("Only where the daemon's kernel lacks this feature.").optional(),
	})
	.refine((when) => hasExactlyOne(when, WHEN_KEYS), exactlyOneError(WHEN_KEYS))
	.meta({ exactlyOne: WHEN_KEYS })
	.describe("Makes it depend on the daemon's kernel, which is probed; without it, it is always there.");
export type When = z.infer<typeof When>;

/** Whether something with this condition is there on a kernel that lacks these features. */
export function applies(when: When | undefined, lacks: readonly KernelFeature[]): boolean {
	if (when?.has !== undefined) return !lacks.includes(when.has);
	return when?.lacks === undefined || lacks.includes(when.lacks);
}

/** What was found about a feature that a lab makes a difference by, and what the lab takes therefore. */
export interface KernelChoice {
	feature: KernelFeature;
	has: boolean;
	/** What was tried, or who said so. */
	how: string;
	/** The steps taken because of it, as `NODE: STEP`. */
	steps: string[];
}
