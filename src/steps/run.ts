import { listOf } from "../model/list-of.ts";
import type { StepBody } from "../model/step.ts";
import type { Rendered } from "./rendered.ts";

/** Shell commands as they stand. */
export function renderRun(body: StepBody<"run">): Rendered {
	return { commands: listOf(body) };
}
