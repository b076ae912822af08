/** What to say about a key that does not belong where it stands. */
import { EXPECTATION_KINDS } from "../model/scenario.ts";
import { STEP_KIND_NAMES } from "../model/step.ts";
import type { JsonSchema } from "./json-schema.ts";
import { closest } from "./suggest.ts";
import type { Path, Tree } from "./tree.ts";
import { placeName } from "./words.ts";

/** Words that other tools use for what has another name here, by the key they are used as. */
const OTHER_WORDS: Record<string, string> = {
	ip: "address",
	ipv4: "address",
	addresses: "address",
	description: "title",
	kind: "driver",
	type: "driver",
	cap_add: "capabilities",
	license: "licence",
	variables: "vars",
	topology: "nodes",
	services: "nodes",
	reason: "why",
	because: "why",
	cmd: "run",
	command: "run",
	exec: "run",
	shell: "run",
	hping: "nc",
	http: "curl",
	url: "curl",
	requests: "count",
	expectations: "expect",
};

/** Message and hint for an unknown key of the map at `path`, to which `schemas` apply. */
export function explainUnknownKey(
	root: Tree,
	path: Path,
	key: string,
	schemas: readonly JsonSchema[],
): { message: string; hint: string } {
	const known = [...new Set(schemas.flatMap((schema) => Object.keys(schema.properties ?? {})))];
	const other = OTHER_WORDS[key];
	const meant = closest(key, known) ?? (other !== undefined && known.includes(other) ? other : undefined);
	const guess = meant === undefined ? "" : `; did you mean "${meant}"?`;
	const [what, kinds] = kindsOf(path);
	if (kinds && (meant === undefined || kinds.includes(meant))) {
		return {
			message: `unknown ${what} "${key}" in ${placeName(root, path)}${guess}`,
			hint: `known: ${kinds.join(", ")}`,
		};
	}
	return { message: `unknown key "${key}" in ${placeName(root, path)}${guess}`, hint: `known: ${known.join(", ")}` };
}

function kindsOf(path: Path): [string, (readonly string[])?] {
	if (path.length === 4 && path[0] === "nodes" && path[2] === "steps") return ["step kind", STEP_KIND_NAMES];
	if (path.length === 4 && path[0] === "phases" && path[2] === "expect")
		return ["kind of expectation", EXPECTATION_KINDS];
	return [""];
}
