/** YAML syntax tree -> our tree: aliases followed, keys made strings, every place kept. */
import { type Document, isAlias, isMap, isScalar, isSeq, type Node } from "yaml";
import type { Path, ScalarTree, Span, Tree } from "./tree.ts";

/** Values that aliases may add to a file: enough for any hand-written lab, far too few for an alias bomb. */
const MAX_ALIASED_VALUES = 2000;

type Report = (offset: number, message: string, hint?: string) => void;

/** Undefined when the document is empty or an alias bomb. Mistakes in keys and aliases go to `report`. */
export function buildTree(
	document: Document.Parsed,
	text: string,
	spanOf: (offset: number) => Span,
	report: Report,
): Tree | undefined {
	return new TreeBuilder(document, text, spanOf, report).run();
}

class AliasBomb extends Error {}

class TreeBuilder {
	readonly #document: Document.Parsed;
	readonly #text: string;
	readonly #spanOf: (offset: number) => Span;
	readonly #report: Report;
	/** What the aliases under way stand for; a value that comes up in its own alias has no end. */
	readonly #open = new Set<Node>();
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
		if (this.#open.size > 0) this.#count(start);
		if (isMap(node)) return { ...place, kind: "map", entries: this.#entries(node.items, path) };
		if (isSeq(node)) {
			const items = node.items.map((item, index) =>
				this.#build(item as Node | null, [...path, index], undefined, start),
			);
			return { ...place, kind: "list", items };
		}
		return { ...place, kind: "scalar", value: scalarValue(node), start, raw: this.#rawOf(node) };
	}

	#entries(pairs: readonly { key: unknown; value: unknown }[], path: Path): Map<string, Tree> {
		const entries = new Map<string, Tree>();
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
		return entries;
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
		if (!target) {
			this.#report(start, `no anchor &${node.source} stands above the alias *${node.source}`);
			return nothing;
		}
		if (this.#open.has(target)) {
			this.#report(start, `the alias *${node.source} is part of the value it stands for`);
			return nothing;
		}
		this.#open.add(target);
		const tree = this.#build(target, path, key, start);
		this.#open.delete(target);
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
