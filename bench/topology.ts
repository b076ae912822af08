/** The topology of katran-dsr for this comparison: as a lab file without what the kernel may lack, and as a compose file. */
import { readFile } from "node:fs/promises";
import { isMap, isSeq, parseDocument, type Scalar, stringify, type YAMLMap } from "yaml";
import type { Plan } from "../src/model/plan.ts";

export interface Variant {
	/** Text of a lab.yaml. */
	text: string;
	/** Ids of the steps that were left out, by node. */
	leftOut: string[];
}

/**
 * The lab file without `ipip`: the tunnel devices and what is done to them. Many hosts' kernels have no ipip; everything
 * else of the document stays (addresses, routes, sysctls, offloads, services, the XDP balancer).
 */
export async function withoutTunnels(labFile: string): Promise<Variant> {
	const document = parseDocument(await readFile(labFile, "utf8"));
	const leftOut: string[] = [];
	const nodes = document.get("nodes");
	for (const { key, value: node } of isMap(nodes) ? nodes.items : []) {
		// A node that repeats another one's steps by an alias shares the list that was shortened there.
		const steps = isMap(node) ? node.get("steps") : undefined;
		if (!isSeq(steps)) continue;
		const all = steps.items as YAMLMap[];
		const tunnels: unknown[] = all.map((step) => step.getIn(["tunnel", "name"])).filter((name) => name !== undefined);
		const isTunnel = (step: YAMLMap) => step.has("tunnel") || tunnels.includes(step.getIn(["address", "dev"]));
		leftOut.push(...all.filter(isTunnel).map((step) => `${String(key)}/${String(step.get("id"))}`));
		steps.items = all.filter((step) => !isTunnel(step));
	}
	const requires = document.get("requires");
	if (isSeq<Scalar>(requires)) requires.items = requires.items.filter((item) => item.value !== "ipip");
	return { text: String(document), leftOut };
}

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
