import type { StepBody } from "../model/step.ts";
import type { Rendered } from "./rendered.ts";

/** `ip route replace`: unlike `change` it works with and without an existing route (document 004's command needs one). */
export function renderRoute(body: StepBody<"route">): Rendered {
	const words = ["ip route replace"];
	if (body.type && body.type !== "unicast") words.push(body.type);
	words.push(body.to);
	if (body.via) words.push("via", body.via);
	if (body.dev) words.push("dev", body.dev);
	if (body.src) words.push("src", body.src);
	if (body.mtu) words.push("mtu", String(body.mtu));
	if (body.table !== undefined) words.push("table", String(body.table));
	if (body.onlink) words.push("onlink");
	return { commands: [words.join(" ")] };
}
