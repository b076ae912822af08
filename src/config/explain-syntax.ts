/** YAML's syntax errors in the words of somebody who writes a lab file. */
import type { YAMLError } from "yaml";

export interface SyntaxMistake {
	offset: number;
	message: string;
	hint?: string;
	/** The rest of the file could be read all the same. */
	harmless: boolean;
}

/**
 * All mistakes, without the echo of each: after a mistake the parser often complains about every token that follows,
 * and about the same line again.
 */
export function explainSyntax(errors: readonly YAMLError[], text: string): SyntaxMistake[] {
	const kept: SyntaxMistake[] = [];
	const lines = new Set<number>();
	let hasTabs = false;
	const real = errors.filter((error) => !isEcho(error));
	for (const error of real.length > 0 ? real : errors.slice(0, 1)) {
		const mistake = explain(error, text);
		const line = text.lastIndexOf("\n", mistake.offset - 1);
		if (lines.has(line) && ECHO_ON_LINE.has(error.code)) continue;
		if (error.code === "TAB_AS_INDENT") hasTabs = true;
		else if (hasTabs && error.code === "BAD_INDENT") continue;
		lines.add(line);
		kept.push(mistake);
	}
	return kept;
}

/** What a line with another mistake is called besides. */
const ECHO_ON_LINE = new Set<string>(["BLOCK_AS_IMPLICIT_KEY", "MULTILINE_IMPLICIT_KEY", "UNEXPECTED_TOKEN"]);

/** Once the parser has lost the thread, it calls every token after that unexpected. */
function isEcho(error: YAMLError): boolean {
	return error.code === "UNEXPECTED_TOKEN" && error.message.includes("token in YAML stream");
}

function explain(error: YAMLError, text: string): SyntaxMistake {
	const [offset] = error.pos;
	// `{ address: ${vip} }`: the brace after the dollar sign opens a map.
	if (text[offset] === "{" && text[offset - 1] === "$") {
		const name = /^\{([^}\n]*)\}/.exec(text.slice(offset, offset + 100))?.[1] ?? "name";
		const hint = `within { } and [ ] write "\${${name}}", quotes included`;
		return { offset: offset - 1, message: `"\${${name}}" needs quotes here`, hint, harmless: false };
	}
	const [message, hint] = wordsFor(error, text);
	return { offset, message, harmless: error.code === "DUPLICATE_KEY", ...(hint === undefined ? {} : { hint }) };
}

function wordsFor(error: YAMLError, text: string): [message: string, hint?: string] {
	const said = error.message.charAt(0).toLowerCase() + error.message.slice(1);
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
			return unclosed(said) ?? [`wrong indentation: ${said}`, "what belongs together starts in the same column"];
		case "MISSING_CHAR":
			return [said.replace(/^missing closing ["'](.*)$/, "the closing $1 of a text is missing")];
		case "BLOCK_AS_IMPLICIT_KEY":
			return ["a map starts in the middle of a line", 'a value that holds ": " must stand in quotes'];
		case "MULTILINE_IMPLICIT_KEY":
			return ["a key must be on one line and be followed by a colon", 'write "key: value"'];
		case "TAG_RESOLVE_FAILED":
			return [`tags are not understood: ${said}`, "leave the tag out, or put the value in quotes"];
		default:
			return [`not valid YAML: ${said}`];
	}
}

function unclosed(said: string): [string] | undefined {
	const closer = /end with an? ([\]}])/.exec(said)?.[1];
	if (!closer) return undefined;
	return [`the "${closer === "]" ? "[" : "{"}" that was opened above has no "${closer}" before this line`];
}

function keyAt(text: string, offset: number): string {
	const line = text.slice(offset, offset + 200);
	return (/^"([^"\n]*)"|^'([^'\n]*)'|^([^:,}\n]+)/.exec(line) ?? []).slice(1).find(Boolean)?.trim() ?? "?";
}
