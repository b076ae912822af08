/** The plan that the flags of a verb ask for. */
import type { Lab } from "../model/lab.ts";
import type { Plan } from "../model/plan.ts";
import { planLab } from "../plan/plan-lab.ts";
import type { Flags } from "./flags.ts";

/** The plan of a lab as the flags want it. */
export function planFor(lab: Lab, flags: Flags): Plan {
	return planLab(lab, { instance: flags.name ?? lab.name, ...(flags.wiring ? { wiring: flags.wiring } : {}) });
}
