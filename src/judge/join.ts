/** Joins what clients sent with what backends logged, request by request, over the token that each request carries. */
import type { AcceptRecord, PhaseObservation, RequestRecord } from "../model/observation.ts";

/** A request and the one connection at a backend that carried its token. */
export interface JoinedRequest {
	request: RequestRecord;
	accept: AcceptRecord;
}

export interface Join {
	/** Requests whose token is in exactly one backend connection, in the order of sending. */
	joined: JoinedRequest[];
	/** Where the witnesses contradict each other, one sentence each. */
	contradictions: string[];
	/** Requests without an answer whose token was logged all the same: the reply was lost. */
	lostReplies: JoinedRequest[];
	/** Connections that carried no token. */
	silent: AcceptRecord[];
}

/** `#3`, counted from 1 as people count. */
export function requestLabel(request: RequestRecord): string {
	return `#${request.index + 1}`;
}

/** The requests in the order of sending. */
export function inOrder(requests: readonly RequestRecord[]): RequestRecord[] {
	return [...requests].sort((a, b) => a.index - b.index);
}

/** Joins the requests of a phase with its accepts. */
export function joinRequests({ requests, accepts }: Pick<PhaseObservation, "requests" | "accepts">): Join {
	const ordered = inOrder(requests);
	const byToken = acceptsByToken(accepts);
	const joined = ordered.flatMap((request) => {
		const [accept, ...others] = byToken.get(request.token) ?? [];
		return accept && others.length === 0 ? [{ request, accept }] : [];
	});
	return {
		joined,
		contradictions: [
			...ordered.flatMap((request) => tokenContradiction(request, byToken.get(request.token) ?? [])),
			...joined.flatMap(nameContradiction),
			...duplicateTokens(ordered),
			...unknownTokens(ordered, byToken),
			...accepts.flatMap(sharedConnection),
		],
		lostReplies: joined.filter(({ request }) => !request.answered),
		silent: accepts.filter((accept) => accept.tokens.length === 0),
	};
}

function acceptsByToken(accepts: readonly AcceptRecord[]): Map<string, AcceptRecord[]> {
	const byToken = new Map<string, AcceptRecord[]>();
	for (const accept of accepts) {
		for (const token of accept.tokens) byToken.set(token, [...(byToken.get(token) ?? []), accept]);
	}
	return byToken;
}

function tokenContradiction(request: RequestRecord, accepts: AcceptRecord[]): string[] {
	const name = `${requestLabel(request)} (${request.token})`;
	if (accepts.length > 1) return [`${name} is in ${accepts.length} connections, at ${nodesOf(accepts)}`];
	return request.answered && accepts.length === 0 ? [`${name} was answered but no backend logged it`] : [];
}

function nameContradiction({ request, accept }: JoinedRequest): string[] {
	if (request.answeredBy === undefined || request.answeredBy === accept.node) return [];
	const name = `${requestLabel(request)} (${request.token})`;
	return [`${name} was answered in the name of ${request.answeredBy} but logged by ${accept.node}`];
}

function duplicateTokens(requests: RequestRecord[]): string[] {
	const first = new Map<string, RequestRecord>();
	return requests.flatMap((request) => {
		const earlier = first.get(request.token);
		if (!earlier) {
			first.set(request.token, request);
			return [];
		}
		return [`${requestLabel(earlier)} and ${requestLabel(request)} carry the same token ${request.token}`];
	});
}

function unknownTokens(requests: RequestRecord[], byToken: Map<string, AcceptRecord[]>): string[] {
	const sent = new Set(requests.map((request) => request.token));
	return [...byToken].flatMap(([token, accepts]) =>
		sent.has(token) ? [] : [`${nodesOf(accepts)} logged ${token}, which no client sent`],
	);
}

/** Every request has a connection of its own, so two tokens on one connection cannot both be true. */
function sharedConnection(accept: AcceptRecord): string[] {
	return accept.tokens.length > 1 ? [`${accept.node} logged ${accept.tokens.join(" and ")} on one connection`] : [];
}

function nodesOf(accepts: readonly AcceptRecord[]): string {
	return [...new Set(accepts.map((accept) => accept.node))].join(" and ");
}
