/** A plan as a POSIX shell script that brings the lab up, and down, with nothing but the `docker` command. */
import type { Plan, PlannedNode } from "../model/plan.ts";
import { type Move, type MoveOptions, movesOf, quoteWord, removalCommands } from "./moves.ts";
import { kernelLines } from "./transcript.ts";

/** What `lab script` prints. */
export function shellScript(plan: Plan, options: MoveOptions): string {
	const images = [...new Set(plan.nodes.map((node) => options.image(node.image)))];
	return [
		"#!/bin/sh",
		`# ${plan.lab}: ${plan.title.replaceAll("\n", " ")}`,
		"# Usage: sh FILE [up|down]",
		`# The daemon must have: ${images.join(", ")} (lab image build makes it).`,
		...kernelLines(plan),
		"set -eu",
		"",
		"# Nothing is indented: some commands hold text of several lines.",
		"up() {",
		...movesOf(plan, options).flatMap(moveLines),
		"}",
		"",
		"down() {",
		...removalCommands(plan),
		"}",
		"",
		'case "${1:-up}" in',
		"up) up ;;",
		"down) down ;;",
		'*) echo "usage: $0 [up|down]" >&2; exit 2 ;;',
		"esac",
		"",
	].join("\n");
}

function moveLines(move: Move): string[] {
	const comment = move.why.split("\n").map((line) => `# ${line}`);
	return [...comment, ...(move.where === "host" ? move.commands : nodeLines(move, move.where)), ""];
}

function nodeLines({ commands, script }: Move, node: PlannedNode): string[] {
	if (script === undefined && commands.every(isPlain)) {
		return commands.map((command) => `docker exec ${node.container} ${command}`);
	}
	// Variables live from one command to the next, so all of a step go into one shell.
	return [`docker exec ${node.container} sh -ec ${quoteWord(script ?? commands.join("\n"))}`];
}

/** Shell words that are no programs, so that `docker exec` could not run them. */
const BUILTINS = new Set([".", ":", "cd", "eval", "exec", "exit", "export", "set", "trap", "ulimit", "umask", "wait"]);

/** True for a command that needs no shell: a program with plain words. */
function isPlain(command: string): boolean {
	const program = command.split(" ")[0] ?? "";
	return /^[\w@%+=:,./ -]+$/.test(command) && !program.includes("=") && !BUILTINS.has(program);
}
