/** What a command in a node says. */

import type { ExpectationBody } from "../model/expectation.ts";
import type { StateRecord } from "../model/observation.ts";
import { type Ending, ending, listed, type Outcome } from "./outcome.ts";
import { faultsAbout, type PhaseEvidence } from "./phase-evidence.ts";

/** Characters of output that a verdict quotes. */
const QUOTED = 120;

/** Exit codes of a shell that could not run the command. */
const NOT_RUN = [126, 127];

/**
 * Compares the output, white space at both ends left out. In `matches`, `^` and `$` stand for the ends of a line.
 * A command that fails may still tell a state (`grep -c` counts 0), but its silence tells nothing, and a pattern may by chance
 * fit an error message: these are errors.
 */
export function checkState(evidence: PhaseEvidence, is: ExpectationBody<"state">): Outcome {
	const end = ending(is.equals === undefined ? `matches /${is.matches}/` : `says ${quote(is.equals.trim())}`);
	const record = evidence.observation.states.findLast(({ node, command }) => node === is.at && command === is.run);
	if (!record) return end.error(listed([...faultsAbout(evidence, "state", [is.at]), "the command was not run"]));
	return compare(record, is, end);
}

function compare({ output, exitCode }: StateRecord, is: ExpectationBody<"state">, end: Ending): Outcome {
	const text = output.trim();
	const pattern = is.equals === undefined ? regularExpression(is.matches ?? "") : undefined;
	if (is.equals === undefined && !pattern) return end.error(`/${is.matches}/ is not a regular expression`);
	const fits = pattern ? pattern.test(text) : text === is.equals?.trim();
	const failed = exitCode !== 0;
	const observed = failed ? `exit code ${exitCode}: ${quote(text)}` : quote(text);
	if (failed && (NOT_RUN.includes(exitCode) || text === "" || (pattern && fits))) return end.error(observed);
	return fits ? end.pass(observed) : end.fail(observed);
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
