import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { temporaryDirectory, testContext } from "../../test/machine/context.ts";
import { aptCommand, ensureHostPackages, isDebianRelease, missingNeeds, packageNames } from "./host-packages.ts";

let directory: ReturnType<typeof temporaryDirectory>;
let bin: string;
let calls: string;

const NEEDS = [
	{ command: "lblab-no-such-tool", package: "some-tool", why: "does something" },
	{ command: "sh", package: "dash", why: "is always there" },
];

/** Puts an apt-get (and a sudo that only passes on) before the real ones; it notes its arguments. */
function fakeApt(script: string) {
	mkdirSync(bin);
	writeFileSync(join(bin, "sudo"), '#!/bin/sh\nexec "$@"\n', { mode: 0o755 });
	writeFileSync(join(bin, "apt-get"), `#!/bin/sh\necho "$@" >> ${calls}\n${script}\n`, { mode: 0o755 });
	return { PATH: `${bin}:${process.env.PATH}` };
}

const INSTALLS = () =>
	`case "$*" in *install*) printf '#!/bin/sh\\n' > ${bin}/lblab-no-such-tool; chmod 755 ${bin}/lblab-no-such-tool;; esac`;

beforeEach(() => {
	directory = temporaryDirectory();
	bin = join(directory.path, "bin");
	calls = join(directory.path, "calls");
});
afterEach(() => directory.remove());

const installs = () =>
	readFileSync(calls, "utf8")
		.split("\n")
		.filter((line) => line.includes("install"));

test("commands, files and missing ones are told apart", async () => {
	const { env } = testContext();
	const file = { command: "/etc/hosts", package: "none", why: "" };
	const noFile = { command: "/etc/lblab-none", package: "none", why: "" };
	expect(await missingNeeds(env, [...NEEDS, file, noFile])).toEqual([NEEDS[0], noFile]);
});

test("nothing missing means nothing asked and nothing run", async () => {
	const context = testContext(fakeApt("exit 1"), false);
	await ensureHostPackages(context, NEEDS.slice(1));
	expect(context.messages).toEqual([]);
	expect(existsSync(calls)).toBe(false);
});

test("LAB_NO_INSTALL=1 refuses with the exact command", async () => {
	const context = testContext({ ...fakeApt("exit 0"), LAB_NO_INSTALL: "1" });
	const root = process.getuid?.() === 0;
	await expect(ensureHostPackages(context, NEEDS)).rejects.toMatchObject({
		kind: "environment",
		code: "packages-missing",
		message: expect.stringContaining("some-tool (lblab-no-such-tool: does something)"),
		hint: `Run: ${root ? "" : "sudo "}apt-get install --yes --no-install-recommends some-tool`,
	});
	expect(existsSync(calls)).toBe(false);
});

test("a no is obeyed", async () => {
	const context = testContext(fakeApt("exit 0"), false);
	await expect(ensureHostPackages(context, NEEDS)).rejects.toMatchObject({ code: "packages-missing" });
	expect(existsSync(calls)).toBe(false);
});

test("what is missing is named with its reason, then installed, and only that", async () => {
	const context = testContext(fakeApt(INSTALLS()));
	await ensureHostPackages(context, NEEDS);
	expect(context.texts()[0]).toBe("needs some-tool: lblab-no-such-tool does something");
	expect(installs()).toHaveLength(1);
	expect(installs()[0]).toMatch(/DPkg::Lock::Timeout=\d+ install --yes --no-install-recommends some-tool$/);
});

test("a failed install is tried again with fresh lists", async () => {
	const context = testContext(
		fakeApt(
			`[ -e ${directory.path}/updated ] || { case "$*" in *update) touch ${directory.path}/updated; exit 0;; esac; exit 100; }\n${INSTALLS()}`,
		),
	);
	await ensureHostPackages(context, NEEDS);
	expect(installs().length).toBeGreaterThanOrEqual(1);
	expect(existsSync(join(directory.path, "updated"))).toBe(true);
});

test("what apt says last is shown when it fails", async () => {
	const context = testContext(fakeApt('case "$*" in *install*) echo "E: disk full" >&2; exit 100;; esac'));
	await expect(ensureHostPackages(context, NEEDS)).rejects.toMatchObject({
		code: "packages-failed",
		message: expect.stringContaining("E: disk full"),
	});
});

test("an install that brings nothing is not believed", async () => {
	const context = testContext(fakeApt("exit 0"));
	await expect(ensureHostPackages(context, NEEDS)).rejects.toMatchObject({ code: "packages-failed" });
});

test.each([
	['ID=debian\nVERSION_ID="12"\n', true],
	["ID=ubuntu\nID_LIKE=debian\n", true],
	['ID=linuxmint\nID_LIKE="ubuntu debian"\n', true],
	["ID=fedora\n", false],
	['ID="opensuse-leap"\nID_LIKE="suse opensuse"\n', false],
	["", false],
])("%j is Debian's family: %s", (text, expected) => {
	expect(isDebianRelease(text)).toBe(expected);
});

test("packages are named once; an ordinary user needs sudo", () => {
	expect(packageNames([...NEEDS, ...NEEDS])).toEqual(["dash", "some-tool"]);
	expect(aptCommand(["a"], false)[0]).toBe("sudo");
});
