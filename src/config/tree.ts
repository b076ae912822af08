/** A YAML document as plain data in which every key and value knows its place in the file. */
import type { Where } from "../model/error.ts";

export type Path = readonly (string | number)[];

/** Lines and columns count from 1. */
export interface Span {
	line: number;
	column: number;
}

interface Place {
	path: Path;
	/** Where the key is that this is the value of. */
	key?: Span;
	/** Where the value starts. */
	at: Span;
}

export interface ScalarTree extends Place {
	kind: "scalar";
	value: string | number | boolean | null;
	/** As typed in the file, quotes and all. */
	raw: string;
	/** Offset of `raw` in the file. */
	start: number;
	/** Set by substitution: the value is exactly one number var, so it may serve as a number too. */
	numeric?: number;
}

export interface MapTree extends Place {
	kind: "map";
	entries: Map<string, Tree>;
}

export interface ListTree extends Place {
	kind: "list";
	items: Tree[];
}

export type Tree = ScalarTree | MapTree | ListTree;

/** The plain value, as JSON would have it. */
export function plain(tree: Tree): unknown {
	if (tree.kind === "scalar") return tree.value;
	if (tree.kind === "list") return tree.items.map(plain);
	return Object.fromEntries([...tree.entries].map(([key, child]) => [key, plain(child)]));
}

/** The child under a key or index. */
export function childOf(tree: Tree | undefined, key: string | number): Tree | undefined {
	if (tree?.kind === "map") return tree.entries.get(String(key));
	if (tree?.kind === "list" && typeof key === "number") return tree.items[key];
	return undefined;
}

/** What is at the path, or undefined. */
export function at(tree: Tree, path: Path): Tree | undefined {
	return path.reduce<Tree | undefined>((current, key) => childOf(current, key), tree);
}

/** What is at the path, or the nearest thing above it that exists. */
export function nearest(tree: Tree, path: Path): Tree {
	let current = tree;
	for (const key of path) {
		const child = childOf(current, key);
		if (!child) break;
		current = child;
	}
	return current;
}

/** The text of a scalar at the path, for use in messages. */
export function textAt(tree: Tree, path: Path): string | undefined {
	const found = at(tree, path);
	return found?.kind === "scalar" && found.value !== null ? String(found.value) : undefined;
}

/** All scalars below, in order. */
export function* scalars(tree: Tree): Generator<ScalarTree> {
	if (tree.kind === "scalar") yield tree;
	else for (const child of tree.kind === "list" ? tree.items : tree.entries.values()) yield* scalars(child);
}

/** The tree without the given branches; undefined when the root is one of them. */
export function prune(tree: Tree, dropped: ReadonlySet<Tree>): Tree | undefined {
	if (dropped.has(tree)) return undefined;
	if (tree.kind === "scalar") return tree;
	if (tree.kind === "list") {
		return { ...tree, items: tree.items.flatMap((item) => prune(item, dropped) ?? []) };
	}
	const entries = new Map<string, Tree>();
	for (const [key, child] of tree.entries) {
		const kept = prune(child, dropped);
		if (kept) entries.set(key, kept);
	}
	return { ...tree, entries };
}

/** `nodes.gw.steps[0].why` */
export function formatPath(path: Path): string {
	return path.reduce<string>((text, key) => {
		if (typeof key === "number") return `${text}[${key}]`;
		return text === "" ? key : `${text}.${key}`;
	}, "");
}

/** Finds the place of a piece of data again after loading. */
export interface Positions {
	/** Place of the value at the path, or of what is nearest above it. */
	whereOf(path: Path): Where;
}

export function positionsOf(file: string, tree: Tree): Positions {
	return { whereOf: (path) => ({ file, ...nearest(tree, path).at }) };
}
