import type { StepBody } from "../model/step.ts";
import type { Rendered } from "./rendered.ts";

/** `ip link add NAME type ...`, then up. */
export function renderTunnel(body: StepBody<"tunnel">): Rendered {
	const words = [`ip link add name ${body.name} type ${body.mode}`];
	if (body.external) words.push("external");
	if (body.id !== undefined) words.push("id", String(body.id));
	if (body.local) words.push("local", body.local);
	if (body.remote) words.push("remote", body.remote);
	if (body.dev) words.push("dev", body.dev);
	if (body.port !== undefined) words.push("dstport", String(body.port));
	const commands = [words.join(" ")];
	if (body.mtu !== undefined) commands.push(`ip link set ${body.name} mtu ${body.mtu}`);
	commands.push(`ip link set ${body.name} up`);
	return { commands };
}
