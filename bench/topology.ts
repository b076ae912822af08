/** The topology of a plan as a compose file, for the comparison. */
import { stringify } from "yaml";
import type { Plan } from "../src/model/plan.ts";

/** The containers and networks of a plan, and nothing of its steps, as a compose project. */
export function composeFile(plan: Plan, project: string, image: string): string {
	const services = plan.nodes.map((node) => {
		const networks = node.ports.map(({ network, addresses }) => [
			network,
			{ ipv4_address: addresses[0]?.split("/")[0] },
		]);
		const service = {
			image,
			hostname: node.name,
			entrypoint: ["tini", "--", "sleep", "infinity"],
			cap_add: node.capabilities,
			networks: Object.fromEntries(networks),
		};
		return [node.name, service] as const;
	});
	const networks = plan.networks.map(({ name, subnet }) => [name, { ipam: { config: [{ subnet }] } }] as const);
	return stringify({ name: project, services: Object.fromEntries(services), networks: Object.fromEntries(networks) });
}
