import type { StepBody } from "../model/step.ts";
import type { Rendered } from "./rendered.ts";

/** `iptables -t TABLE -A CHAIN RULE` for each rule, in order. */
export function renderIptables(body: StepBody<"iptables">): Rendered {
	const table = body.table && body.table !== "filter" ? `-t ${body.table} ` : "";
	return { commands: body.rules.map((rule) => `iptables ${table}-A ${body.chain} ${rule}`) };
}
