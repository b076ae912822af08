/** Which counters the nodes of a lab have, told from the lab file, and the script that shows them again and again. Pure. */
import { backendLogs, type Lab } from "../model/lab.ts";
import { quote } from "../steps/quote.ts";
import type { CounterSource } from "./node-probe.ts";
import { counterCommand } from "./probe-script.ts";

/** A chain with DNAT rules. */
export interface ChainSource {
	table: string;
	chain: string;
}

/** What one node counts. */
export interface NodeSources {
	node: string;
	/** True where IPVS runs: all its services are read, as a controller or a student may have added some. */
	ipvs: boolean;
	/** VIPs of the XDP balancer. */
	balancers: CounterSource[];
	chains: ChainSource[];
	/** Logs of services that tell requests. */
	logs: { path: string; format: "nc" | "http" }[];
}

/** What each node of a lab counts. */
export function counterSources(lab: Lab): NodeSources[] {
	const logs = backendLogs(lab);
	return Object.entries(lab.nodes).map(([node, { steps = [] }]) => ({
		node,
		ipvs: steps.some((step) => step.ipvs !== undefined),
		balancers: steps.flatMap(({ xdp }) => (xdp?.vips ?? []).map(({ vip }) => ({ kind: "xdp" as const, service: vip }))),
		chains: steps.flatMap(({ iptables }): ChainSource[] => {
			if (!iptables?.rules.some((rule) => rule.includes("DNAT"))) return [];
			return [{ table: iptables.table ?? "filter", chain: iptables.chain }];
		}),
		logs: logs.filter((log) => log.node === node).map(({ path, format }) => ({ path, format })),
	}));
}

const MARK = "\x1e";

/** Seconds between two readings. IPVS itself brings what it shows up to date every 2 s only. */
const PAUSE = 2;

/** Readings until the script ends by itself: nobody may be there any more to end it. */
const READINGS = 150;

/** Prints all counters of a node every two seconds, each reading ended by the section `end`. */
export function watchScript(sources: NodeSources): string {
	return [
		`readings=0; while [ $readings -lt ${READINGS} ]; do`,
		readingScript(sources),
		`readings=$((readings+1)); sleep ${PAUSE}; done`,
	].join("\n");
}

/** Prints all counters of a node once. */
export function readingScript({ ipvs, balancers, chains, logs }: NodeSources): string {
	const section = (name: string, command: string) => `printf '\\n${MARK}%s\\n' ${quote(name)}; ${command} 2>&1`;
	return [
		section("dev", "cat /proc/net/dev"),
		...(ipvs ? [section("ipvs", "ipvsadm -L -n --stats --exact")] : []),
		...balancers.map((source, index) => section(`balancer ${index}`, counterCommand(source))),
		...chains.map(({ table, chain }, index) => section(`chain ${index}`, `iptables -w -t ${table} -nvxL ${chain}`)),
		...logs.map(({ path, format }, index) => section(`log ${index}`, countCommand(path, format))),
		section("end", ":"),
	].join("\n");
}

/** Lines of a log that stand for a request with one of our tokens. */
function countCommand(path: string, format: "nc" | "http"): string {
	const pattern = format === "nc" ? "lab-[0-9a-z]*-[0-9]*-[0-9]{4}$" : " lab-[0-9a-z]*-[0-9]*-[0-9]{4} ";
	return `grep -c -E ${quote(pattern)} ${quote(path)}`;
}
