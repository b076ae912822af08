import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryDirectory, testContext } from "../../test/machine/context.ts";
import { findCommand, mustRun, runCommand, searchPath, shellQuote } from "./command.ts";

test("a program's answer and code are kept, its lines handed out", async () => {
	const lines: string[] = [];
	const result = await runCommand(testContext(), "sh", ["-c", "echo one; echo two >&2; exit 3"], {
		onLine: (line) => lines.push(line),
	});
	expect(result).toEqual({ code: 3, stdout: "one\n", stderr: "two\n" });
	expect(lines.sort()).toEqual(["one", "two"]);
});

test("a failure shows the end of what was printed", async () => {
	await expect(mustRun(testContext(), "sh", ["-c", "echo because >&2; exit 2"])).rejects.toMatchObject({
		code: "command-failed",
		message: expect.stringContaining("because"),
	});
	await expect(runCommand(testContext(), "lblab-none", [])).rejects.toMatchObject({ code: "command-failed" });
});

test("a cancelled program ends with all its children", async () => {
	const directory = temporaryDirectory();
	const context = testContext();
	const pids = join(directory.path, "pids");
	const running = runCommand(context, "sh", ["-c", `sleep 60 & echo $! > ${pids}; echo ready; wait`], {
		onLine: () => context.abort(new Error("interrupted")),
	});
	await expect(running).rejects.toThrow("interrupted");
	const pid = Number(readFileSync(pids, "utf8"));
	await expect.poll(() => isRunning(pid)).toBe(false);
	await directory.remove();
});

test("time is limited", async () => {
	await expect(runCommand(testContext(), "sleep", ["60"], { timeoutMs: 50 })).rejects.toMatchObject({
		kind: "timeout",
		code: "command-timeout",
	});
});

test("system directories are searched after the user's own", async () => {
	expect(searchPath({ PATH: "/own:/usr/sbin" }).split(":").slice(0, 3)).toEqual([
		"/own",
		"/usr/sbin",
		"/usr/local/sbin",
	]);
	expect(await findCommand({ PATH: "" }, "sh")).toMatch(/bin\/sh$/);
	expect(await findCommand({}, "lblab-none")).toBeUndefined();
});

test("any word survives a shell", async () => {
	const word = `a'b "c" $d \\ \n`;
	expect((await runCommand(testContext(), "sh", ["-c", `printf %s ${shellQuote(word)}`])).stdout).toBe(word);
});

/** A zombie waiting for its reaper does not run. */
function isRunning(pid: number): boolean {
	try {
		return !/^\d+ \(.*\) Z/.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
	} catch {
		return false;
	}
}
