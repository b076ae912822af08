/**
 * The two scripts of a node probe. Their output comes in sections, each opened by a line with the ASCII record separator, so
 * that one exec carries logs, counters, command output and captures (base64) at once. Pure.
 */
import { ipvsServiceFlag } from "../steps/ipvs.ts";
import { quote } from "../steps/quote.ts";
import type { CounterSource, NodeProbe } from "./node-probe.ts";

const FOLDER = "/run/lab-capture";
const MARK = "\x1e";

/** Uploads are stored here by the labs' web servers, named by their token. */
export const UPLOAD_FOLDER = "/srv/upload";

function section(name: string): string {
	return `printf '\\n${MARK}%s\\n' ${quote(name)}`;
}

/** The command that reads a balancer's counters. */
export function counterCommand(source: CounterSource): string {
	if (source.kind === "xdp") return "xdplb stats -f json";
	return `ipvsadm -L -n ${ipvsServiceFlag({ service: source.service })} --stats --exact`;
}

/**
 * Waits until IPVS's counters are up to date, at most 4 s. What ipvsadm shows is brought up to date every 2 s only, so that a
 * reading right after the traffic may be short; the rows per processor (hexadecimal, above the total `~`) are live. Where the
 * sums can never agree, as a real was removed or the counters were zeroed, the time alone is enough.
 */
function awaitIpvsCounters(): string {
	return [
		"live() { read -r _; read -r _; sum=0; while read -r cpu count _ && [ \"$cpu\" != '~' ]; do sum=$((sum + 0x$count)); done; echo $sum; }",
		"shown() { ipvsadm -L -n --stats --exact | awk '$1 == \"->\" && $3 ~ /^[0-9]+$/ { sum += $3 } END { print sum + 0 }'; }",
		"limit=$(($(date +%s) + 4))",
		'until [ "$(shown)" = "$(live </proc/net/ip_vs_stats_percpu)" ] || [ "$(date +%s)" -ge $limit ]; do sleep 0.1; done 2>/dev/null',
	].join("\n");
}

function readCounters(probe: NodeProbe): string[] {
	const settle = probe.counters.some(({ kind }) => kind === "ipvs") ? [awaitIpvsCounters()] : [];
	const read = probe.counters.flatMap((source, index) => [
		section(`counter ${index}`),
		`${counterCommand(source)} 2>&1`,
	]);
	return [...settle, ...read];
}

/** Bytes kept of each frame: all headers, and the payload of any frame that was one on the wire. */
const SNAP_BYTES = 2048;

/** Starts the captures (and returns only when each of them listens), notes where the logs end, and reads the counters. */
export function beginScript(probe: NodeProbe): string {
	const lines = [...readCounters(probe)];
	for (const [index, log] of probe.logs.entries()) {
		lines.push(section(`log ${index}`), `wc -c <${quote(log.path)} 2>/dev/null || echo 0`);
	}
	if (probe.interfaces.length > 0) lines.push(`rm -rf ${FOLDER}; mkdir -p ${FOLDER}`);
	for (const name of probe.interfaces) {
		// -Z root: Debian's tcpdump gives up root otherwise and cannot write here. -p: the frames for others are of no use.
		// -s: tcpdump's buffer of 2 MiB is cut into slots for the largest frame, which with GRO are 32, too few for a burst.
		lines.push(
			`tcpdump -i ${name} -s ${SNAP_BYTES} -p -n -U --immediate-mode -Z root -w ${FOLDER}/${name}.pcap >${FOLDER}/${name}.log 2>&1 </dev/null & echo $! >${FOLDER}/${name}.pid`,
		);
	}
	for (const name of probe.interfaces) {
		lines.push(
			`tries=0; until grep -q 'listening on' ${FOLDER}/${name}.log; do tries=$((tries+1)); { [ $tries -lt 400 ] && kill -0 "$(cat ${FOLDER}/${name}.pid)"; } 2>/dev/null || { ${section(`fault ${name}`)}; cat ${FOLDER}/${name}.log; break; }; sleep 0.02; done`,
		);
	}
	return lines.join("\n");
}

/** Waits until no capture grows any more (at most 5 s), ends them, and prints everything there is to know. */
export function finishScript(probe: NodeProbe, offsets: number[]): string {
	const lines: string[] = [];
	if (probe.interfaces.length > 0) {
		lines.push(
			`size() { cat ${FOLDER}/*.pcap | wc -c; }; was=$(size); tries=0`,
			"while tries=$((tries+1)); [ $tries -lt 50 ]; do sleep 0.1; now=$(size); [ $now != $was ] || break; was=$now; done",
			`for file in ${FOLDER}/*.pid; do kill -INT "$(cat $file)" 2>/dev/null; done`,
			`for file in ${FOLDER}/*.pid; do while kill -0 "$(cat $file)" 2>/dev/null; do sleep 0.02; done; done`,
		);
	}
	lines.push(...readCounters(probe));
	lines.push(...readLogs(probe, offsets));
	for (const [index, command] of probe.states.entries()) {
		lines.push(section(`state ${index}`), `( ${command}\n) 2>&1`, `rc=$?; ${section(`exit ${index}`)}; echo $rc`);
	}
	for (const name of probe.interfaces) {
		lines.push(section(`capture-log ${name}`), `cat ${FOLDER}/${name}.log`);
		lines.push(section(`capture ${name}`), `base64 -w 0 ${FOLDER}/${name}.pcap`);
	}
	if (probe.interfaces.length > 0) lines.push(`rm -rf ${FOLDER}`);
	return lines.join("\n");
}

/** Reads what the logs got since `offsets`, and the digests of stored uploads. */
export function logScript(probe: NodeProbe, offsets: number[]): string {
	return readLogs(probe, offsets).join("\n");
}

function readLogs(probe: NodeProbe, offsets: number[]): string[] {
	const lines = probe.logs.flatMap((log, index) => [
		section(`log ${index}`),
		`tail -c +${(offsets[index] ?? 0) + 1} ${quote(log.path)}`,
	]);
	if (probe.uploads && probe.logs.length > 0) {
		lines.push(section("uploads"), `( cd ${UPLOAD_FOLDER} 2>/dev/null && find . -type f -exec sha256sum {} + )`);
	}
	return lines;
}

/** Splits the output of a probe script into its sections. */
export function parseSections(output: string): Map<string, string> {
	const sections = new Map<string, string>();
	for (const part of output.split(`\n${MARK}`).slice(1)) {
		const end = part.indexOf("\n");
		sections.set(part.slice(0, end), part.slice(end + 1));
	}
	return sections;
}
