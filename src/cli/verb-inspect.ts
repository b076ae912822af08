/** `lab inspect` */
import { alignRows, textTable } from "../report/table.ts";
import type { CliContext } from "./cli-context.ts";
import type { Flags } from "./flags.ts";
import { print } from "./output.ts";
import { findEverything, pickInstance } from "./running.ts";
import { formatAddresses } from "./verb-ps.ts";

export async function inspect(context: CliContext, args: string[], flags: Flags): Promise<number> {
	const everything = await findEverything(context);
	try {
		const { instance, engine, vm } = pickInstance(everything.running, args[0] ?? flags.name);
		const info = await engine.info();
		const data = {
			lab: instance.lab,
			instance: instance.instance,
			run: instance.run,
			owner: instance.owner,
			created: instance.created,
			engine: { kind: vm ? "vm" : "docker", daemon: info.daemon, api: info.api, kernel: info.kernel },
			nodes: instance.nodes.map((node) => ({
				name: node.name,
				role: node.part,
				state: node.container.state,
				container: node.container.name,
				image: node.container.image,
				addresses: node.addresses,
			})),
			networks: instance.networks.map(({ name, subnets }) => ({ name, subnets })),
		};
		print(context, flags, data, () => {
			const facts = [
				["lab", data.lab],
				["instance", data.instance],
				["engine", `${data.engine.kind}, Docker ${data.engine.daemon}, kernel ${data.engine.kernel}`],
				["created", `${data.created} by ${data.owner}, run ${data.run}`],
				...data.networks.map((network) => ["network", `${network.name} ${network.subnets.join(" ")}`]),
			];
			const nodes = data.nodes.map((node) => [
				node.name,
				node.role,
				node.state,
				node.container,
				formatAddresses(node.addresses),
			]);
			return `${alignRows(facts)}\n${textTable(["node", "role", "state", "container", "addresses"], nodes)}`;
		});
		return 0;
	} finally {
		await everything.close();
	}
}
