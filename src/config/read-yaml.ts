/** File -> YAML document -> tree with positions. Says everything that is wrong with the text, not only the first thing. */
import { type Document, LineCounter, parseDocument, type YAMLError } from "yaml";
import { buildTree } from "./build-tree.ts";
import { diskFiles, type Files, shownPath } from "./files.ts";
import { type Outcome, type Problem, sortProblems } from "./problem.ts";
import type { MapTree, Span } from "./tree.ts";

/** Largest file that is read. The documents these files describe are a few kilobytes. */
export const MAX_FILE_BYTES = 1024 * 1024;

export interface YamlFile {
	/** As shown in messages. */
	file: string;
	root: MapTree;
	spanOf(offset: number): Span;
	/** Mistakes after which the rest of the file could still be read, e.g. a duplicate key. */
	problems: Problem[];
}

/** Reads a file whose content must be one YAML map. */
export function readYaml(path: string, files: Files = diskFiles): Outcome<YamlFile> {
	const file = shownPath(path, files);
	const fail = (message: string, hint?: string, span?: Span): Outcome<YamlFile> => ({
		ok: false,
		problems: [{ where: { file, ...span }, path: "", message, ...(hint ? { hint } : {}) }],
	});
	let bytes: Uint8Array;
	try {
		const stat = files.stat(path);
		if (!stat) return fail("no such file");
		if (stat.kind !== "file") return fail(stat.kind === "directory" ? "is a directory, not a file" : "is not a file");
		if (stat.size > MAX_FILE_BYTES) return fail(...tooBig(stat.size));
		bytes = files.read(path);
	} catch (cause) {
		return fail(`cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`);
	}
	if (bytes.byteLength > MAX_FILE_BYTES) return fail(...tooBig(bytes.byteLength));
	const text = decode(bytes);
	if (text === undefined) {
		return fail("is not UTF-8 text", "save the file as UTF-8; a compressed or binary file cannot be a lab");
	}
	return parseText(text, file);
}

/** Parses text that was read from `file`. */
export function parseText(text: string, file: string): Outcome<YamlFile> {
	const lines = new LineCounter();
	const spanOf = (offset: number): Span => {
		const { line, col } = lines.linePos(offset);
		return { line: Math.max(1, line), column: Math.max(1, col) };
	};
	const problem = (offset: number, message: string, hint?: string): Problem => ({
		where: { file, ...spanOf(offset) },
		path: "",
		message,
		...(hint ? { hint } : {}),
	});
	const nul = text.indexOf("\0");
	if (nul >= 0) {
		parseDocument(text.slice(0, nul), { lineCounter: lines });
		return { ok: false, problems: [problem(nul, "a NUL character is in the text: this is not a text file")] };
	}
	let document: Document.Parsed;
	try {
		document = parseDocument(text, { lineCounter: lines, prettyErrors: false, version: "1.2", merge: false });
	} catch (cause) {
		if (!(cause instanceof RangeError)) throw cause;
		return { ok: false, problems: [{ where: { file }, path: "", message: "is nested too deeply to be read" }] };
	}
	const soft: Problem[] = [];
	const hard: Problem[] = [];
	for (const error of [...document.errors, ...document.warnings]) {
		const [message, hint] = explainSyntax(error, text);
		(error.code === "DUPLICATE_KEY" ? soft : hard).push(problem(error.pos[0], message, hint));
	}
	if (hard.length > 0) return { ok: false, problems: sortProblems([...hard, ...soft]) };
	const directive = document.directives?.yaml;
	if (directive?.explicit && directive.version !== "1.2") {
		return { ok: false, problems: [problem(0, "must be YAML 1.2", "leave the %YAML line out")] };
	}
	const tree = buildTree(document, text, spanOf, (offset, message, hint) => soft.push(problem(offset, message, hint)));
	if (!tree || (tree.kind === "scalar" && tree.value === null)) {
		return { ok: false, problems: [...soft, ...(soft.length > 0 ? [] : [problem(0, "the file is empty")])] };
	}
	if (tree.kind !== "map") {
		const found = tree.kind === "list" ? "a list" : "a single value";
		const message = `the file must hold keys and values such as "name: ...", but holds ${found}`;
		return { ok: false, problems: [...soft, { where: { file, ...tree.at }, path: "", message }] };
	}
	return { ok: true, file, root: tree, spanOf, problems: soft };
}

function tooBig(size: number): [string, string] {
	return [
		`is too big: ${(size / 1024 / 1024).toFixed(1)} MiB, the limit is ${MAX_FILE_BYTES / 1024 / 1024} MiB`,
		"lab and scenario files hold descriptions; put data into a file of its own",
	];
}

function decode(bytes: Uint8Array): string | undefined {
	try {
		return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
	} catch {
		return undefined;
	}
}

/** The library's messages are for programmers; the frequent ones get words of our own. */
function explainSyntax(error: YAMLError, text: string): [message: string, hint?: string] {
	switch (error.code) {
		case "DUPLICATE_KEY":
			return [
				`key "${keyAt(text, error.pos[0])}" is given twice in the same place`,
				"the second one would silently win; remove or rename one of them",
			];
		case "TAB_AS_INDENT":
			return ["a tab is used as indentation", "YAML takes spaces only"];
		case "MULTIPLE_DOCS":
			return ["a second document starts here", "one file holds one document; remove the --- line or split the file"];
		case "BAD_INDENT":
			return [`wrong indentation: ${lowerFirst(error.message)}`, "what belongs together starts in the same column"];
		case "MISSING_CHAR":
			return [`a character is missing: ${lowerFirst(error.message)}`];
		case "BLOCK_AS_IMPLICIT_KEY":
			return ["a map starts in the middle of a line", 'a value that holds ": " must stand in quotes'];
		case "MULTILINE_IMPLICIT_KEY":
			return ["a key must be on one line and be followed by a colon", 'write "key: value"'];
		case "TAG_RESOLVE_FAILED":
			return [
				`a tag (!...) is not understood here: ${lowerFirst(error.message)}`,
				"leave the tag out, or quote the value",
			];
		default:
			return [`not valid YAML: ${lowerFirst(error.message)}`];
	}
}

function lowerFirst(text: string): string {
	return text.charAt(0).toLowerCase() + text.slice(1);
}

function keyAt(text: string, offset: number): string {
	const line = text.slice(offset, offset + 200);
	return (/^"([^"\n]*)"|^'([^'\n]*)'|^([^:,}\n]+)/.exec(line) ?? []).slice(1).find(Boolean)?.trim() ?? "?";
}
