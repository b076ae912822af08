/** File -> YAML document -> tree with positions. Says everything that is wrong with the text, not only the first thing. */
import { type Document, LineCounter, parseDocument } from "yaml";
import { buildTree } from "./build-tree.ts";
import { explainSyntax } from "./explain-syntax.ts";
import { diskFiles, type Files, shownPath } from "./files.ts";
import { type Outcome, type Problem, sortProblems } from "./problem.ts";
import type { MapTree, Span, Tree } from "./tree.ts";

/** Largest file that is read. The documents these files describe are a few kilobytes. */
export const MAX_FILE_BYTES = 1024 * 1024;

export interface YamlFile {
	/** As shown in messages. */
	file: string;
	root: MapTree;
	spanOf(offset: number): Span;
	/** Branches that lack something which `problems` tells. */
	broken: ReadonlySet<Tree>;
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
	const document = parse(text, lines);
	// Asked after parsing, which is what tells the lines.
	const nul = text.indexOf("\0");
	if (nul >= 0) return refuse(problem(nul, "a NUL character is in the text: this is not a text file"));
	if (!document) return refuse({ where: { file }, path: "", message: "is nested too deeply to be read" });
	const mistakes = explainSyntax([...document.errors, ...document.warnings], text);
	const problems = mistakes.map(({ offset, message, hint }) => problem(offset, message, hint));
	if (mistakes.some(({ harmless }) => !harmless)) return refuse(...problems);
	const directive = document.directives?.yaml;
	if (directive?.explicit && directive.version !== "1.2") {
		return refuse(problem(0, "must be YAML 1.2", "leave the %YAML line out"));
	}
	const { tree, broken } = buildTree(document, text, spanOf, (offset, message, hint) =>
		problems.push(problem(offset, message, hint)),
	);
	if (tree?.kind === "map") return { ok: true, file, root: tree, spanOf, broken, problems };
	if (problems.length > 0) return refuse(...problems);
	if (!tree || (tree.kind === "scalar" && tree.value === null)) return refuse(problem(0, "the file is empty"));
	const found = tree.kind === "list" ? "a list" : "a single value";
	const message = `the file must hold keys and values such as "name: ...", but holds ${found}`;
	return refuse({ where: { file, ...tree.at }, path: "", message });
}

function refuse(...problems: Problem[]): Outcome<YamlFile> {
	return { ok: false, problems: sortProblems(problems) };
}

/** Undefined when the parser, which is recursive, ran out of stack. */
function parse(text: string, lineCounter: LineCounter): Document.Parsed | undefined {
	try {
		return parseDocument(text, { lineCounter, prettyErrors: false, version: "1.2", merge: false });
	} catch (cause) {
		if (cause instanceof RangeError) return undefined;
		throw cause;
	}
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
