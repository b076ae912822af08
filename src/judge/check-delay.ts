/** How long after the change that was made during the traffic something happened. */
import type { ExpectationBody } from "../model/expectation.ts";
import { fromChange } from "./check-outage.ts";
import { ending, listed, type Outcome } from "./outcome.ts";
import { faultsAbout, type PhaseEvidence } from "./phase-evidence.ts";

/** The command prints a moment on the clock of /proc/uptime, which all nodes share; anything else is an error. */
export function checkDelay(evidence: PhaseEvidence, body: ExpectationBody<"delay">): Outcome {
	const least = body["at-least"] === undefined ? "" : `at least ${body["at-least"]} and `;
	const end = ending(`${least}at most ${body["at-most"]} s after the change`);
	const { changedAt, states } = evidence.observation;
	if (changedAt === undefined) return end.error("no change was made during the traffic");
	const record = states.findLast(({ node, command }) => node === body.at && command === body.run);
	if (!record) return end.error(listed([...faultsAbout(evidence, "state", [body.at]), "the command was not run"]));
	const text = record.output.trim();
	if (record.exitCode !== 0 || !/^\d+(\.\d+)?$/.test(text)) {
		return end.error(`the command printed no time: exit code ${record.exitCode}, "${text.slice(0, 120)}"`);
	}
	const delay = Number(text) - changedAt;
	if (delay < 0) return end.fail(`has not happened since: the last time was ${fromChange(delay)}`);
	const met = delay <= body["at-most"] && delay >= (body["at-least"] ?? 0);
	return met ? end.pass(fromChange(delay)) : end.fail(fromChange(delay));
}
