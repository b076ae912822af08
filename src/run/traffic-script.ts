/**
 * The requests of a phase as one shell script for one exec in the client node, and its output read back. One connection and
 * one token per request. Pure.
 */
import type { RequestRecord } from "../model/observation.ts";
import type { Traffic } from "../model/scenario.ts";
import { quote } from "../steps/quote.ts";

/** Folder in the client node for what uploads read and for the next source port. */
const SCRATCH = "/run/lab-traffic";

/**
 * Source ports that requests take in order, each once until all have been used. A kernel picks by chance, and may pick the port of
 * an earlier request that nobody answered: conntrack keeps such a connection for 120 s (nf_conntrack_tcp_timeout_syn_sent), IPVS for
 * 60 s (SYN_RECV), both with the old rules' decision about it, so that the new request would be lost however right the rules are now.
 * All lie below 32768, where the kernel's own picks begin (net.ipv4.ip_local_port_range), so those do not meet them either.
 */
const PORTS = { first: 10_000, last: 32_767 };

/** Seconds after which the whole script must have ended: every request at its limit, one after another, and a margin. */
export function trafficDeadline(traffic: Traffic): number {
	const own = traffic.timeout + uploadSeconds(traffic) + traffic.lines * (traffic.pause + 0.2);
	const perRequest = own + 2 + (traffic.interval ?? 0);
	return Math.ceil((traffic.count / traffic.parallel) * perRequest) + 30;
}

/** Seconds that an upload takes at its rate. */
function uploadSeconds({ upload = 0, rate }: Traffic): number {
	return rate === undefined ? 0 : Math.ceil(upload / rate);
}

/** Prints the lines of one request: text, token and a number, so that every line is told apart in a log. */
function linesCommand(traffic: Traffic): string {
	const text = traffic.send ? `${traffic.send} ` : "";
	if (traffic.lines === 1) return `printf '%s\\n' ${quote(text)}"$token"`;
	return [
		`n=1; while [ $n -le ${traffic.lines} ]; do`,
		`printf '%s line %d\\n' ${quote(text)}"$token" $n; n=$((n+1)); [ $n -gt ${traffic.lines} ] || sleep ${traffic.pause};`,
		"done",
	].join(" ");
}

/** The option that names the source of a request, where the traffic names sources. */
function fromSource(traffic: Traffic, option: string): string {
	return traffic.sources ? ` ${option} "$source"` : "";
}

/** Takes the source ports of all requests at once, so that traffic sent meanwhile from the same node takes others. */
function takePorts({ count }: Traffic): string {
	return [
		`mkdir -p ${SCRATCH}; exec 9>>${SCRATCH}/ports.lock; flock 9`,
		`{ read -r first <${SCRATCH}/next-port; } 2>/dev/null || first=${PORTS.first}`,
		`[ $((first + ${count} - 1)) -le ${PORTS.last} ] || first=${PORTS.first}`,
		`echo $((first + ${count})) >${SCRATCH}/next-port; exec 9>&-; export first`,
	].join("\n");
}

/** Picks the source of request `$index`. */
function pickSource({ sources }: Traffic): string {
	if (!sources) return "";
	return `set -- ${sources.join(" ")}; shift $((index % ${sources.length})); source=$1\n`;
}

function ncRequest(traffic: Traffic, target: string): string {
	const [address, port] = target.split(":");
	// -N: end the connection when the text is sent. -n: no name look-up. The listener replies nothing, so -v tells the outcome.
	return [
		`out=$( { ${linesCommand(traffic)}; } | nc -n -v -N -w ${traffic.timeout}${fromSource(traffic, "-s")} -p $((first + index)) ${address} ${port} 2>&1 )`,
		"rc=$?",
		`printf 'R\\t%s\\t%s\\t%s\\t\\t\\t\\t\\t\\t%s\\t%s\\n' "$index" "$token" $rc "$(printf '%s' "$out" | tr '\\t\\n' '  ')" "$sent"`,
	].join("\n");
}

function curlRequest(traffic: Traffic, url: string): string {
	const base = url.replace(/\/$/, "");
	const seconds = traffic.timeout + uploadSeconds(traffic) + Math.ceil(traffic.lines * (traffic.pause + 0.1));
	const common = `curl -sS --http1.1${fromSource(traffic, "--interface")} --local-port $((first + index))-${PORTS.last} --noproxy '*' --max-time ${seconds} -o /dev/null -H "X-Lab-Token: $token" -w '%{http_code}\\t%{local_ip}\\t%{local_port}\\t%header{x-lab-backend}'`;
	const lines: string[] = ["digest="];
	if (traffic.upload !== undefined) {
		lines.push(
			`head -c ${traffic.upload} /dev/urandom >${SCRATCH}/$token`,
			`digest=$(sha256sum <${SCRATCH}/$token | cut -d' ' -f1)`,
			`out=$(${common}${traffic.rate === undefined ? "" : ` --limit-rate ${traffic.rate}`} -T ${SCRATCH}/$token ${quote(`${base}/upload/`)}"$token" 2>${SCRATCH}/$token.err)`,
			`rc=$?; error=$(tr '\\t\\n' '  ' <${SCRATCH}/$token.err); rm -f ${SCRATCH}/$token ${SCRATCH}/$token.err`,
		);
	} else if (traffic.lines > 1) {
		lines.push(
			`out=$( { ${linesCommand(traffic)}; } | ${common} -H 'Expect:' -T - ${quote(`${base}/upload/`)}"$token" 2>${SCRATCH}/$token.err)`,
			`rc=$?; error=$(tr '\\t\\n' '  ' <${SCRATCH}/$token.err); rm -f ${SCRATCH}/$token.err`,
		);
	} else {
		lines.push(
			`out=$(${common} ${quote(url)} 2>${SCRATCH}/$token.err)`,
			`rc=$?; error=$(tr '\\t\\n' '  ' <${SCRATCH}/$token.err); rm -f ${SCRATCH}/$token.err`,
		);
	}
	lines.push(
		`printf 'R\\t%s\\t%s\\t%s\\t%s\\t%s\\t%s\\t%s\\n' "$index" "$token" $rc "$out" "$digest" "$error" "$sent"`,
	);
	return lines.join("\n");
}

function pingRequest(traffic: Traffic, address: string): string {
	return [
		`out=$(ping -n -c 1 -W ${traffic.timeout}${fromSource(traffic, "-I")} ${address} 2>&1); rc=$?`,
		`printf 'R\\t%s\\t%s\\t%s\\t\\t\\t\\t\\t\\t%s\\t%s\\n' "$index" "$token" $rc "$(printf '%s' "$out" | tail -n 1 | tr '\\t\\n' '  ')" "$sent"`,
	].join("\n");
}

function request(traffic: Traffic): string {
	if (traffic.nc !== undefined) return ncRequest(traffic, traffic.nc);
	if (traffic.curl !== undefined) return curlRequest(traffic, traffic.curl);
	return pingRequest(traffic, traffic.ping ?? "");
}

/** The script. Requests go out one after another, or `parallel` at a time through xargs. */
export function trafficScript(traffic: Traffic, prefix: string): string {
	const wait = traffic.interval ? `\nsleep ${traffic.interval}` : "";
	// Read by the shell itself: a process for each look at the clock would slow the requests down.
	const clock = "sent=; read -r sent _ 2>/dev/null </proc/uptime";
	const token = `token=$(printf '%s-%04d' ${quote(prefix)} "$index")`;
	const body = `${clock}\n${token}\n${pickSource(traffic)}${request(traffic)}${wait}`;
	const ports = traffic.ping === undefined ? `${takePorts(traffic)}\n` : "";
	if (traffic.parallel === 1) {
		return `${ports}index=0; while [ $index -lt ${traffic.count} ]; do\n${body}\nindex=$((index+1)); done`;
	}
	return `${ports}seq 0 ${traffic.count - 1} | xargs -P ${traffic.parallel} -I '{}' sh -c ${quote(`index={}\n${body}`)}`;
}

/** Reads one line of the script's output; undefined for anything that is not a request's record. */
export function parseRequestLine(line: string, traffic: Traffic): RequestRecord | undefined {
	const fields = line.split("\t");
	if (fields[0] !== "R" || fields.length < 9) return undefined;
	const [, index, token = "", code, status, address, port, backend, digest, message, sent] = fields;
	const exitCode = Number(code);
	const http = Number(status);
	const answered = exitCode === 0 && (traffic.curl === undefined || (http >= 200 && http < 300));
	return {
		index: Number(index),
		token,
		answered,
		exitCode,
		...(http ? { status: http } : {}),
		...(address ? { localAddress: address } : {}),
		...(Number(port) > 0 ? { localPort: Number(port) } : {}),
		...(backend ? { answeredBy: backend } : {}),
		...(digest ? { digest } : {}),
		...(message?.trim() ? { message: message.trim() } : {}),
		...(Number(sent) > 0 ? { sentAt: Number(sent) } : {}),
	};
}
