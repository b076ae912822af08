/** What the way of one request teaches, in sentences: read from the hops and nothing else. Pure. */
import type { Frame, PhaseObservation } from "../model/observation.ts";
import type { Traffic } from "../model/scenario.ts";
import { endOf, wantedAddress } from "./trace-headers.ts";

interface Hop {
	direction: "request" | "reply";
	from: string;
	to: string;
	frame: Frame;
}

interface Surroundings {
	from: string;
	answered: boolean;
	traffic: Traffic | undefined;
	observation: Pick<PhaseObservation, "requests">;
}

/** The remarks, the most telling first. */
export function remarksOn(hops: readonly Hop[], around: Surroundings): string[] {
	const request = hops.filter((hop) => hop.direction === "request");
	const reply = hops.filter((hop) => hop.direction === "reply");
	if (request.length === 0) return ["No packet of the request was captured."];
	return [
		...(around.answered ? [] : unanswered(request, reply, around)),
		...(around.answered && reply.length > 0 ? returnWay(request, reply) : []),
		...rewriting("request", request, around),
		...rewriting("reply", reply, around),
		...wrapping(hops),
		...lastWords(request, reply, around),
	];
}

function unanswered(request: readonly Hop[], reply: readonly Hop[], { observation }: Surroundings): string[] {
	const why = observation.requests.find(({ message }) => message !== undefined)?.message;
	const lost =
		reply.length === 0
			? `the request was last seen on its way to ${request.at(-1)?.to}, and no reply was seen`
			: `the reply was last seen on its way to ${reply.at(-1)?.to}`;
	return [`Not answered: ${lost}${why === undefined ? "" : ` (${why})`}.`];
}

/** Nodes between the ends that only one direction passes. */
function returnWay(request: readonly Hop[], reply: readonly Hop[]): string[] {
	const there = new Set(request.map((hop) => hop.to).slice(0, -1));
	const back = new Set(reply.map((hop) => hop.to).slice(0, -1));
	const skipped = [...there].filter((node) => !back.has(node));
	const added = [...back].filter((node) => !there.has(node));
	if (skipped.length > 0 && added.length > 0) {
		return [`The reply does not pass ${skipped.join(", ")}; it goes back by way of ${added.join(", ")}.`];
	}
	if (skipped.length > 0) {
		return [`The reply does not pass ${skipped.join(", ")}: the real answers the client directly (DSR).`];
	}
	if (there.size === 0) return [];
	const way = added.length > 0 ? `, and ${added.join(", ")} as well` : "";
	return [`The reply passes ${[...there].join(", ")} as the request did${way}.`];
}

function rewriting(direction: Hop["direction"], hops: readonly Hop[], { traffic }: Surroundings): string[] {
	const [first, last] = [hops[0], hops.at(-1)];
	if (!first || !last) return [];
	const side = direction === "request" ? "destination" : "source";
	const other = direction === "request" ? "source" : "destination";
	const remarks: string[] = [];
	const wanted = direction === "request" ? wantedAddress(traffic) : undefined;
	if (first.frame[side] !== last.frame[side]) {
		remarks.push(`NAT on the ${direction}: ${side} ${endOf(first.frame, side)} becomes ${endOf(last.frame, side)}.`);
	} else if (wanted !== undefined && first.frame.destination !== wanted) {
		remarks.push(
			`NAT in ${first.from} itself: ${wanted} is on no wire, the packet leaves for ${endOf(first.frame, side)}.`,
		);
	}
	if (first.frame[other] !== last.frame[other]) {
		remarks.push(`NAT on the ${direction}: ${other} ${endOf(first.frame, other)} becomes ${endOf(last.frame, other)}.`);
	}
	return remarks;
}

function wrapping(hops: readonly Hop[]): string[] {
	const wrapped = hops.filter((hop) => hop.frame.encapsulation !== "none");
	const kinds = [...new Set(wrapped.map((hop) => hop.frame.encapsulation.toUpperCase()))];
	return kinds.map((kind) => {
		const of = wrapped.filter((hop) => hop.frame.encapsulation.toUpperCase() === kind);
		return `Tunnel (${kind}): the packet travels inside another one ${of.map(({ from, to }) => `${from} > ${to}`).join(", ")}.`;
	});
}

function lastWords(request: readonly Hop[], reply: readonly Hop[], { traffic }: Surroundings): string[] {
	const arrived = request.at(-1);
	const answer = reply.at(-1);
	const wanted = wantedAddress(traffic);
	const remarks: string[] = [];
	if (arrived) remarks.push(`${arrived.to} sees the client as ${arrived.frame.source}.`);
	if (answer && wanted !== undefined && answer.frame.source === wanted) {
		remarks.push(`The client gets the reply from ${wanted}, the address it asked.`);
	}
	return remarks;
}
