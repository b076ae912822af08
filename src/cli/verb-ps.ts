/** `lab ps` */
import { textTable } from "../report/table.ts";
import type { CliContext } from "./cli-context.ts";
import type { Flags } from "./flags.ts";
import { print } from "./output.ts";
import { findEverything } from "./running.ts";

export async function ps(context: CliContext, _args: string[], flags: Flags): Promise<number> {
	const everything = await findEverything(context);
	await everything.close();
	const rows = everything.running.flatMap(({ instance, vm }) =>
		instance.nodes.map((node) => ({
			lab: instance.lab,
			instance: instance.instance,
			node: node.name,
			state: node.container.state,
			image: node.container.image,
			addresses: node.addresses,
			engine: vm ? "vm" : "docker",
			owner: instance.owner,
			created: instance.created,
		})),
	);
	for (const vm of everything.emptyVms) {
		const state = vm.alive ? "runs without a lab inside; end it" : "is dead; remove what is left of it";
		context.stderr.write(`lab: the machine ${vm.name} ${state} with: lab down ${vm.name}\n`);
	}
	for (const { instance } of everything.running.filter((entry) => entry.instance.nodes.length === 0)) {
		context.stderr.write(
			`lab: the instance ${instance.instance} is half made; remove it with: lab down ${instance.instance}\n`,
		);
	}
	print(context, flags, rows, () =>
		rows.length === 0
			? "no lab is up"
			: textTable(
					["instance", "lab", "node", "state", "engine", "addresses"],
					rows.map((row) => [row.instance, row.lab, row.node, row.state, row.engine, formatAddresses(row.addresses)]),
				),
	);
	return 0;
}

/** `eth0 10.0.0.1/24, eth1 10.0.1.1/24` */
export function formatAddresses(addresses: Record<string, string[]>): string {
	return Object.entries(addresses)
		.map(([name, list]) => [name, ...list].join(" "))
		.join(", ");
}
