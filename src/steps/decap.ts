import type { StepBody } from "../model/step.ts";
import type { Rendered } from "./rendered.ts";

/** `xdplb decap attach`: it keeps no state, so it needs no BPF file system. */
export function renderDecap({ dev, mode = "generic" }: StepBody<"decap">): Rendered {
	return { commands: [`xdplb decap attach --dev ${dev} --mode ${mode}`] };
}
