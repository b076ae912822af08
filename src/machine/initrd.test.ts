import { expect, test } from "vitest";
import { packCpio } from "./initrd.ts";

/** Reads an archive back by the format's own rules: 110 bytes of header, name and content padded to four. */
function unpack(archive: Buffer): { path: string; mode: number; content: string }[] {
	const entries = [];
	for (let at = 0; ; ) {
		const header = archive.toString("latin1", at, at + 110);
		expect(header.slice(0, 6)).toBe("070701");
		const field = (index: number) => Number.parseInt(header.slice(6 + index * 8, 14 + index * 8), 16);
		const path = archive.toString("utf8", at + 110, at + 110 + field(11) - 1);
		if (path === "TRAILER!!!") return entries;
		const content = Math.ceil((at + 110 + field(11)) / 4) * 4;
		entries.push({ path, mode: field(1), content: archive.toString("utf8", content, content + field(6)) });
		at = Math.ceil((content + field(6)) / 4) * 4;
	}
}

test("what is packed comes out again", () => {
	const entries = [
		{ path: "bin", mode: 0o040755, content: "" },
		{ path: "bin/busybox", mode: 0o100755, content: "1234567" },
		{ path: "init", mode: 0o100755, content: "#!/bin/busybox sh\n" },
	];
	const archive = packCpio(entries.map(({ content, ...rest }) => ({ ...rest, content: Buffer.from(content) })));
	expect(unpack(archive)).toEqual(entries);
	expect(archive.length % 4).toBe(0);
});
