/** From what readline says about a key to its name. Pure. */
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

/** `up`, `enter`, `ctrl-c`, or the character itself; undefined for a key that has no meaning here. */
export function keyName(text: string | undefined, { name, ctrl, meta, shift }: Key): string | undefined {
	if (ctrl) return name === "c" ? "ctrl-c" : undefined;
	if (name === "tab") return shift ? "shift-tab" : "tab";
	const named = name === undefined ? undefined : NAMED[name];
	if (named !== undefined) return named;
	if (meta || text === undefined || [...text].length !== 1 || text < " ") return undefined;
	return text;
}
