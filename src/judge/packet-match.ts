/**
 * Which frames a scenario's `match` means. `source`, `destination`, `protocol` and `port` are those of the innermost packet, the
 * `outer-` fields those of the header right around it; every field given must match. `port` is either port. `syn` picks
 * among TCP segments: true those that open a connection (SYN without ACK), false all others.
 */

import type { PacketMatch } from "../model/expectation.ts";
import type { Frame } from "../model/observation.ts";
import { addressMatches } from "./address.ts";

type Wanted = Required<PacketMatch>;

/** For every field of a match whether a frame fits it. */
const FIELDS: { [F in keyof Wanted]: (frame: Frame, wanted: NonNullable<Wanted[F]>) => boolean } = {
	source: (frame, wanted) => addressMatches(frame.source, wanted),
	destination: (frame, wanted) => addressMatches(frame.destination, wanted),
	protocol: (frame, wanted) => frame.protocol === wanted,
	port: (frame, wanted) => frame.sourcePort === wanted || frame.destinationPort === wanted,
	encapsulation: (frame, wanted) => frame.encapsulation === wanted,
	"outer-source": (frame, wanted) => addressMatches(frame.outerSource, wanted),
	"outer-destination": (frame, wanted) => addressMatches(frame.outerDestination, wanted),
	mss: (frame, wanted) => frame.mss === wanted,
	vni: (frame, wanted) => frame.vni === wanted,
	syn: ({ flags }, wanted) => flags !== undefined && (flags.syn && !flags.ack) === wanted,
};

const FIELD_NAMES = Object.keys(FIELDS) as (keyof PacketMatch)[];

/** True when the frame fits every field given. */
export function matchesPacket(frame: Frame, match: PacketMatch): boolean {
	return FIELD_NAMES.every((name) => matchesField(frame, match, name));
}

function matchesField<F extends keyof Wanted>(
	frame: Frame,
	match: { [N in F]?: Wanted[N] | undefined },
	name: F,
): boolean {
	const wanted = match[name];
	return wanted === undefined || FIELDS[name](frame, wanted);
}

/** `source 10.0.0.1, port 80`; `any` without fields. */
export function describeMatch(match: PacketMatch): string {
	const given = FIELD_NAMES.filter((name) => match[name] !== undefined).map((name) => `${name} ${match[name]}`);
	return given.length === 0 ? "any" : given.join(", ");
}
