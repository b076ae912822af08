/** Phrases about the shape of values: what was expected, and what is nearly right. */
import { isIP } from "node:net";
import type { z } from "zod";
import type { JsonSchema } from "./json-schema.ts";
import { type Path, plain, type ScalarTree, type Tree } from "./tree.ts";
import { listed, show } from "./words.ts";

export type Issue = z.core.$ZodIssue;

/** zod's paths may hold symbols; those of our data never do. */
export function asPath(path: readonly PropertyKey[]): Path {
	return path.map((key) => (typeof key === "symbol" ? String(key) : key));
}

/** A path as the key of a map. */
export function pathKey(path: Path): string {
	return JSON.stringify(path);
}

/** The key a message begins with; for an item of a list the list with the item's number. */
export function keyLabel(path: Path): string {
	const last = path.at(-1);
	if (typeof last !== "number") return String(last ?? "the file");
	return `${String(path.at(-2) ?? "item")}[${last}]`;
}

/** True when the branch of a union wants another type of value altogether. */
export function isOtherType(error: Issue, tree: Tree): boolean {
	if (error.path.length > 0) return false;
	if (error.code === "invalid_type") return true;
	return error.code === "invalid_value" && !error.values.some((value) => typeof value === typeof plain(tree));
}

/** What one branch of a union would have taken, from its complaint. */
export function phraseOf(issue: Issue): string {
	if (issue.code === "invalid_value") return listed(issue.values.map(String), "or");
	if (issue.code === "custom" || issue.code === "invalid_format") {
		return issue.message.replace(/^(is not|must be) /, "").replace(/, e\.g\. (.*)$/, " ($1)");
	}
	return "";
}

/** What a schema takes, in plain words. */
export function typePhrase(schema: JsonSchema): string {
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
export function typeHint(schemas: readonly JsonSchema[], tree: Tree): string | undefined {
	const types = schemas.flatMap((schema) => schema.type ?? []);
	if (tree.kind !== "scalar") return undefined;
	if (types.includes("boolean") && /^(yes|no|on|off)$/i.test(String(tree.value))) {
		return `YAML 1.2 knows only true and false; ${String(tree.value).toLowerCase()} is text`;
	}
	if (types.includes("boolean") && /^["'](true|false)["']$/.test(tree.raw)) return "leave the quotes out";
	const text = quotable(tree);
	const takesText = schemas.some(
		({ type, pattern, enum: words, const: word }) =>
			(type === "string" || (Array.isArray(type) && type.includes("string"))) &&
			!words &&
			word === undefined &&
			new RegExp(pattern ?? "").test(text),
	);
	if (takesText && typeof tree.value !== "string") return `put it in quotes: "${text}"`;
	if ((types.includes("number") || types.includes("integer")) && /^["']/.test(tree.raw)) return "leave the quotes out";
	return undefined;
}

function quotable(tree: ScalarTree): string {
	return /^[\w.:/+-]+$/.test(tree.raw) ? tree.raw : String(tree.value);
}

/** What would make a value right that is nearly so. */
export function formatHint(issue: Issue, tree: Tree): string | undefined {
	const value = plain(tree);
	if (typeof value !== "string") return undefined;
	const isNot = (what: string) => issue.message.includes(`is not a${what}`);
	if (isNot("n address with a prefix") && isIP(value)) {
		return `add the prefix length: "${value}/${isIP(value) === 4 ? 24 : 64}"`;
	}
	if (isNot(" service address") && /^[\d.]+:(\d+|any)$/.test(value)) return `add the protocol: "${value}/tcp"`;
	if (isNot(" MAC address") && /^[0-9a-f]{2}([:-][0-9a-f]{2}){5}$/i.test(value)) {
		return `write it as "${value.toLowerCase().replaceAll("-", ":")}"`;
	}
	return undefined;
}

/** Length, range and format, as far as the model gives no words of its own. */
export function limitText(issue: Issue, path: Path, tree: Tree): string {
	const label = keyLabel(path);
	const value = plain(tree);
	const ownWords = !/^(Too |Invalid )/.test(issue.message);
	if (ownWords)
		return tree.kind === "scalar" ? `${label}: ${show(value)} ${issue.message}` : `${label} ${issue.message}`;
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
