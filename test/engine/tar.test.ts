import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { packTar, unpackTar } from "../../src/engine/tar.ts";

const file = (path: string, text = "x", mode = 0o644) => ({ path, content: Buffer.from(text), mode });

describe("tar archives", () => {
	it("are read by tar with names, contents and permissions", () => {
		const dir = mkdtempSync(join(tmpdir(), "lab-tar-"));
		const long = `${"d".repeat(120)}/${"f".repeat(99)}`;
		writeFileSync(
			join(dir, "a.tar"),
			packTar([file("etc/hosts", "hi\n"), file("bin/run", "#!", 0o755), file(long, "")]),
		);
		const listing = execFileSync("tar", ["-tvf", join(dir, "a.tar")], { encoding: "utf8" });
		expect(listing).toMatch(/^-rw-r--r-- .* 3 .* etc\/hosts$/m);
		expect(listing).toMatch(/^-rwxr-xr-x .* bin\/run$/m);
		expect(listing).toContain(long);
		rmSync(dir, { recursive: true });
	});

	it("are read back", () => {
		const files = [file("a", "1".repeat(513)), file("ümlaut/β", "2"), file("empty", "")];
		const entries = unpackTar(packTar(files));
		expect(entries.map(({ path, content }) => [path, content.toString()])).toEqual(
			files.map(({ path, content }) => [path, content.toString()]),
		);
	});

	it.each(["gnu", "pax"])("made by tar --format=%s with long names and links are read", (format) => {
		const dir = mkdtempSync(join(tmpdir(), "lab-tar-"));
		const name = "n".repeat(140);
		writeFileSync(join(dir, name), "content");
		symlinkSync("t".repeat(130), join(dir, "link"));
		execFileSync("tar", [`--format=${format}`, "-C", dir, "-cf", join(dir, "..", `${format}.tar`), name, "link"]);
		const entries = unpackTar(readFileSync(join(dir, "..", `${format}.tar`)));
		expect(entries).toMatchObject([
			{ path: name, type: "file", content: Buffer.from("content") },
			{ path: "link", type: "link", target: "t".repeat(130) },
		]);
		rmSync(dir, { recursive: true });
		rmSync(join(dir, "..", `${format}.tar`));
	});

	it("refuse what does not fit", () => {
		expect(() => packTar([file("x".repeat(101))])).toThrow(/too long/);
		expect(() => unpackTar(packTar([file("a", "1".repeat(600))]).subarray(0, 700))).toThrow(/ends within a file/);
	});
});
