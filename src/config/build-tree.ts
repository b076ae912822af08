/** YAML syntax tree -> our tree: aliases followed, keys made strings, every place kept. */
import { type Document, isAlias, isMap, isScalar, isSeq, type Node } from "yaml";
import type { MapTree, Path, ScalarTree, Span, Tree } from "./tree.ts";

/** Values that aliases may add to a file: enough for any hand-written lab, far too few for an alias bomb. */
const MAX_ALIASED_VALUES = 2000;

/** Levels of maps and lists; the files have about ten. */
const MAX_DEPTH = 60;

type Report = (offset: number, message: string, hint?: string) => void;

export interface BuiltTree {
	/** Undefined for an alias bomb. */
	tree: Tree | undefined;
	/** Branches that lack something which has been reported; what else seems wrong with them only follows from it. */
	broken: Set<Tree>;
}

/** Mistakes in keys and aliases go to `report`. */
export function buildTree(
	document: Document.Parsed,
	text: string,
	spanOf: (offset: number) => Span,
	report: Report,
): BuiltTree {
	const builder = new TreeBuilder(document, text, spanOf, report);
	return { tree: builder.run(), broken: builder.broken };
}

class AliasBomb extends Error {}

class TreeBuilder {
	readonly #document: Document.Parsed;
	readonly #text: string;
	readonly #spanOf: (offset: number) => Span;
	readonly #report: Report;
	readonly broken = new Set<Tree>();
	/** What is being built; an alias to one of these has no end. */
	readonly #open = new Set<Node>();
	/** Aliases under way. */
	#depth = 0;
	#aliased = 0;

	constructor(document: Document.Parsed, text: string, spanOf: (offset: number) => Span, report: Report) {
		this.#document = document;
		this.#text = text;
		this.#spanOf = spanOf;
		this.#report = report;
	}

	run(): Tree | undefined {
		try {
			return this.#build(this.#document.contents as Node | null, [], undefined, 0);
		} catch (error) {
			if (error instanceof AliasBomb) return undefined;
			throw error;
		}
	}

	#build(node: Node | null, path: Path, key: Span | undefined, fallback: number): Tree {
		const start = node?.range?.[0] ?? fallback;
		const place = { path, ...(key ? { key } : {}), at: this.#spanOf(start) };
		if (isAlias(node)) return this.#follow(node, path, key, start);
		if (this.#depth > 0) this.#count(start);
		if (node) this.#open.add(node);
		const tree = this.#buildValue(node, place, start);
		if (node) this.#open.delete(node);
		return tree;
	}

	#buildValue(node: Node | null, place: Pick<Tree, "path" | "key" | "at">, start: number): Tree {
		const { path } = place;
		if (path.length > MAX_DEPTH && (isMap(node) || isSeq(node))) {
			const tree: ScalarTree = { ...place, kind: "scalar", value: null, start, raw: "" };
			this.broken.add(tree);
			this.#report(start, `is nested too deeply: more than ${MAX_DEPTH} levels`);
			return tree;
		}
		if (isMap(node)) {
			const tree: MapTree = { ...place, kind: "map", entries: new Map() };
			this.#fill(tree, node.items);
			return tree;
		}
		if (isSeq(node)) {
			const items = node.items.map((item, index) =>
				this.#build(item as Node | null, [...path, index], undefined, start),
			);
			return { ...place, kind: "list", items };
		}
		return { ...place, kind: "scalar", value: scalarValue(node), start, raw: this.#rawOf(node) };
	}

	#fill(tree: MapTree, pairs: readonly { key: unknown; value: unknown }[]): void {
		const { entries, path } = tree;
		for (const pair of pairs) {
			const key = pair.key as Node | null;
			const offset = key?.range?.[0] ?? 0;
			if (!isScalar(key)) {
				this.#report(
					offset,
					"a key must be a single word, not a list, a map or an alias",
					'in braces, quote "${name}"',
				);
				continue;
			}
			// A numeric key is a name all the same: `80:` is the key "80".
			const name = typeof key.value === "string" ? key.value : (key.source ?? String(key.value ?? ""));
			if (name === "<<") {
				this.broken.add(tree);
				this.#report(
					offset,
					'merge keys ("<<") are not supported',
					"an anchor may stand for a whole value: steps: *common",
				);
			} else if (name === "__proto__" || name === "") {
				this.#report(offset, `${name === "" ? "an empty key" : `key "${name}"`} is not allowed`);
			} else {
				const child = this.#build(pair.value as Node | null, [...path, name], this.#spanOf(offset), offset);
				if (!entries.has(name)) entries.set(name, child);
			}
		}
	}

	#follow(node: Node & { source: string }, path: Path, key: Span | undefined, start: number): Tree {
		const target = (node as unknown as { resolve(document: Document): Node | undefined }).resolve(this.#document);
		const nothing: ScalarTree = {
			path,
			...(key ? { key } : {}),
			at: this.#spanOf(start),
			kind: "scalar",
			value: null,
			start,
			raw: "",
		};
		this.broken.add(nothing);
		if (!target) {
			this.#report(start, `no anchor &${node.source} stands above the alias *${node.source}`);
			return nothing;
		}
		if (this.#open.has(target)) {
			this.#report(start, `the alias *${node.source} is part of the value it stands for`);
			return nothing;
		}
		this.broken.delete(nothing);
		this.#depth++;
		const tree = this.#build(target, path, key, start);
		this.#depth--;
		return tree;
	}

	#count(start: number): void {
		this.#aliased++;
		if (this.#aliased <= MAX_ALIASED_VALUES) return;
		this.#report(
			start,
			`aliases (*name) repeat too much: more than ${MAX_ALIASED_VALUES} values`,
			"write the values out",
		);
		throw new AliasBomb();
	}

	#rawOf(node: Node | null): string {
		const range = node?.range;
		return range ? this.#text.slice(range[0], range[1]) : "";
	}
}

function scalarValue(node: Node | null): ScalarTree["value"] {
	if (!isScalar(node)) return null;
	const { value } = node;
	if (typeof value === "bigint") return Number(value);
	return typeof value === "string" || typeof value === "number" || typeof value === "boolean" ? value : null;
}
