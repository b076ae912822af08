/** From what the watch script prints to counters. Pure. */
import { type Lab, nodeWithAddress } from "../model/lab.ts";
import type { BalancerCount, InterfaceCount, NodeCounters } from "../model/live-counters.ts";
import type { NodeSources } from "./counter-sources.ts";
import { parseSections } from "./probe-script.ts";
import { parseCounters } from "./read-evidence.ts";

const END = "\n\x1eend\n";

/** Puts chunks of output together; calls `onReading` with the text of each complete reading. */
export class ReadingSplitter {
	readonly #onReading: (text: string) => void;
	#rest = "";

	constructor(onReading: (text: string) => void) {
		this.#onReading = onReading;
	}

	push(chunk: Buffer): void {
		this.#rest += chunk.toString("utf8");
		for (let end = this.#rest.indexOf(END); end >= 0; end = this.#rest.indexOf(END)) {
			this.#onReading(this.#rest.slice(0, end));
			this.#rest = this.#rest.slice(end + END.length);
		}
	}
}

/** Reads one reading. What cannot be read, a balancer whose service is removed for one, has no rows. */
export function readCounters(lab: Lab, sources: NodeSources, text: string): NodeCounters {
	const sections = parseSections(`\n${text}`);
	const balancers = [
		...parseIpvs(lab, sources.node, sections.get("ipvs") ?? ""),
		...sources.balancers.map((source, index): BalancerCount => {
			const rows = balancerRows(lab, sources.node, source, sections.get(`balancer ${index}`) ?? "");
			return { node: sources.node, kind: source.kind, service: source.service, rows };
		}),
		...sources.chains.map(({ table, chain }, index): BalancerCount => {
			const rows = parseChain(lab, sections.get(`chain ${index}`) ?? "");
			return { node: sources.node, kind: "iptables", service: `${table} ${chain}`, rows };
		}),
	];
	const logged = sources.logs.map((_, index) => Number.parseInt(sections.get(`log ${index}`) ?? "", 10) || 0);
	return {
		node: sources.node,
		interfaces: parseInterfaces(sections.get("dev") ?? ""),
		balancers,
		...(sources.logs.length > 0 ? { logged: logged.reduce((sum, count) => sum + count, 0) } : {}),
	};
}

function balancerRows(lab: Lab, node: string, source: NodeSources["balancers"][number], text: string) {
	try {
		return parseCounters(node, source, "after", text).reals.map(({ address, port, connections }) => ({
			name: port === undefined ? address : `${address}:${port}`,
			connections,
			...ownerOf(lab, address),
		}));
	} catch {
		// The service may be gone: a scenario or a student has removed it.
		return [];
	}
}

/** `ipvsadm -L -n --stats --exact`: a row per service (`TCP 10.0.0.1:80`, `FWM 666`), below it one per real. */
function parseIpvs(lab: Lab, node: string, text: string): BalancerCount[] {
	const services: BalancerCount[] = [];
	for (const row of text.split("\n")) {
		const [, kind, name] = /^(TCP|UDP|FWM)\s+(\S+)/.exec(row) ?? [];
		if (kind !== undefined) {
			const service = kind === "FWM" ? `fwmark ${name}` : `${name}/${kind.toLowerCase()}`;
			services.push({ node, kind: "ipvs", service, rows: [] });
		}
		const [, real = "", connections] = /^\s+->\s+(\d[\d.]*:\d+)\s+(\d+)/.exec(row) ?? [];
		if (connections === undefined) continue;
		const owner = ownerOf(lab, real.split(":")[0]);
		services.at(-1)?.rows.push({ name: real, connections: Number(connections), ...owner });
	}
	return services;
}

/** Rows of /proc/net/dev: name, bytes and packets received, ..., bytes and packets sent. */
function parseInterfaces(text: string): Record<string, InterfaceCount> {
	const rows = [...text.matchAll(/^\s*([^\s:]+):\s*(.+)$/gm)].map(([, name = "", figures = ""]) => {
		const numbers = figures.trim().split(/\s+/).map(Number);
		return [name, { received: numbers[1] ?? 0, sent: numbers[9] ?? 0 }] as const;
	});
	return Object.fromEntries(rows);
}

/** DNAT rows of `iptables -nvxL`: packets first, `to:ADDRESS:PORT` last. */
function parseChain(lab: Lab, text: string): BalancerCount["rows"] {
	return [...text.matchAll(/^\s*(\d+)\s+\d+\s+DNAT\s.*\bto:(\S+)\s*$/gm)].map(([, packets, to = ""]) => ({
		name: to,
		connections: Number(packets),
		...ownerOf(lab, to.split(":")[0]),
	}));
}

/** The node, as rows name it; nothing where no node has the address. */
function ownerOf(lab: Lab, address = ""): { node?: string } {
	const node = nodeWithAddress(lab, address);
	return node === undefined ? {} : { node };
}
