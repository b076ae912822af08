/** Collects what the checks of meaning find, with its place in the file. */
import type { Problem } from "./problem.ts";
import { didYouMean } from "./suggest.ts";
import { at, formatPath, type MapTree, nearest, type Path, scalars, type Tree } from "./tree.ts";
import { hasWord } from "./words.ts";

export class Report {
	readonly problems: Problem[] = [];
	readonly tree: MapTree;
	readonly #file: string;
	readonly #lost: readonly Tree[];
	#lostText: string | undefined;
	#variant = "";

	/** `lost` are the branches of the file that the checks do not see, as their shape is wrong. */
	constructor(file: string, tree: MapTree, lost: readonly Tree[]) {
		this.#file = file;
		this.tree = tree;
		this.#lost = lost;
	}

	/** A mistake in the value at the path. */
	add(path: Path, message: string, hint?: string): void {
		const found = nearest(this.tree, path);
		this.#push(found, found.at, message, hint);
	}

	/** A mistake in the key at the path, or in the thing as a whole. */
	addAtKey(path: Path, message: string, hint?: string): void {
		const found = nearest(this.tree, path);
		this.#push(found, found.key ?? found.at, message, hint);
	}

	/** Something that should be there is not. Unsaid while a part of `scope` is unreadable: it may be in there. */
	absent(path: Path, message: string, hint?: string, scope: Path = path): void {
		if (!this.isLostBelow(scope)) this.addAtKey(path, message, hint);
	}

	/** A name that stands for nothing, with the known ones. Unsaid when an unreadable part of the file has the name. */
	unknown(path: Path, what: string, name: string, known: readonly string[], where = ""): void {
		if (this.isLost(name)) return;
		const hint = known.length > 0 ? `known: ${known.join(", ")}` : undefined;
		this.add(path, `unknown ${what} "${name}"${where}${didYouMean(name, known)}`, hint);
	}

	/** Whether an unreadable part of the file mentions the name. */
	isLost(name: string): boolean {
		this.#lostText ??= this.#lost.flatMap(wordsOf).join("\n");
		return hasWord(this.#lostText, name);
	}

	/** Whether some of what stands below the path is unreadable. */
	isLostBelow(path: Path): boolean {
		// Items of a list keep the numbers they have in the file.
		const original = at(this.tree, path)?.path ?? path;
		return this.#lost.some((tree) => original.every((key, index) => tree.path[index] === key));
	}

	/** Checks a variant of what was checked before: what was said already is not said again, and new mistakes are said to be its. */
	inVariant(name: string, check: () => void): void {
		this.#variant = name;
		try {
			check();
		} finally {
			this.#variant = "";
		}
	}

	#push(found: Tree, span: { line: number; column: number }, message: string, hint?: string): void {
		const where = { file: this.#file, ...span };
		const path = formatPath(found.path);
		const told = this.problems.some((problem) => problem.path === path && problem.message === message);
		if (told && this.#variant !== "") return;
		const text = this.#variant === "" ? message : `${this.#variant}: ${message}`;
		this.problems.push({ where, path, message: text, ...(hint ? { hint } : {}) });
	}
}

function wordsOf(tree: Tree): string[] {
	const own = tree.path.map(String);
	const keys = tree.kind === "map" ? [...tree.entries].flatMap(([key, child]) => [key, ...wordsOf(child)]) : [];
	const items = tree.kind === "list" ? tree.items.flatMap(wordsOf) : [];
	return [...own.slice(-1), ...keys, ...items, ...[...scalars(tree)].map((scalar) => String(scalar.value))];
}
