import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { cacheDirectory, imagesDirectory, socketPathIn, stateDirectory } from "./directories.ts";

test.each([
	[{ LAB_CACHE: "/big/lab", XDG_CACHE_HOME: "/x" }, "/big/lab"],
	[{ XDG_CACHE_HOME: "/x" }, "/x/lblab"],
	[{ XDG_CACHE_HOME: "relative" }, join(homedir(), ".cache/lblab")],
	[{}, join(homedir(), ".cache/lblab")],
])("%j keeps its cache in %s", (env, expected) => {
	expect(cacheDirectory(env)).toBe(expected);
});

test("instances live in the runtime directory where there is one, unless all is asked to be in one place", () => {
	expect(stateDirectory({ XDG_RUNTIME_DIR: "/tmp" })).toBe("/tmp/lblab");
	expect(stateDirectory({ XDG_RUNTIME_DIR: "/lblab-none", XDG_CACHE_HOME: "/x" })).toBe("/x/lblab/run");
	expect(stateDirectory({ XDG_RUNTIME_DIR: "/tmp", LAB_CACHE: "/c" })).toBe("/c/run");
});

test("the project's images are found", () => {
	expect(existsSync(join(imagesDirectory(), "vm/packages.txt"))).toBe(true);
});

test("the longest path the kernel takes passes, one byte more does not", () => {
	const longest = `/${"a".repeat(107 - "/".length - "/api.sock".length)}`;
	expect(Buffer.byteLength(socketPathIn(longest))).toBe(107);
	expect(() => socketPathIn(`${longest}a`)).toThrow(expect.objectContaining({ code: "socket-path-long" }));
});
