/** The names of checks: stable, readable, and unique within a phase. */
import { type Expectation, type ExpectationBody, type ExpectationKind, expectationKind } from "../model/expectation.ts";
import { describeMatch } from "./packet-match.ts";

/** Name of the check that every phase with traffic starts with. */
export const EVIDENCE_CHECK = "evidence";

const NAMES: { [K in ExpectationKind]: (body: ExpectationBody<K>) => string } = {
	answered: () => "answered",
	share: () => "share by backend",
	source: ({ at }) => `source at ${at.join(", ")}`,
	path: () => "path",
	encapsulation: ({ from, to }) => `encapsulation ${from} > ${to}`,
	packets: ({ at, interface: name }) => `packets at ${at} ${name}`,
	sticky: () => "sticky",
	counters: ({ at }) => `counters at ${at}`,
	upload: () => "upload",
	state: ({ at, run }) => `state at ${at}: ${run}`,
	outage: () => "outage",
	delay: ({ at, run }) => `delay at ${at}: ${run}`,
};

/**
 * The name of each expectation of a phase, in order: `name:` where given, else made from the expectation. Packets checks on the
 * same interface get their match behind the name; what is still the same gets a number, `(2)`.
 */
export function checkNames(expectations: readonly Expectation[]): string[] {
	const short = expectations.map(
		(expectation) => expectation.name ?? nameOf(expectation, expectationKind(expectation)),
	);
	const long = expectations.map((expectation, i) => {
		const name = short[i] ?? "";
		const isShared = short.filter((other) => other === name).length > 1;
		return isShared && !expectation.name && expectation.packets
			? `${name} (${describeMatch(expectation.packets.match)})`
			: name;
	});
	return long.map((name, i) => {
		const earlier = long.slice(0, i).filter((other) => other === name).length;
		return earlier === 0 ? name : `${name} (${earlier + 1})`;
	});
}

function nameOf<K extends ExpectationKind>(expectation: Expectation, kind: K): string {
	return NAMES[kind](expectation[kind] as ExpectationBody<K>);
}
