/** What to say about a key or a word that does not belong where it stands. */
import { EXPECTATION_KINDS } from "../model/expectation.ts";
import { STEP_KIND_NAMES } from "../model/step.ts";
import type { JsonSchema } from "./json-schema.ts";
import { closest } from "./suggest.ts";
import type { Path, Tree } from "./tree.ts";
import { placeName, show } from "./words.ts";

/** Words that other tools use for what has another name here, by the key they are used as. */
const OTHER_WORDS: Record<string, string> = {
	ip: "address",
	ipv4: "address",
	addresses: "address",
	description: "title",
	kind: "driver",
	type: "driver",
	cap_add: "capabilities",
	license: "licence",
	variables: "vars",
	topology: "nodes",
	services: "nodes",
	reason: "why",
	because: "why",
	cmd: "run",
	command: "run",
	exec: "run",
	shell: "run",
	hping: "nc",
	http: "curl",
	url: "curl",
	requests: "count",
	expectations: "expect",
};

/** Message and hint for an unknown key of the map at `path`, to which `schemas` apply. */
export function explainUnknownKey(
	root: Tree,
	path: Path,
	key: string,
	schemas: readonly JsonSchema[],
): { message: string; hint: string } {
	const known = [...new Set(schemas.flatMap((schema) => Object.keys(schema.properties ?? {})))];
	const other = OTHER_WORDS[key];
	const meant = closest(key, known) ?? (other !== undefined && known.includes(other) ? other : undefined);
	const guess = meant === undefined ? "" : `; did you mean "${meant}"?`;
	const [what, kinds] = kindsOf(path);
	if (kinds && (meant === undefined || kinds.includes(meant))) {
		return {
			message: `unknown ${what} "${key}" in ${placeName(root, path)}${guess}`,
			hint: `known: ${kinds.join(", ")}`,
		};
	}
	return { message: `unknown key "${key}" in ${placeName(root, path)}${guess}`, hint: `known: ${known.join(", ")}` };
}

function kindsOf(path: Path): [string, (readonly string[])?] {
	if (path.length === 4 && path[0] === "nodes" && path[2] === "steps") return ["step kind", STEP_KIND_NAMES];
	if (path.length === 4 && path[0] === "phases" && path[2] === "expect")
		return ["kind of expectation", EXPECTATION_KINDS];
	return [""];
}

/** What an enumerated key holds, where the key does not say it. */
const NOUNS: Record<string, string> = {
	requires: "kernel feature",
	has: "kernel feature",
	lacks: "kernel feature",
	capabilities: "capability",
	programs: "program",
	records: "log format",
	answered: "number of answers",
	"agrees-with": "witness",
};

const OTHER_FEATURES: Record<string, string> = {
	ipvs: "ip_vs",
	lvs: "ip_vs",
	rr: "ip_vs_rr",
	wrr: "ip_vs_wrr",
	wlc: "ip_vs_wlc",
	ipset: "ip_set",
	nat: "nf_nat",
	statistic: "xt_statistic",
	tunl0: "ipip",
	bpf: "xdp",
	ebpf: "xdp",
	docker: "privileged",
	dind: "privileged",
};

/** Other names under which people know the words, by the key they are a value of. */
const OTHER_VALUES: Record<string, Record<string, string>> = {
	requires: OTHER_FEATURES,
	has: OTHER_FEATURES,
	lacks: OTHER_FEATURES,
	scheduler: { "round-robin": "rr", roundrobin: "rr", weighted: "wrr", "least-connection": "lc", maglev: "mh" },
	forward: { nat: "masquerade", masq: "masquerade", dr: "direct", dsr: "direct", tun: "tunnel", ipip: "tunnel" },
	role: { backend: "real", server: "real", gateway: "router", lb: "balancer", director: "balancer" },
	driver: { bridge: "docker", macvlan: "docker" },
	is: { rr: "round-robin", alternating: "round-robin", even: "equal", random: "equal", hash: "equal" },
	mode: { skb: "generic", drv: "native", driver: "native" },
};

/** Message and hint for a value that is none of the words its key takes. */
export function explainUnknownWord(
	path: Path,
	value: string,
	words: readonly string[],
): { message: string; hint: string } {
	const key = String(path.findLast((part) => typeof part === "string"));
	const other = OTHER_VALUES[key]?.[value.toLowerCase()];
	const meant = closest(value, words) ?? (other !== undefined && words.includes(other) ? other : undefined);
	const guess = meant === undefined ? "" : `; did you mean "${meant}"?`;
	const noun = NOUNS[key] ?? (key === "is" ? isNoun(path) : key);
	return { message: `unknown ${noun} ${show(value)}${guess}`, hint: `known: ${words.join(", ")}` };
}

function isNoun(path: Path): string {
	return path.at(-2) === "encapsulation" ? "encapsulation" : "distribution";
}
