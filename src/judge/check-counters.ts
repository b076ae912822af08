/** The balancer's own counters against what clients and backends saw. */

import type { ExpectationBody } from "../model/expectation.ts";
import type { CounterRecord } from "../model/observation.ts";
import { addressesOfNode } from "./flow.ts";
import { ending, listed, type Outcome } from "./outcome.ts";
import { faultsAbout, type PhaseEvidence } from "./phase-evidence.ts";

type Counters = ExpectationBody<"counters">;

/** Connections that one real was given between the two readings. */
interface Gain {
	/** `10.10.0.2:8000`. */
	real: string;
	/** The node with that address. */
	node: string | undefined;
	connections: number;
}

/**
 * New connections per real equal the requests that its node logged. Requests that were neither answered nor logged may have
 * been counted at any real. Anything else is a contradiction between witnesses, not a failure of the lab.
 */
export function checkCounters(evidence: PhaseEvidence, body: Counters): Outcome {
	const end = ending(`the counters at ${body.at} agree with the clients`);
	const faults = [...faultsAbout(evidence, "counters", [body.at]), ...faultsAbout(evidence, "log")];
	if (faults.length > 0) return end.error(listed(faults));
	const [before, after] = (["before", "after"] as const).map((when) => reading(evidence, body, when));
	if (!before || !after) return end.error(`no reading ${before ? "after" : "before"} the traffic`);
	const gains = gainsOf(evidence, before, after);
	const lost = gains.filter(({ connections }) => !(connections >= 0));
	if (lost.length > 0) return end.error(`counters were reset: ${listed(lost.map(({ real }) => real))}`);
	if (!evidence.join) return end.error("no request can be joined to a backend");
	const served = servedBy(evidence);
	const observed = describe(gains, served);
	if (gains.every(({ connections }) => connections === 0) && served.size === 0)
		return end.error(`nothing to compare: ${observed}`);
	const contradictions = contradictionsIn(gains, served, allowance(evidence, body));
	if (contradictions.length > 0) return end.inconsistent(`${listed(contradictions)}; ${observed}`);
	return end.pass(observed);
}

function reading({ observation }: PhaseEvidence, { at, ipvs, xdp }: Counters, when: CounterRecord["when"]) {
	const kind = ipvs === undefined ? "xdp" : "ipvs";
	const service = ipvs ?? xdp;
	return observation.counters.find(
		(record) => record.node === at && record.kind === kind && record.service === service && record.when === when,
	);
}

/** A real that is new since the first reading counts from 0; one that is gone has lost its count (NaN). */
function gainsOf({ observation }: PhaseEvidence, before: CounterRecord, after: CounterRecord): Gain[] {
	const name = ({ address, port }: CounterRecord["reals"][number]) =>
		port === undefined ? address : `${address}:${port}`;
	const nodes = [...new Set(observation.ports.map((port) => port.node))];
	const nodeOf = (address: string) => nodes.find((node) => addressesOfNode(observation.ports, node).includes(address));
	const first = new Map(before.reals.map((real) => [name(real), real.connections]));
	const present = new Set(after.reals.map(name));
	const gains = after.reals.map((real) => ({
		real: name(real),
		node: nodeOf(real.address),
		connections: real.connections - (first.get(name(real)) ?? 0),
	}));
	const gone = before.reals.filter((real) => !present.has(name(real)));
	return [...gains, ...gone.map((real) => ({ real: name(real), node: nodeOf(real.address), connections: Number.NaN }))];
}

function servedBy({ join }: PhaseEvidence): Map<string, number> {
	const served = new Map<string, number>();
	for (const { accept } of join?.joined ?? []) served.set(accept.node, (served.get(accept.node) ?? 0) + 1);
	return served;
}

/**
 * How many more connections than logged requests can be explained: requests that vanished behind the balancer. The XDP balancer
 * counts opening segments, which a client without an answer repeats, so there is no bound once a request vanished.
 */
function allowance({ requests, join }: PhaseEvidence, { xdp }: Counters): number {
	const logged = new Set(join?.joined.map(({ request }) => request));
	const vanished = requests.filter((request) => !request.answered && !logged.has(request)).length;
	return xdp !== undefined && vanished > 0 ? Number.POSITIVE_INFINITY : vanished;
}

function contradictionsIn(gains: readonly Gain[], served: Map<string, number>, allowed: number): string[] {
	const counted = new Map<string, number>();
	for (const { real, node, connections } of gains) {
		const name = node ?? real;
		counted.set(name, (counted.get(name) ?? 0) + connections);
	}
	const names = [...new Set([...counted.keys(), ...served.keys()])];
	const differences = names.map((name) => ({ name, more: (counted.get(name) ?? 0) - (served.get(name) ?? 0) }));
	const excess = differences.reduce((sum, { more }) => sum + Math.max(0, more), 0);
	return differences
		.filter(({ more }) => more < 0 || (more > 0 && excess > allowed))
		.map(({ name }) => `${name}: ${counted.get(name) ?? 0} counted, ${served.get(name) ?? 0} logged`);
}

function describe(gains: readonly Gain[], served: Map<string, number>): string {
	const counted = gains.map(({ real, node, connections }) => `${real}${node ? ` (${node})` : ""} ${connections}`);
	const logged = [...served].map(([node, count]) => `${node} ${count}`);
	return `counted ${counted.join(", ") || "nothing"}; logged ${logged.join(", ") || "nothing"}`;
}
