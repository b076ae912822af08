/** How messages call places and values of a file. */
import { EXPECTATION_KINDS } from "../model/expectation.ts";
import { at, formatPath, type Path, type Tree, textAt } from "./tree.ts";

/** A value as a message shows it. */
export function show(value: unknown): string {
	if (value === null || value === undefined) return "nothing";
	if (Array.isArray(value)) return value.length === 0 ? "an empty list" : "a list";
	if (typeof value === "object") return "a map (keys and values)";
	if (typeof value !== "string") return String(value);
	const line = value.length > 60 ? `${value.slice(0, 57)}...` : value;
	return JSON.stringify(line);
}

/** `a, b and c` */
export function listed(words: readonly string[], joint: "and" | "or" = "and"): string {
	if (words.length < 2) return words.join("");
	return `${words.slice(0, -1).join(", ")} ${joint} ${words.at(-1)}`;
}

/** `1 request`, `3 requests` */
export function counted(number: number, noun: string): string {
	return `${number} ${noun}${number === 1 ? "" : "s"}`;
}

/** Whether the text has the word, and not only as a part of a longer one. */
export function hasWord(text: string, word: string): boolean {
	const escaped = word.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
	return new RegExp(`(?<![\\w.-])${escaped}(?![\\w-])`).test(text);
}

/** What an author calls the thing at the path, e.g. `interface eth1 of node gw`. */
export function placeName(root: Tree, path: Path): string {
	const [collection, first] = path;
	if (collection === "networks" && path.length >= 2) return within(path, 2, `network ${first}`);
	if (collection === "nodes" && path.length >= 2) return nodePlace(root, path);
	if (collection === "phases" && path.length >= 2) return phasePlace(root, path);
	if (collection === "steps" && path.length >= 2) return lessonPlace(root, path);
	if (path.length > 0) return formatPath(path);
	const has = (...keys: string[]) => root.kind === "map" && keys.some((key) => root.entries.has(key));
	if (has("networks", "nodes")) return "the lab";
	if (has("steps", "healthy")) return "the lesson";
	return has("phases", "intent") ? "the scenario" : "the file";
}

function nodePlace(root: Tree, path: Path): string {
	const [, node, collection, name] = path;
	if (collection === "interfaces" && path.length >= 4) return within(path, 4, `interface ${name} of node ${node}`);
	if (collection === "steps" && path.length >= 4) {
		const id = textAt(root, [...path.slice(0, 4), "id"]);
		return within(path, 4, `step ${id === undefined ? Number(name) + 1 : `"${id}"`} of node ${node}`);
	}
	return within(path, 2, `node ${node}`);
}

function lessonPlace(root: Tree, path: Path): string {
	const id = textAt(root, [...path.slice(0, 2), "id"]);
	return within(path, 2, `step ${id === undefined ? Number(path[1]) + 1 : `"${id}"`}`);
}

function phasePlace(root: Tree, path: Path): string {
	const [, index, part, number] = path;
	const name = textAt(root, [...path.slice(0, 2), "name"]);
	const phase = `phase ${name === undefined ? Number(index) + 1 : `"${name}"`}`;
	if (part !== "expect" || path.length < 4) return within(path, 2, phase);
	const expectation = at(root, path.slice(0, 4));
	const kind = EXPECTATION_KINDS.find((word) => expectation?.kind === "map" && expectation.entries.has(word));
	const place = `${kind ? `the ${kind} check` : `expectation ${Number(number) + 1}`} of ${phase}`;
	return within(path, path[4] === kind ? 5 : 4, place);
}

function within(path: Path, length: number, place: string): string {
	const rest = path.slice(length);
	return rest.length === 0 ? place : `${formatPath(rest)} of ${place}`;
}
