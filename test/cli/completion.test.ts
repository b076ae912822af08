/** Completion scripts, tried in the shells themselves. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { call } from "./command-line.ts";

/** What stands for lab in the shell: prints as the real one does, for the names that completion asks for. */
const LAB = `lab() {
	case "$*" in
		"list -f json") printf '[\\n\\t{\\n\\t\\t"name": "ipvs-nat",\\n\\t\\t"title": "a title",\\n\\t},\\n\\t{\\n\\t\\t"name": "katran-dsr",\\n' ;;
		"ps -f json") printf '\\t\\t"instance": "mine",\\n\\t\\t"node": "gw",\\n\\t\\t"instance": "mine",\\n\\t\\t"node": "int1",\\n' ;;
	esac
}`;

const scripts = new Map<string, string>();
const folder = mkdtempSync(join(tmpdir(), "lab-completion-"));

beforeAll(async () => {
	for (const shell of ["bash", "zsh", "fish"]) {
		const { code, stdout } = await call(["completion", shell]);
		expect(code).toBe(0);
		const file = join(folder, `lab.${shell}`);
		writeFileSync(file, stdout);
		scripts.set(shell, file);
	}
});

function has(shell: string): boolean {
	return spawnSync(shell, ["-c", "true"]).status === 0;
}

/** What bash offers behind these words; the last may be empty. */
function offered(...words: string[]): string[] {
	const list = words.map((word) => `'${word}'`).join(" ");
	const script = `${LAB}\n. ${scripts.get("bash")}\nCOMP_WORDS=(lab ${list}); COMP_CWORD=${words.length}; _lab; printf '%s\\n' "\${COMPREPLY[@]}"`;
	const { stdout, stderr, status } = spawnSync("bash", ["-c", script], { encoding: "utf8" });
	expect(stderr).toBe("");
	expect(status).toBe(0);
	return stdout.split("\n").filter((word) => word !== "");
}

describe("in bash", () => {
	it("the script is one that bash can read", () => {
		expect(spawnSync("bash", ["-n", scripts.get("bash") ?? ""], { encoding: "utf8" }).stderr).toBe("");
	});

	it.each([
		["a verb", ["va"], ["validate", "val"]],
		["an alias", ["dep"], ["deploy"]],
		["a flag", ["test", "--allow"], ["--allow-skip"]],
		["a flag of an alias", ["destroy", "--al"], ["--all"]],
		["the values of a flag", ["up", "--engine", ""], ["auto", "docker", "vm"]],
		["the values of a short flag", ["list", "-f", "j"], ["json"]],
		["nothing for a value that is free", ["up", "--timeout", ""], []],
		["labs", ["up", ""], ["ipvs-nat", "katran-dsr"]],
		["labs behind flags", ["test", "--keep", "kat"], ["katran-dsr"]],
		["what is up", ["down", ""], ["mine"]],
		["nodes", ["exec", ""], ["gw", "int1"]],
		["actions", ["vm", "re"], ["rebuild"]],
		["verbs for help", ["help", "ins"], ["inspect"]],
		["nothing for a verb without arguments", ["ps", ""], []],
	])("completes %s", (_what, words, wanted) => {
		expect(offered(...words)).toEqual(wanted);
	});

	it("every verb and flag of the command line is known", async () => {
		const help = (await call(["--help"])).stdout;
		const verbs = [...help.matchAll(/^ {2}([a-z]+)[| ]/gm)].map((match) => match[1]);
		expect(offered("")).toEqual(expect.arrayContaining(verbs.filter((verb) => verb !== "lab")));
	});
});

for (const shell of ["zsh", "fish"]) {
	const installed = has(shell);
	if (!installed)
		process.stdout.write(`not tried: whether ${shell} can read its script, as ${shell} is not installed\n`);
	it.runIf(installed)(`${shell} can read its script`, () => {
		expect(spawnSync(shell, ["-n", scripts.get(shell) ?? ""], { encoding: "utf8" }).stderr).toBe("");
	});
}
