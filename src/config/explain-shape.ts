/** zod's issues in the words of the author: what is wrong with the shape of a file, and how it should be. */
import { branches, type JsonSchema, schemasAt } from "./json-schema.ts";
import {
	asPath,
	formatHint,
	type Issue,
	isOtherType,
	keyLabel,
	limitText,
	pathKey,
	phraseOf,
	typeHint,
	typePhrase,
} from "./shape-words.ts";
import { closest } from "./suggest.ts";
import { at, type MapTree, nearest, type Path, plain, type Span, type Tree } from "./tree.ts";
import { explainUnknownKey, explainUnknownWord } from "./unknown-word.ts";
import { listed, placeName, show } from "./words.ts";

/** One mistake, and the branch of the tree that cannot be used because of it. */
export interface ShapeProblem {
	path: Path;
	span: Span;
	message: string;
	hint?: string;
	unusable: Tree;
}

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
		const otherTypes = new Set(
			issues.filter(({ code }) => code === "invalid_type").map(({ path }) => pathKey(asPath(path))),
		);
		// A list where text belongs is also "too short" for zod; the wrong type says it all.
		const told = issues.filter(({ code, path }) => code === "invalid_type" || !otherTypes.has(pathKey(asPath(path))));
		return told.flatMap((issue) => this.#one(issue, [...prefix, ...asPath(issue.path)], unknown));
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
		return [
			this.#problem(path, tree, limitText(issue, path, tree), formatHint(issue, tree) ?? this.#descriptionOf(path)),
		];
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
		const message = `key "${path.at(-1)}" ${issue.issues[0]?.message ?? "is not a valid key"}`;
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
		const others = schemasAt(this.#schema, path).flatMap(branches);
		const other = others.filter((schema) => !schema.enum && schema.const === undefined).map(typePhrase);
		const { message, hint } = explainUnknownWord(path, value, values);
		return this.#problem(path, tree, message, other.length > 0 ? `${hint}, or ${listed(other, "or")}` : hint);
	}

	#notExactlyOne(keys: readonly string[], path: Path, tree: Tree, hasUnknownKey: boolean): ShapeProblem[] {
		const given = tree.kind === "map" ? [...tree.entries.keys()].filter((key) => keys.includes(key)) : [];
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
		const message = `${place} has ${listed(given)}; give only one of them`;
		const each = path.length === 2 ? "" : ", each with its id and why";
		const hint = path.at(-2) === "steps" ? `make them steps of their own${each}` : undefined;
		return [this.#problem(path, tree, message, hint, extra?.key)];
	}

	#descriptionOf(path: Path): string | undefined {
		const keyed = typeof path.at(-1) === "number" ? path.slice(0, -1) : path;
		return schemasAt(this.#schema, keyed).find((schema) => schema.description)?.description;
	}
}
