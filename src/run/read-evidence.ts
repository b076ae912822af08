/** From the text of logs and counters to records. Pure. */
import { LabError } from "../model/error.ts";
import type { BackendLog } from "../model/lab.ts";
import { parseService } from "../model/name.ts";
import type { AcceptRecord, CounterRecord } from "../model/observation.ts";
import type { CounterSource } from "./node-probe.ts";

/** Tokens look like `lab-<run>-<phase>-<request>`; see traffic-script.ts. */
const TOKEN = /lab-[0-9a-z]+-\d+-\d{4}/g;

/** Reads the log of one backend service; `digests` maps a token to the digest of what was stored under it. */
export function parseBackendLog(log: BackendLog, text: string, digests: Map<string, string>): AcceptRecord[] {
	return log.format === "nc" ? parseNcLog(log, text) : parseHttpLog(log, text, digests);
}

/** `nc -l -v -k -n` says who connected, and then prints what came. */
function parseNcLog(log: BackendLog, text: string): AcceptRecord[] {
	const accepts: AcceptRecord[] = [];
	for (const line of text.split("\n")) {
		// A line without its end of line can have the next connection's notice glued to it.
		const at = line.indexOf("Connection received on ");
		const data = at < 0 ? line : line.slice(0, at);
		const last = accepts.at(-1);
		for (const token of data.match(TOKEN) ?? []) {
			if (last && !last.tokens.includes(token)) last.tokens.push(token);
		}
		const peer = at < 0 ? null : /^Connection received on (\S+) (\d+)/.exec(line.slice(at));
		if (peer?.[1]) {
			accepts.push({
				node: log.node,
				service: log.service,
				tokens: [],
				peerAddress: peer[1],
				peerPort: Number(peer[2]),
			});
		}
	}
	return accepts;
}

/** Our web servers log `address port token status method uri`; `-` stands for no token. */
function parseHttpLog(log: BackendLog, text: string, digests: Map<string, string>): AcceptRecord[] {
	return text.split("\n").flatMap((line) => {
		const [address, port, token] = line.split(" ");
		if (!address || !port || !token || !/^\d+$/.test(port)) return [];
		const digest = digests.get(token);
		return [
			{
				node: log.node,
				service: log.service,
				tokens: token === "-" ? [] : [token],
				peerAddress: address,
				peerPort: Number(port),
				...(digest ? { digest } : {}),
			},
		];
	});
}

/** `sha256sum` lines: digest, two spaces, `./token`. */
export function parseDigests(text: string): Map<string, string> {
	return new Map(
		text.split("\n").flatMap((line) => {
			const match = /^([0-9a-f]{64}) [ *](?:\.\/)?(.+)$/.exec(line);
			return match?.[1] && match[2] ? [[match[2], match[1]] as const] : [];
		}),
	);
}

/** Reads the output of a balancer's counter command. Anything else than counters is an error with the tool's own words. */
export function parseCounters(
	node: string,
	source: CounterSource,
	when: "before" | "after",
	text: string,
): CounterRecord {
	const reals = source.kind === "ipvs" ? ipvsReals(text) : xdpReals(source.service, text);
	if (!reals) {
		throw new LabError(
			"broken",
			`the ${source.kind} counters of ${source.service} at ${node} could not be read: ${text.trim()}`,
			{
				code: "no-counters",
			},
		);
	}
	return { node, kind: source.kind, service: source.service, when, reals };
}

/** Rows `-> ADDRESS:PORT conns inpkts outpkts inbytes outbytes` below the service's own row. */
function ipvsReals(text: string): CounterRecord["reals"] | undefined {
	if (!/^(TCP|UDP|FWM)\s/m.test(text)) return undefined;
	return [...text.matchAll(/^\s+-> (\d[\d.]*):(\d+)\s+(\d+)\s+(\d+)\s+(\d+)\s+(\d+)\s+(\d+)/gm)].map((row) => ({
		address: row[1] ?? "",
		port: Number(row[2]),
		connections: Number(row[3]),
		packets: Number(row[4]),
		bytes: Number(row[6]),
	}));
}

interface XdpStats {
	vips: {
		address: string;
		port: number | string;
		protocol: string;
		reals: { address: string; connections: number; packets: number; bytes: number }[];
	}[];
}

function xdpReals(service: string, text: string): CounterRecord["reals"] | undefined {
	const wanted = parseService(service);
	try {
		const stats = JSON.parse(text) as XdpStats;
		const vip = stats.vips.find(
			({ address, port, protocol }) =>
				address === wanted.address && protocol === wanted.protocol && (Number(port) || 0) === (wanted.port ?? 0),
		);
		return vip?.reals.map(({ address, connections, packets, bytes }) => ({ address, connections, packets, bytes }));
	} catch {
		return undefined;
	}
}

/** What tcpdump says at its end: frames written, and frames the kernel dropped before tcpdump could read them. */
export function parseCaptureLog(text: string): { captured: number; dropped: number } | undefined {
	const captured = /(\d+) packets? captured/.exec(text)?.[1];
	const dropped = /(\d+) packets? dropped by kernel/.exec(text)?.[1];
	if (captured === undefined || dropped === undefined) return undefined;
	return { captured: Number(captured), dropped: Number(dropped) };
}
