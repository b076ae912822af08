/** `lab inspect` */
import type { EngineInfo } from "../engine/engine.ts";
import { alignRows, textTable } from "../report/table.ts";
import type { CliContext } from "./cli-context.ts";
import type { Flags } from "./flags.ts";
import { print } from "./output.ts";
import { findEverything, pickInstance, type Running } from "./running.ts";
import { formatAddresses } from "./verb-ps.ts";

export async function inspect(context: CliContext, args: string[], flags: Flags): Promise<number> {
	const everything = await findEverything(context);
	try {
		const running = pickInstance(everything.running, args[0] ?? flags.name);
		const data = describe(running, await running.engine.info());
		print(context, flags, data, () => describeInWords(data));
		return 0;
	} finally {
		await everything.close();
	}
}

type Description = ReturnType<typeof describe>;

function describe({ instance, vm }: Running, { daemon, api, kernel }: EngineInfo) {
	const { lab, run, owner, created, nodes, networks } = instance;
	return {
		...{ lab, instance: instance.instance, run, owner, created },
		engine: { kind: vm ? "vm" : "docker", daemon, api, kernel },
		nodes: nodes.map((node) => ({
			name: node.name,
			role: node.part,
			state: node.container.state,
			container: node.container.name,
			image: node.container.image,
			addresses: node.addresses,
		})),
		networks: networks.map(({ name, subnets }) => ({ name, subnets })),
	};
}

function describeInWords(data: Description): string {
	const facts = [
		["lab", data.lab],
		["instance", data.instance],
		["engine", `${data.engine.kind}, Docker ${data.engine.daemon}, kernel ${data.engine.kernel}`],
		["created", `${data.created} by ${data.owner}, run ${data.run}`],
		...data.networks.map((network) => ["network", `${network.name} ${network.subnets.join(" ")}`]),
	];
	const nodes = data.nodes.map(({ name, role, state, container, addresses }) => [
		...[name, role, state, container],
		formatAddresses(addresses),
	]);
	return `${alignRows(facts)}\n${textTable(["node", "role", "state", "container", "addresses"], nodes)}`;
}
