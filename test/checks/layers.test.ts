/** The layer rules of biome.json, each shown red on a planted violation: a rule nobody has seen fire is no rule. */
import { spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { describe, expect, it } from "vitest";

/** Lints one planted file under the project's own rules, in a folder of its own. */
function lint(file: string, content: string): string {
	const folder = mkdtempSync(join(tmpdir(), "lab-layers-"));
	try {
		copyFileSync("biome.json", join(folder, "biome.json"));
		mkdirSync(join(folder, dirname(file)), { recursive: true });
		writeFileSync(join(folder, file), content);
		const args = ["lint", "--vcs-enabled=false", "--colors=off", file];
		const result = spawnSync(resolve("node_modules/.bin/biome"), args, { cwd: folder, encoding: "utf8" });
		return result.stdout + result.stderr;
	} finally {
		rmSync(folder, { recursive: true, force: true });
	}
}

const VIOLATIONS: [file: string, imported: string][] = [
	["src/model/planted.ts", "../run/up.ts"],
	["src/config/planted.ts", "../run/up.ts"],
	["src/steps/planted.ts", "../plan/plan-lab.ts"],
	["src/plan/planted.ts", "../run/up.ts"],
	["src/judge/planted.ts", "../run/up.ts"],
	["src/judge/planted.ts", "../engine/engine.ts"],
	["src/engine/planted.ts", "../run/up.ts"],
	["src/machine/planted.ts", "../engine/docker-engine.ts"],
	["src/run/planted.ts", "../engine/docker-engine.ts"],
	["src/run/planted.ts", "../report/plain.ts"],
	["src/run/planted.ts", "../learn/tutor.ts"],
	["src/learn/planted.ts", "../engine/docker-engine.ts"],
	["src/learn/planted.ts", "../cli/output.ts"],
	["src/report/planted.ts", "../plan/plan-lab.ts"],
	["src/ui/planted.tsx", "../report/plain.ts"],
	["src/ui/planted.tsx", "../learn/tutor.ts"],
	["src/ui/learn/planted.tsx", "../../learn/classroom.ts"],
	["src/engine/planted.ts", "dockerode"],
	["src/engine/docker-planted.ts", "../run/up.ts"],
	["src/run/planted.ts", "dockerode"],
];

describe("layers", () => {
	it.each(VIOLATIONS)("%s may not import %s", (file, imported) => {
		expect(lint(file, `import { x } from "${imported}";\nexport const y = x;\n`)).toContain("noRestrictedImports");
	});

	const ALLOWED: [file: string, imported: string][] = [
		["src/run/fine.ts", "../engine/engine.ts"],
		["src/run/fine.ts", "../judge/judge-phase.ts"],
		["src/ui/fine.tsx", "../report/summarise.ts"],
		["src/ui/fine.tsx", "./learn/lesson-screen.tsx"],
		["src/ui/learn/fine.tsx", "../../learn/lesson-state.ts"],
		["src/learn/fine.ts", "../run/run-scenario.ts"],
		["src/learn/fine.ts", "../judge/path.ts"],
		["src/engine/docker-fine.ts", "dockerode"],
		["src/cli/fine.ts", "../machine/vm.ts"],
	];
	it.each(ALLOWED)("%s may import %s", (file, imported) => {
		expect(lint(file, `import { x } from "${imported}";\nexport const y = x;\n`)).not.toContain("noRestrictedImports");
	});

	it("console.* is not for the core", () => {
		expect(lint("src/run/planted.ts", 'console.log("x");\n')).toContain("noConsole");
	});
});
