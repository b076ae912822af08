/** From what readline says about a key to names. Pure. */
import type { Key } from "node:readline";

const NAMED: Record<string, string> = {
	up: "up",
	down: "down",
	left: "left",
	right: "right",
	pageup: "pageup",
	pagedown: "pagedown",
	return: "enter",
	enter: "enter",
	escape: "escape",
	backspace: "backspace",
	tab: "tab",
};

/**
 * `up`, `enter`, `ctrl-c`, or the character itself; nothing for a key that has no meaning here. What a terminal sends for Alt and
 * a key is what it sends for Escape and that key in quick succession, and over a slow line they cannot be told apart; here Alt means
 * nothing, so it is both keys.
 */
export function keyNames(text: string | undefined, key: Key): string[] {
	const name = nameOf(key.meta ? text?.slice(1) : text, key);
	return [...(key.meta && key.name !== "escape" ? ["escape"] : []), ...(name === undefined ? [] : [name])];
}

function nameOf(text: string | undefined, { name, ctrl, shift }: Key): string | undefined {
	if (ctrl) return name === "c" ? "ctrl-c" : undefined;
	if (name === "tab") return shift ? "shift-tab" : "tab";
	const named = name === undefined ? undefined : NAMED[name];
	if (named !== undefined) return named;
	if (text === undefined || [...text].length !== 1 || text < " ") return undefined;
	return text;
}
