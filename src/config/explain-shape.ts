/** zod's issues in the words of the author: what is wrong with the shape of a file, and how it should be. */
import type { z } from "zod";
import { branches, type JsonSchema, schemasAt } from "./json-schema.ts";
import { closest } from "./suggest.ts";
import { at, type MapTree, nearest, type Path, plain, type ScalarTree, type Span, type Tree } from "./tree.ts";
import { explainUnknownKey } from "./unknown-key.ts";
import { listed, placeName, show } from "./words.ts";

export type Issue = z.core.$ZodIssue;

/** One mistake, and the branch of the tree that cannot be used because of it. */
export interface ShapeProblem {
	path: Path;
	span: Span;
	message: string;
	hint?: string;
	unusable: Tree;
}

/** What kind of name an enumerated key holds, where the key does not say it. */
const NOUNS: Record<string, string> = {
	requires: "kernel feature",
	capabilities: "capability",
	programs: "program",
};

/** Other names under which people know the kernel features. */
const FEATURE_ALIASES: Record<string, string> = {
	ipvs: "ip_vs",
	lvs: "ip_vs",
	rr: "ip_vs_rr",
	wrr: "ip_vs_wrr",
	wlc: "ip_vs_wlc",
	ipset: "ip_set",
	nat: "nf_nat",
	statistic: "xt_statistic",
	tunl0: "ipip",
	bpf: "xdp",
	ebpf: "xdp",
	docker: "privileged",
	dind: "privileged",
};

export class ShapeExplainer {
	readonly #root: MapTree;
	readonly #schema: JsonSchema;

	constructor(root: MapTree, schema: JsonSchema) {
		this.#root = root;
		this.#schema = schema;
	}

	/** All issues as problems; those that only follow from another one are left out. */
	explain(issues: readonly Issue[]): ShapeProblem[] {
		return this.#explainAt(issues, []);
	}

	#explainAt(issues: readonly Issue[], prefix: Path): ShapeProblem[] {
		const unknown = new Map<string, string[]>();
		for (const issue of issues) {
			if (issue.code === "unrecognized_keys") unknown.set(pathKey([...prefix, ...asPath(issue.path)]), issue.keys);
		}
		return issues.flatMap((issue) => this.#one(issue, [...prefix, ...asPath(issue.path)], unknown));
	}

	#one(issue: Issue, path: Path, unknown: ReadonlyMap<string, string[]>): ShapeProblem[] {
		if (issue.code === "unrecognized_keys") return this.#unknownKeys(issue.keys, path);
		const tree = at(this.#root, path);
		if (!tree) return this.#missing(path, unknown.get(pathKey(path.slice(0, -1))) ?? []);
		if (issue.code === "invalid_key") return this.#badKey(issue, path, tree);
		if (tree.kind === "scalar" && tree.value === null) {
			return [this.#problem(path, tree, `"${path.at(-1)}" has no value`, this.#descriptionOf(path))];
		}
		if (issue.code === "invalid_union") return this.#union(issue, path, tree);
		if (issue.code === "invalid_type") return [this.#wrongType(path, tree)];
		if (issue.code === "invalid_value") return [this.#wrongWord(issue.values.map(String), path, tree)];
		const exactlyOne = issue.code === "custom" ? issue.params?.exactlyOne : undefined;
		if (Array.isArray(exactlyOne)) {
			return this.#notExactlyOne(exactlyOne, path, tree, (unknown.get(pathKey(path)) ?? []).length > 0);
		}
		return [this.#problem(path, tree, limitText(issue, path, tree), this.#descriptionOf(path))];
	}

	#problem(path: Path, tree: Tree, message: string, hint?: string, span?: Span): ShapeProblem {
		return { path, span: span ?? tree.at, message, unusable: tree, ...(hint ? { hint } : {}) };
	}

	#unknownKeys(keys: readonly string[], path: Path): ShapeProblem[] {
		const schemas = schemasAt(this.#schema, path).flatMap(branches);
		return keys.flatMap((key) => {
			const tree = at(this.#root, [...path, key]);
			if (!tree) return [];
			const { message, hint } = explainUnknownKey(this.#root, path, key, schemas);
			return this.#problem([...path, key], tree, message, hint, tree.key);
		});
	}

	#missing(path: Path, unknownKeys: readonly string[]): ShapeProblem[] {
		const key = String(path.at(-1));
		const parent = nearest(this.#root, path.slice(0, -1));
		// The mistyped key has been reported with this very key as its correction.
		if (unknownKeys.some((word) => closest(word, [key]) === key)) return [{ ...this.#problem(path, parent, "") }];
		const message = `missing "${key}" in ${placeName(this.#root, path.slice(0, -1))}`;
		return [this.#problem(path, parent, message, this.#descriptionOf(path), parent.key)];
	}

	#badKey(issue: Extract<Issue, { code: "invalid_key" }>, path: Path, tree: Tree): ShapeProblem[] {
		const message = `"${path.at(-1)}" ${issue.issues[0]?.message ?? "is not a valid key"}`;
		const hint = String(path.at(-1)).includes("${") ? "vars are replaced in values, not in keys" : undefined;
		return [this.#problem(path, tree, message, hint, tree.key)];
	}

	#union(issue: Extract<Issue, { code: "invalid_union" }>, path: Path, tree: Tree): ShapeProblem[] {
		const fitting = issue.errors.filter((errors) => !errors.some((error) => isOtherType(error, tree)));
		const [only] = fitting;
		if (only && fitting.length === 1) {
			return this.#explainAt(only, path).map((problem) => ({ ...problem, unusable: tree }));
		}
		if (fitting.length === 0) return [this.#wrongType(path, tree)];
		const phrases = fitting.flatMap((errors) => errors.map(phraseOf).filter((phrase) => phrase !== ""));
		const message = `${keyLabel(path)}: expected ${listed([...new Set(phrases)], "or")}, got ${show(plain(tree))}`;
		return [this.#problem(path, tree, message, this.#descriptionOf(path))];
	}

	#wrongType(path: Path, tree: Tree): ShapeProblem {
		const schemas = schemasAt(this.#schema, path).flatMap(branches);
		const expected = [...new Set(schemas.map(typePhrase))];
		const message = `${keyLabel(path)}: expected ${listed(expected, "or")}, got ${show(plain(tree))}`;
		return this.#problem(path, tree, message, typeHint(schemas, tree) ?? this.#descriptionOf(path));
	}

	#wrongWord(values: readonly string[], path: Path, tree: Tree): ShapeProblem {
		const value = plain(tree);
		if (typeof value !== "string") return this.#wrongType(path, tree);
		const key = String(path.findLast((part) => typeof part === "string"));
		const meant = closest(value, values) ?? (key === "requires" ? FEATURE_ALIASES[value.toLowerCase()] : undefined);
		const guess = meant === undefined ? "" : `; did you mean "${meant}"?`;
		const message = `unknown ${NOUNS[key] ?? key} ${show(value)}${guess}`;
		return this.#problem(path, tree, message, `known: ${values.join(", ")}`);
	}

	#notExactlyOne(keys: readonly string[], path: Path, tree: Tree, hasUnknownKey: boolean): ShapeProblem[] {
		const given = keys.filter((key) => tree.kind === "map" && tree.entries.has(key));
		const place = placeName(this.#root, path);
		// An unknown key is most likely the mistyped kind, and has been reported.
		if (given.length === 0 && hasUnknownKey) return [this.#problem(path, tree, "")];
		const what = path.at(-2) === "steps" || path.at(-2) === "expect" ? "kind" : "such key";
		const choice = listed(keys, "or");
		if (given.length === 0) {
			const message = what === "kind" ? `${place} has no kind` : `${place} needs ${choice}`;
			return [this.#problem(path, tree, message, what === "kind" ? `give exactly one of ${choice}` : undefined)];
		}
		const extra = given[1] === undefined ? undefined : at(tree, [given[1]]);
		const message = `${place} has ${listed(given)}, but only one of them can be`;
		const hint = path.at(-2) === "steps" ? "make them steps of their own, each with its id and why" : undefined;
		return [this.#problem(path, tree, message, hint, extra?.key)];
	}

	#descriptionOf(path: Path): string | undefined {
		const last = path.at(-1);
		const named = schemasAt(this.#schema, path).find((schema) => schema.description);
		return named && typeof last === "string" ? `${last}: ${named.description}` : undefined;
	}
}

function asPath(path: readonly PropertyKey[]): Path {
	return path.map((key) => (typeof key === "symbol" ? String(key) : key));
}

function pathKey(path: Path): string {
	return JSON.stringify(path);
}

/** The key a message begins with; for an item of a list the list with the item's number. */
function keyLabel(path: Path): string {
	const last = path.at(-1);
	if (typeof last !== "number") return String(last ?? "the file");
	return `${String(path.at(-2) ?? "item")}[${last}]`;
}

/** True when the branch of a union wants another type of value altogether. */
function isOtherType(error: Issue, tree: Tree): boolean {
	if (error.path.length > 0) return false;
	if (error.code === "invalid_type") return true;
	return error.code === "invalid_value" && !error.values.some((value) => typeof value === typeof plain(tree));
}

/** What one branch of a union would have taken, from its complaint. */
function phraseOf(issue: Issue): string {
	if (issue.code === "invalid_value") return listed(issue.values.map(String), "or");
	if (issue.code === "custom" || issue.code === "invalid_format") {
		return issue.message.replace(/^(is not|must be) /, "").replace(/, e\.g\. (.*)$/, " ($1)");
	}
	return "";
}

function typePhrase(schema: JsonSchema): string {
	if (schema.enum) return listed(schema.enum.map(String), "or");
	if (schema.const !== undefined) return String(schema.const);
	const names: Record<string, string> = {
		string: "text",
		number: "a number",
		integer: "a whole number",
		boolean: "true or false",
		array: "a list",
		object: "a map (keys and values)",
	};
	return listed(
		[schema.type ?? []].flat().map((type) => names[type] ?? type),
		"or",
	);
}

/** Mistakes that come from YAML itself. */
function typeHint(schemas: readonly JsonSchema[], tree: Tree): string | undefined {
	const types = schemas.flatMap((schema) => schema.type ?? []);
	if (tree.kind !== "scalar") return undefined;
	if (types.includes("boolean") && /^(yes|no|on|off)$/i.test(String(tree.value))) {
		return `YAML 1.2 knows only true and false; ${String(tree.value).toLowerCase()} is text`;
	}
	if (types.includes("string") && typeof tree.value !== "string") return `put it in quotes: "${quotable(tree)}"`;
	if ((types.includes("number") || types.includes("integer")) && /^["']/.test(tree.raw)) return "leave the quotes out";
	return undefined;
}

function quotable(tree: ScalarTree): string {
	return /^[\w.:/+-]+$/.test(tree.raw) ? tree.raw : String(tree.value);
}

/** Length, range and format, as far as the model gives no words of its own. */
function limitText(issue: Issue, path: Path, tree: Tree): string {
	const label = keyLabel(path);
	const value = plain(tree);
	const ownWords = !/^(Too |Invalid )/.test(issue.message);
	if (ownWords) return `${tree.kind === "scalar" ? show(value) : `"${label}"`} ${issue.message}`;
	if (issue.code === "too_small" && issue.origin === "number") {
		return `${label}: must be ${issue.inclusive ? "at least" : "more than"} ${issue.minimum}, got ${show(value)}`;
	}
	if (issue.code === "too_big" && issue.origin === "number") {
		return `${label}: must be ${issue.inclusive ? "at most" : "less than"} ${issue.maximum}, got ${show(value)}`;
	}
	if (issue.code === "too_small") {
		const empty = tree.kind === "list" ? "is an empty list" : "is empty";
		if (issue.minimum === 1) return `${label} ${empty}`;
		return `${label}: ${show(value)} is too short, at least ${issue.minimum} ${tree.kind === "list" ? "items" : "characters"}`;
	}
	if (issue.code === "too_big") return `${label} is too long: at most ${issue.maximum} characters`;
	return `${label}: ${show(value)} is not valid`;
}
