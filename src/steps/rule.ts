import type { StepBody } from "../model/step.ts";
import type { Rendered } from "./rendered.ts";

/** `ip rule add`. */
export function renderRule(body: StepBody<"rule">): Rendered {
	const words = ["ip rule add"];
	if (body.from) words.push("from", body.from);
	if (body.to) words.push("to", body.to);
	if (body.fwmark !== undefined) words.push("fwmark", String(body.fwmark));
	words.push("table", String(body.table));
	if (body.priority !== undefined) words.push("priority", String(body.priority));
	return { commands: [words.join(" ")] };
}
