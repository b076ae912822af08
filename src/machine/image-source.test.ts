import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { temporaryDirectory } from "../../test/machine/context.ts";
import { imagesDirectory } from "./directories.ts";
import { hashImageSource, imageTag, parsePackages, readPackages } from "./image-source.ts";

let directory: ReturnType<typeof temporaryDirectory>;
beforeEach(() => {
	directory = temporaryDirectory();
});
afterEach(() => directory.remove());

test("comments, blank lines and repetitions are not packages", () => {
	expect(parsePackages("# head\ncurl  # client\n\niproute2 nftables\ncurl\n", "p")).toEqual([
		"curl",
		"iproute2",
		"nftables",
	]);
});

test("a word that cannot be a package is named with its place", () => {
	expect(() => parsePackages("curl\n  --allow-downgrades\n", "packages.txt")).toThrow(
		expect.objectContaining({ code: "package-name", where: { file: "packages.txt", line: 2, column: 3 } }),
	);
});

test("the images of the project parse", async () => {
	expect(await readPackages(join(imagesDirectory(), "node"))).toContain("ipvsadm");
	expect(await readPackages(join(imagesDirectory(), "vm"))).toContain("docker.io");
});

test("a directory without packages.txt is no image", async () => {
	await expect(readPackages(directory.path)).rejects.toMatchObject({ kind: "input", code: "image-unknown" });
});

test("the hash changes with names, contents, rights and extras, and with nothing else", async () => {
	const image = join(directory.path, "node");
	mkdirSync(join(image, "files"), { recursive: true });
	const program = join(image, "files", "run");
	writeFileSync(join(image, "packages.txt"), "curl\n");
	writeFileSync(program, "#!/bin/sh\n", { mode: 0o644 });
	const first = await hashImageSource(image);
	expect(first).toMatch(/^[0-9a-f]{64}$/);
	chmodSync(program, 0o600);
	expect(await hashImageSource(image)).toBe(first);
	chmodSync(program, 0o755);
	const executable = await hashImageSource(image);
	writeFileSync(program, "#!/bin/sh -e\n");
	const changed = await hashImageSource(image);
	const extra = await hashImageSource(image, ["linux-image"]);
	expect(new Set([first, executable, changed, extra]).size).toBe(4);
	expect(imageTag("node", first)).toBe(`lblab/node:${first.slice(0, 12)}`);
});
