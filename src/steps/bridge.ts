import type { StepBody } from "../model/step.ts";
import type { Rendered } from "./rendered.ts";

/** `ip link add type bridge`, its ports (the port is enslaved to the bridge, never the other way), address, up. */
export function renderBridge(body: StepBody<"bridge">): Rendered {
	const commands = [`ip link add name ${body.name} type bridge`];
	if (body.mtu !== undefined) commands.push(`ip link set ${body.name} mtu ${body.mtu}`);
	for (const port of body.ports ?? [])
		commands.push(`ip link set ${port} master ${body.name}`, `ip link set ${port} up`);
	if (body.address) commands.push(`ip address add ${body.address} dev ${body.name}`);
	commands.push(`ip link set ${body.name} up`);
	return { commands };
}
