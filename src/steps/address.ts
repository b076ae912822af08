import { listOf } from "../model/list-of.ts";
import type { StepBody } from "../model/step.ts";
import type { Rendered } from "./rendered.ts";

/** `ip address add ADDRESS dev DEV` for each address. */
export function renderAddress(body: StepBody<"address">): Rendered {
	const addresses = listOf(body.add);
	return { commands: addresses.map((address) => `ip address add ${address} dev ${body.dev}`) };
}
