/** What a command in a node says. */
import type { StateRecord } from "../model/observation.ts";
import type { ExpectationBody } from "../model/scenario.ts";
import { type Ending, ending, listed, type Outcome } from "./outcome.ts";
import { faultsAbout, type PhaseEvidence } from "./phase-evidence.ts";

/** Characters of output that a verdict quotes. */
const QUOTED = 120;

/**
 * Compares the output, white space at both ends left out. In `matches`, `^` and `$` stand for the ends of a line.
 * A command that fails is an error whatever it prints: an empty output may mean anything then.
 */
export function checkState(evidence: PhaseEvidence, is: ExpectationBody<"state">): Outcome {
	const end = ending(is.equals === undefined ? `matches /${is.matches}/` : `says ${quote(is.equals.trim())}`);
	const record = evidence.observation.states.findLast(({ node, command }) => node === is.at && command === is.run);
	if (!record) return end.error(listed([...faultsAbout(evidence, "state", [is.at]), "the command was not run"]));
	if (record.exitCode !== 0) return end.error(`exit code ${record.exitCode}: ${quote(record.output.trim())}`);
	return compare(record, is, end);
}

function compare({ output }: StateRecord, { equals, matches }: ExpectationBody<"state">, end: Ending): Outcome {
	const text = output.trim();
	if (equals !== undefined) return text === equals.trim() ? end.pass(quote(text)) : end.fail(quote(text));
	const pattern = regularExpression(matches ?? "");
	if (!pattern) return end.error(`/${matches}/ is not a regular expression`);
	return pattern.test(text) ? end.pass(quote(text)) : end.fail(quote(text));
}

function regularExpression(source: string): RegExp | undefined {
	try {
		return new RegExp(source, "m");
	} catch {
		return undefined;
	}
}

function quote(text: string): string {
	const line = text.replaceAll(/\s*\n\s*/g, " | ");
	return `"${line.length > QUOTED ? `${line.slice(0, QUOTED)}...` : line}"`;
}
