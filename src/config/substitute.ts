/** `${name}` in every string becomes the value of that var. Nothing else is a template: `$VAR` and `$(...)` stay. */
import type { Problem } from "./problem.ts";
import { didYouMean } from "./suggest.ts";
import { at, formatPath, type MapTree, type ScalarTree, type Span, scalars, type Tree } from "./tree.ts";

export type Vars = Record<string, string | number>;

/** `$${` is the escape for a literal `${`; `${` without an end is a mistake. */
const REFERENCE = /\$\$\{|\$\{([^}\n]*)(\}?)/g;
const VAR_NAME = /^[a-z][a-z0-9_-]*$/;

export interface Substitution {
	problems: Problem[];
	/** Values that could not be made; complaining about their shape as well would be noise. */
	poisoned: Set<Tree>;
	vars: Vars;
}

interface Source {
	file: string;
	spanOf(offset: number): Span;
}

/**
 * Substitutes in place, below every key but `vars` itself, whose own values may use the vars above them. Vars of the
 * lab are passed to its scenarios as `given`.
 */
export function substitute(root: MapTree, source: Source, given?: Vars): Substitution {
	const worker = new Substituter(source, given);
	const declared = given ? undefined : root.entries.get("vars");
	if (declared?.kind === "map") worker.declare(declared);
	for (const [key, child] of root.entries) {
		if (key === "vars" && !given) continue;
		for (const scalar of scalars(child)) worker.replace(scalar);
	}
	return worker.result;
}

class Substituter {
	readonly result: Substitution;
	readonly #source: Source;
	/** Vars without a value, because of a mistake that has been reported. */
	readonly #broken = new Set<string>();
	/** Vars of the file, in order, with those not yet declared too. */
	#all: string[];

	constructor(source: Source, given: Vars | undefined) {
		this.#source = source;
		this.result = { problems: [], poisoned: new Set(), vars: { ...given } };
		this.#all = Object.keys(given ?? {});
	}

	declare(declared: MapTree): void {
		this.#all = [...declared.entries.keys()];
		for (const [name, scalar] of declared.entries) {
			if (scalar.kind === "scalar") this.replace(scalar, declared);
			if (scalar.kind !== "scalar" || this.result.poisoned.has(scalar)) this.#broken.add(name);
			else if (typeof scalar.value === "string" || typeof scalar.value === "number") {
				this.result.vars[name] = scalar.numeric ?? scalar.value;
			}
		}
	}

	/** `declared` is given while the vars themselves are worked out. */
	replace(scalar: ScalarTree, declared?: MapTree): void {
		if (typeof scalar.value !== "string" || !scalar.value.includes("${")) return;
		const text = scalar.value;
		const only = /^\$\{([^}\n]*)\}$/.exec(text)?.[1];
		let searchFrom = 0;
		scalar.value = text.replace(REFERENCE, (found: string, name: string | undefined, end: string) => {
			if (name === undefined) return "${";
			const offset = scalar.raw.indexOf(found, searchFrom);
			if (offset >= 0) searchFrom = offset + found.length;
			const value = end === "" ? undefined : this.result.vars[name];
			if (value !== undefined && Object.hasOwn(this.result.vars, name)) return String(value);
			if (this.#broken.has(name)) this.result.poisoned.add(scalar);
			else this.#complain(scalar, offset, this.#explain(name, end, declared, scalar));
			return found;
		});
		const value = only === undefined ? undefined : this.result.vars[only];
		if (typeof value === "number" && !this.result.poisoned.has(scalar)) scalar.numeric = value;
	}

	#explain(name: string, end: string, declared: MapTree | undefined, scalar: ScalarTree): [string, string?] {
		const escapeHint = "for a literal ${ , e.g. in a shell script, write $${";
		if (end === "") return ['"${" without a closing "}"', escapeHint];
		const self = declared && scalar.path.at(-1);
		if (self === name) return [`var "${name}" uses itself`];
		if (declared?.entries.has(name)) {
			return usesBack(declared, name, String(self))
				? [`vars "${self}" and "${name}" use each other`, "break the circle: give one of them a value of its own"]
				: [`var "${self}" uses "${name}", which stands below it`, `move "${name}" above "${self}"`];
		}
		if (!VAR_NAME.test(name)) return [`"\${${name}}" is not the name of a var`, escapeHint];
		const known = this.#all.length > 0 ? `vars: ${this.#all.join(", ")}` : "the lab has no vars";
		return [`unknown var "${name}"${didYouMean(name, this.#all)}`, `${known}; ${escapeHint}`];
	}

	#complain(scalar: ScalarTree, offset: number, [message, hint]: [string, string?]): void {
		this.result.poisoned.add(scalar);
		const span = offset < 0 ? scalar.at : this.#source.spanOf(scalar.start + offset);
		this.result.problems.push({
			where: { file: this.#source.file, ...span },
			path: formatPath(scalar.path),
			message,
			...(hint ? { hint } : {}),
		});
	}
}

/** Whether the value of var `from` leads back to var `to`. */
function usesBack(declared: MapTree, from: string, to: string, seen = new Set<string>()): boolean {
	if (from === to) return true;
	const scalar = at(declared, [from]);
	if (seen.has(from) || scalar?.kind !== "scalar") return false;
	seen.add(from);
	return [...scalar.raw.matchAll(/\$\{([^}\n]*)\}/g)].some((match) => usesBack(declared, match[1] ?? "", to, seen));
}
