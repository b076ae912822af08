import type { StepBody } from "../model/step.ts";
import type { Rendered } from "./rendered.ts";

/** `ip address add ADDRESS dev DEV` for each address. */
export function renderAddress(body: StepBody<"address">): Rendered {
	const addresses = Array.isArray(body.add) ? body.add : [body.add];
	return { commands: addresses.map((address) => `ip address add ${address} dev ${body.dev}`) };
}
