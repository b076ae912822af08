/** Values for vars of a lab from outside the file (`--set`). */
import { LabError } from "../model/error.ts";
import type { Vars } from "./substitute.ts";
import { didYouMean } from "./suggest.ts";
import type { MapTree } from "./tree.ts";

/** Puts the values in place of those in the file, where a number stays one. Throws a LabError for what is no var of the lab. */
export function setVars(root: MapTree, given: Vars): void {
	const vars = root.entries.get("vars");
	const known = vars?.kind === "map" ? vars.entries : new Map<string, never>();
	for (const [name, value] of Object.entries(given)) {
		const entry = known.get(name);
		if (entry?.kind !== "scalar") {
			const names = [...known.keys()];
			throw new LabError("input", `--set ${name}=${value}: the lab has no var "${name}"${didYouMean(name, names)}`, {
				code: "unknown-var",
				hint: names.length > 0 ? `Its vars: ${names.join(", ")}` : "It has no vars at all.",
			});
		}
		const number = typeof entry.value === "number" && value !== "" && Number.isFinite(Number(value));
		entry.value = number ? Number(value) : String(value);
	}
}
