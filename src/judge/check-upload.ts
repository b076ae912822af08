/** Uploaded files against what the backends stored. */
import { requestLabel } from "./join.ts";
import { ending, listed, type Outcome } from "./outcome.ts";
import { faultsAbout, type PhaseEvidence } from "./phase-evidence.ts";

/** Every request's SHA-256 is that of the file its backend stored. */
export function checkUpload(evidence: PhaseEvidence): Outcome {
	const { requests } = evidence;
	const end = ending("every upload arrives intact");
	const faults = [...faultsAbout(evidence, "log"), ...faultsAbout(evidence, "traffic")];
	if (faults.length > 0) return end.error(listed(faults));
	const unsent = requests.find((request) => request.digest === undefined);
	if (unsent) return end.error(`${requestLabel(unsent)} has no digest: nothing was uploaded`);
	const joined = evidence.join?.joined ?? [];
	if (joined.length === 0) return end.error("no upload was logged");
	const arrived = new Map(joined.map(({ request, accept }) => [request.token, accept]));
	const problems = requests.flatMap((request) => {
		const accept = arrived.get(request.token);
		if (!accept) return [`${requestLabel(request)} did not arrive`];
		if (accept.digest === undefined) return [`${requestLabel(request)} was not stored at ${accept.node}`];
		return accept.digest === request.digest ? [] : [`${requestLabel(request)} differs at ${accept.node}`];
	});
	const intact = `${requests.length - problems.length} of ${requests.length} intact`;
	return problems.length === 0 ? end.pass(intact) : end.fail(`${intact}; ${listed(problems)}`);
}
