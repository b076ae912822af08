import type { StepBody } from "../model/step.ts";
import { quote } from "./quote.ts";
import type { Rendered } from "./rendered.ts";

/** `ipset create` and `ipset add`. */
export function renderIpset(body: StepBody<"ipset">): Rendered {
	const name = quote(body.name);
	return {
		commands: [
			`ipset create ${name} ${body.type}`,
			...(body.entries ?? []).map((entry) => `ipset add ${name} ${quote(entry)}`),
		],
	};
}
