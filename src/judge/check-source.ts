/** The client address that backends saw. */
import { type ExpectationBody, matchesHop } from "../model/expectation.ts";
import { addressMatches } from "./address.ts";
import { requestLabel } from "./join.ts";
import { counted, ending, listed, type Outcome } from "./outcome.ts";
import { faultsAbout, type PhaseEvidence } from "./phase-evidence.ts";

/** Every request that was logged at the backends asked came from an address inside `is`. */
export function checkSource(evidence: PhaseEvidence, { at, is }: ExpectationBody<"source">): Outcome {
	const end = ending(`${at.join(", ")} see ${is}`);
	const asked = (node: string) => at.some((pattern) => matchesHop(pattern, node));
	const faults = [
		...faultsAbout(evidence, "log", evidence.observation.backends.filter(asked)),
		...faultsAbout(evidence, "traffic"),
	];
	if (faults.length > 0) return end.error(listed(faults));
	const seen = (evidence.join?.joined ?? []).filter(({ accept }) => asked(accept.node));
	if (seen.length === 0) return end.error(`no request was logged at ${at.join(", ")}`);
	const wrong = seen.filter(({ accept }) => !addressMatches(accept.peerAddress, is));
	if (wrong.length === 0) return end.pass(`${counted(seen.length, "request")} from ${addresses(seen)}`);
	const named = wrong.map(
		({ request, accept }) => `${accept.node} saw ${accept.peerAddress} for ${requestLabel(request)}`,
	);
	return end.fail(`${wrong.length} of ${seen.length} from elsewhere: ${listed(named)}`);
}

function addresses(seen: readonly { accept: { peerAddress: string } }[]): string {
	return listed([...new Set(seen.map(({ accept }) => accept.peerAddress))]);
}
