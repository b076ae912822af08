import { expect, test } from "vitest";
import { chooseMirror, networkOptions } from "./mirror.ts";

const OWN = "http://mirror.example/debian";

test("the mirror of another Debian release serves, without its closing slash", () => {
	expect(chooseMirror(`Debian|bookworm|main|${OWN}/\n`, "trixie")).toBe(OWN);
});

test("the mirror that has the release itself is preferred", () => {
	const targets = `Debian|bookworm|main|http://old.example/debian/\nDebian|trixie|main|${OWN}/\n`;
	expect(chooseMirror(targets, "trixie")).toBe(OWN);
});

test.each([
	["security", "Debian|trixie-security|main|http://s.example/debian-security/"],
	["updates", "Debian|trixie-updates|main|http://u.example/debian/"],
	["another distribution", "Ubuntu|noble|main|http://ubuntu.example/ubuntu/"],
	["a third party", "Docker|trixie|stable|https://docker.example/linux/debian/"],
	["a CD", "Debian|trixie|main|cdrom:[Debian]/"],
	["nothing", ""],
])("%s is no mirror", (_, line) => {
	expect(chooseMirror(line, "trixie")).toBeUndefined();
});

test("proxies and certificates are kept, the rest of the configuration is not", () => {
	const dump = [
		'APT::Install-Recommends "1";',
		'Acquire::http::Proxy "http://user:secret@proxy.example:3128";',
		'Acquire::https::CAInfo "/etc/ssl/own.pem";',
		'Acquire::http::Dl-Limit "";',
		'Acquire::Languages "none";',
		'Acquire::Check-Valid-Until "false";',
	].join("\n");
	expect(networkOptions(dump)).toEqual([
		'Acquire::http::Proxy "http://user:secret@proxy.example:3128";',
		'Acquire::https::CAInfo "/etc/ssl/own.pem";',
		'Acquire::Check-Valid-Until "false";',
	]);
});
