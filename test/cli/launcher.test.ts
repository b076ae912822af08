/** The launcher in a copy of its own, with stand-ins for node and npm: what it runs, in which order, and how often. */
import { type SpawnOptions, spawn } from "node:child_process";
import {
	copyFileSync,
	existsSync,
	mkdirSync,
	mkdtempSync,
	readFileSync,
	rmSync,
	symlinkSync,
	utimesSync,
	writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { onTerminal } from "../support/pty.ts";

// Dozens of processes, on a machine that may be busy.
vi.setConfig({ testTimeout: 60_000 });

/** Everything else that the launcher may call. */
const TOOLS = [
	"sh",
	"cat",
	"date",
	"dirname",
	"find",
	"mkdir",
	"mktemp",
	"mv",
	"ps",
	"pwd",
	"readlink",
	"rm",
	"rmdir",
	"sleep",
];

const NODE = `#!/bin/sh
case $1 in
	--version) echo "\${FAKE_NODE:-v22.11.0}" ;;
	*/tsc) echo build >>"$FAKE_LOG"; sleep 0.2; [ -z "\${FAKE_BUILD:-}" ] || { echo "a.ts(1,1): error"; exit 2; }; echo x >dist.new/main.js ;;
	*) echo "run $(basename "$1")" >>"$FAKE_LOG"; shift; for word in "$@"; do printf '[%s]' "$word"; done; exit "\${FAKE_EXIT:-0}" ;;
esac
`;
const NPM = `#!/bin/sh
echo "npm $1" >>"$FAKE_LOG"; sleep 0.3
[ -z "\${FAKE_NPM:-}" ] || { echo "ENOTFOUND registry"; exit 1; }
# As npm itself: in production, what is needed to build is left out unless it is asked for.
case "\${NODE_ENV:-} $*" in production*--include=dev*) ;; production*) echo "no typescript"; exit 1 ;; esac
mkdir -p node_modules
`;

let root: string;
let bin: string;

beforeEach(() => {
	const place = mkdtempSync(join(tmpdir(), "lab launcher "));
	root = join(place, "check out");
	bin = join(place, "bin");
	mkdirSync(join(root, "src"), { recursive: true });
	mkdirSync(bin);
	copyFileSync("lab", join(root, "lab"));
	for (const file of ["package-lock.json", "tsconfig.json", "tsconfig.build.json", "src/main.ts"])
		writeFileSync(join(root, file), "");
	for (const tool of [...TOOLS, "basename"]) {
		const found = ["/bin", "/usr/bin"].map((folder) => join(folder, tool)).find((path) => existsSync(path));
		if (found) symlinkSync(found, join(bin, tool));
	}
	writeFileSync(join(bin, "node"), NODE, { mode: 0o755 });
	writeFileSync(join(bin, "npm"), NPM, { mode: 0o755 });
	return () => rmSync(place, { recursive: true, force: true });
});

interface Outcome {
	code: number | null;
	stdout: string;
	stderr: string;
}

function launch(
	args: string[] = [],
	env: Record<string, string> = {},
	options: SpawnOptions & { path?: string } = {},
): Promise<Outcome> {
	const { path = join(root, "lab"), ...rest } = options;
	const child = spawn(path, args, {
		env: { PATH: bin, FAKE_LOG: join(root, "calls"), ...env },
		stdio: ["ignore", "pipe", "pipe"],
		...rest,
	});
	let stdout = "";
	let stderr = "";
	child.stdout?.on("data", (chunk: Buffer) => (stdout += chunk.toString()));
	child.stderr?.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
	return new Promise((settle, reject) => {
		child.once("error", reject);
		child.once("close", (code) => settle({ code, stdout, stderr }));
	});
}

function calls(): string[] {
	const log = join(root, "calls");
	return existsSync(log) ? readFileSync(log, "utf8").trim().split("\n") : [];
}

/** Sets the time of a file to some seconds from now. */
function touch(file: string, seconds: number): void {
	const time = new Date(Date.now() + seconds * 1000);
	utimesSync(join(root, file), time, time);
}

const FIRST = ["npm install", "build", "run main.js"];

describe("the launcher", () => {
	it("installs, builds and runs the first time, and only runs after that", async () => {
		const first = await launch(["up", "a b", "*"]);
		expect(first).toMatchObject({ code: 0, stdout: "[up][a b][*]" });
		expect(first.stderr).toContain("installing npm packages");
		expect(calls()).toEqual(FIRST);
		expect((await launch(["ps"])).stderr).toBe("");
		expect(calls()).toEqual([...FIRST, "run main.js"]);
		expect(existsSync(join(root, ".lab-setup.lock"))).toBe(false);
	});

	it("installs what it builds with where NODE_ENV says production, too", async () => {
		expect((await launch([], { NODE_ENV: "production" })).code).toBe(0);
		expect(calls()).toEqual(FIRST);
	});

	it("ends with the exit code of the program", async () => {
		expect((await launch(["test"], { FAKE_EXIT: "5" })).code).toBe(5);
	});

	it("builds again when a source is newer, and installs again when the lock file is", async () => {
		await launch();
		touch("src/main.ts", 10);
		await launch();
		expect(calls().slice(3)).toEqual(["build", "run main.js"]);
		touch("src/main.ts", -10);
		touch("package-lock.json", 10);
		await launch();
		expect(calls().slice(5)).toContain("npm install");
	});

	it("finds its folder through links, from anywhere, whatever CDPATH says", async () => {
		await launch();
		mkdirSync(join(root, "elsewhere"));
		symlinkSync("../lab", join(root, "elsewhere/relative"));
		symlinkSync(join(root, "elsewhere/relative"), join(root, "twice"));
		for (const path of [join(root, "elsewhere/relative"), join(root, "twice")]) {
			expect((await launch(["ps"], {}, { path })).stdout).toBe("[ps]");
		}
		const env = { CDPATH: join(root, "elsewhere") };
		expect((await launch(["ps"], env, { path: "./lab", cwd: root })).stdout).toBe("[ps]");
		expect(calls()).toHaveLength(FIRST.length + 3);
	});
});

describe("what is missing", () => {
	it.each(["v18.19.0", "v20.18.3", "bun 1.0"])(
		"Node.js %s is refused before anything is installed",
		async (version) => {
			const { code, stderr } = await launch([], { FAKE_NODE: version });
			expect(code).toBe(3);
			expect(stderr).toMatch(/too old|is not Node\.js/);
			expect(calls()).toEqual([]);
		},
	);

	it.each(["v20.19.0", "v24.1.0-nightly"])("Node.js %s will do", async (version) => {
		expect((await launch([], { FAKE_NODE: version })).code).toBe(0);
	});

	it.each(["node", "npm"])("%s is named with the way to get it", async (tool) => {
		rmSync(join(bin, tool));
		const { code, stderr } = await launch();
		expect(code).toBe(3);
		expect(stderr).toContain("apt-get install");
		expect(existsSync(join(root, ".lab-setup.lock"))).toBe(false);
	});

	it.each(["1", "true", "yes"])("LAB_NO_INSTALL=%s refuses with the exact command", async (value) => {
		const { code, stderr } = await launch(["--yes"], { LAB_NO_INSTALL: value });
		expect(code).toBe(3);
		expect(stderr).toContain(`(cd '${root}' && npm install --include=dev --no-save)`);
		expect(calls()).toEqual([]);
	});

	it.each(["0", "", "false"])("LAB_NO_INSTALL=%s does not", async (value) => {
		expect((await launch([], { LAB_NO_INSTALL: value })).code).toBe(0);
	});

	it("shows what npm said when it fails, and tries again the next time", async () => {
		const { code, stderr } = await launch([], { FAKE_NPM: "fail" });
		expect(code).toBe(3);
		expect(stderr).toContain("ENOTFOUND registry");
		expect((await launch()).code).toBe(0);
	});

	it("keeps no half of a failed build", async () => {
		await launch();
		touch("src/main.ts", 10);
		const { code, stderr } = await launch([], { FAKE_BUILD: "fail" });
		expect(code).toBe(70);
		expect(stderr).toContain("a.ts(1,1): error");
		expect(existsSync(join(root, "dist/main.js"))).toBe(true);
		expect(existsSync(join(root, "dist.new"))).toBe(false);
	});
});

describe("on a terminal", () => {
	const ask = (args: string[], input: string, env: Record<string, string> = {}) =>
		onTerminal([join(root, "lab"), ...args], {
			input,
			env: { PATH: `${bin}:/usr/bin:/bin`, FAKE_LOG: join(root, "calls"), ...env },
		});

	it.each([
		["y\n", 0],
		["\n", 0],
		["n\n", 3],
		["\x04", 3],
	])("a person is asked, and %j ends with %i", async (input, code) => {
		const outcome = await ask(["list"], input);
		expect(outcome.shown).toContain("install the npm packages into");
		expect(outcome.code).toBe(code);
	});

	it.each([
		[["list", "-y"], {}],
		[["list", "--yes"], {}],
		[["list"], { CI: "true" }],
		[["list"], { LAB_YES: "1" }],
	])("nobody is asked with %j and %j", async (args, env) => {
		const outcome = await ask(args, "n\n", env as Record<string, string>);
		expect(outcome.shown).not.toContain("[Y/n]");
		expect(outcome.code).toBe(0);
	});

	it.each([
		[["exec", "gw", "--", "apt-get", "-y"], {}],
		[["list"], { CI: "false" }],
		[["list"], { LAB_YES: "0" }],
	])("%j and %j answer nothing", async (args, env) => {
		expect((await ask(args, "n\n", env as Record<string, string>)).code).toBe(3);
	});
});

describe("the lock of the set-up", () => {
	const lock = () => join(root, ".lab-setup.lock");
	/** A number no process has: above every kernel's limit. */
	const GONE = "4999999";

	it("lets one of several starts do the work, and all of them run", async () => {
		const outcomes = await Promise.all(Array.from({ length: 4 }, () => launch(["ps"])));
		expect(outcomes.map(({ code, stdout }) => `${code} ${stdout}`)).toEqual(Array(4).fill("0 [ps]"));
		expect(calls().sort()).toEqual(["build", "npm install", ...Array(4).fill("run main.js")]);
		expect(outcomes.filter(({ stderr }) => stderr.includes("another lab is setting up"))).toHaveLength(3);
	});

	it("is taken over once from a process that is gone, by however many wait", async () => {
		mkdirSync(lock());
		writeFileSync(join(lock(), "pid"), `${GONE}\n`);
		const outcomes = await Promise.all(Array.from({ length: 4 }, () => launch(["ps"])));
		expect(outcomes.every(({ code }) => code === 0)).toBe(true);
		expect(calls().filter((call) => call === "npm install")).toHaveLength(1);
		expect(existsSync(lock())).toBe(false);
		expect(existsSync(`${lock()}.takeover`)).toBe(false);
	});

	it("is taken over from one that died before it wrote its number", async () => {
		mkdirSync(lock());
		touch(".lab-setup.lock", -90);
		expect((await launch()).code).toBe(0);
	});

	it("goes with a set-up that is ended", async () => {
		const child = spawn(join(root, "lab"), [], { env: { PATH: bin, FAKE_LOG: join(root, "calls") }, stdio: "ignore" });
		const ended = new Promise((settle) => child.once("close", settle));
		while (!existsSync(join(lock(), "pid"))) await new Promise((settle) => setTimeout(settle, 10));
		child.kill("SIGTERM");
		expect(await ended).toBe(143);
		expect(existsSync(lock())).toBe(false);
		expect((await launch()).code).toBe(0);
	});

	it("that cannot be made ends with the reason and does not wait for ever", async () => {
		writeFileSync(lock(), "a file in its place");
		const { code, stderr } = await launch();
		expect(code).toBe(3);
		expect(stderr).toContain("cannot set up in");
	});
});
