/**
 * Text that is YAML -> a value of the model's type. What is wrong is reported; what remains usable goes on to the checks
 * of meaning, so that an author sees those mistakes in the same go.
 */
import type { z } from "zod";
import { ShapeExplainer, type ShapeProblem } from "./explain-shape.ts";
import type { JsonSchema } from "./json-schema.ts";
import type { Problem } from "./problem.ts";
import type { Issue } from "./shape-words.ts";
import { at, formatPath, type MapTree, type Path, plain, prune, scalars, type Tree } from "./tree.ts";

export interface Shape<T> {
	/** Undefined when too little is left to judge its meaning. */
	value: T | undefined;
	/** The tree that `value` was made from. */
	tree: MapTree;
	/** Branches of the file that `value` lacks because they are wrong. */
	lost: Tree[];
	problems: Problem[];
}

/** Stands in for required keys of the whole file that are missing, so that the rest can still be judged. */
export type Fallback = Record<string, unknown>;

/** Each round drops what the round before found wrong; a dropped part may make its parent wrong in turn. */
const MAX_ROUNDS = 12;

export function checkShape<T>(
	schema: z.ZodType<T>,
	words: JsonSchema,
	file: string,
	root: MapTree,
	poisoned: ReadonlySet<Tree>,
	fallback: Fallback,
): Shape<T> {
	takeNumbers(schema, root);
	let tree: MapTree = root;
	const lost: Tree[] = [];
	const problems: Problem[] = [];
	for (let round = 0; round < MAX_ROUNDS; round++) {
		const parsed = schema.safeParse(round === 0 ? plain(tree) : { ...fallback, ...(plain(tree) as object) });
		const unusable = new Set<Tree>(round === 0 ? poisoned : []);
		if (parsed.success && unusable.size === 0) return { value: parsed.data, tree, lost, problems };
		const found = new ShapeExplainer(tree, words).explain(parsed.error?.issues ?? []);
		if (round === 0) problems.push(...toProblems(found, file, poisoned));
		for (const problem of found) unusable.add(problem.unusable);
		const dropped = new Set([...unusable].filter((branch) => branch !== tree));
		if (round > 0 && dropped.size === 0) break;
		lost.push(...dropped);
		const rest = prune(tree, dropped);
		if (rest?.kind !== "map") break;
		tree = rest;
	}
	return { value: undefined, tree, lost, problems };
}

/** Where a number is wanted, a value that is exactly `${n}` of a number var is taken as the number. */
function takeNumbers(schema: z.ZodType, root: MapTree): void {
	const candidates = [...scalars(root)].filter((scalar) => scalar.numeric !== undefined);
	if (candidates.length === 0) return;
	const issues = schema.safeParse(plain(root)).error?.issues ?? [];
	const wrong = new Set(issues.flatMap((issue) => pathsOf(issue, [])).map((path) => at(root, path)));
	for (const scalar of candidates) {
		if (wrong.has(scalar) && scalar.numeric !== undefined) scalar.value = scalar.numeric;
	}
}

function pathsOf(issue: Issue, prefix: Path): Path[] {
	const path = [...prefix, ...(issue.path as (string | number)[])];
	const inner = issue.code === "invalid_union" ? issue.errors.flat().flatMap((error) => pathsOf(error, path)) : [];
	return [path, ...inner];
}

/** Without those that only follow from others: an empty message, or a value that could not be made for want of a var. */
function toProblems(found: readonly ShapeProblem[], file: string, poisoned: ReadonlySet<Tree>): Problem[] {
	return found
		.filter(({ message, unusable }) => message !== "" && !poisoned.has(unusable))
		.map(({ path, span, message, hint }) => ({
			where: { file, ...span },
			path: formatPath(path),
			message,
			...(hint ? { hint } : {}),
		}));
}
