/** `lab --help` answers at once: what only a running verb needs is imported when the verb runs. */
import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { expect, it } from "vitest";

/** Import and re-export statements that stay in the JavaScript; `import type` does not. */
const STATIC = /^(?:import|export)\s+(?!type\s)(?:[^;"']*?\sfrom\s+)?["']([^"']+)["']/gm;

/** Files of ours and packages that importing `file` loads. */
function loaded(file: string, seen = new Set<string>()): Set<string> {
	const path = resolve(file);
	if (seen.has(path)) return seen;
	seen.add(path);
	for (const [, name = ""] of readFileSync(path, "utf8").matchAll(STATIC)) {
		if (name.startsWith(".")) loaded(resolve(dirname(path), name), seen);
		else if (!name.startsWith("node:")) seen.add(name);
	}
	return seen;
}

it("the command line loads commander and a few small files", () => {
	const all = [...loaded("src/main.ts")];
	expect(all.filter((name) => !name.startsWith("/"))).toEqual(["commander"]);
	expect(all.filter((name) => /\/src\/(engine|machine|run|ui|report|judge|plan|steps)\//.test(name))).toEqual([]);
	expect(all.length).toBeLessThan(25);
});

it("finds what is imported through others", () => {
	const all = [...loaded("src/cli/verb-list.ts")];
	expect(all).toEqual(expect.arrayContaining(["zod", "yaml", resolve("src/model/lab.ts")]));
	expect(all).not.toContain("dockerode");
	expect([...loaded("src/cli/live-screen.ts")]).toEqual(expect.arrayContaining(["ink", "react"]));
});
