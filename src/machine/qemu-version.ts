/** The version of the installed QEMU. Asking it takes 85 ms, so the answer is kept until the program file changes. */

import { stat } from "node:fs/promises";
import { join } from "node:path";
import { LabError } from "../model/error.ts";
import type { SetupContext } from "../model/progress.ts";
import { findCommand, mustRun } from "./command.ts";
import { readJson, writeAtomically } from "./instance.ts";

/**
 * Version text of a QEMU, with the distribution's: `7.2.22 (Debian 1:7.2+dfsg-7+deb12u18)`.
 * @throws LabError `environment`/`qemu-missing`
 */
export async function qemuVersion(context: SetupContext, command: string, cacheDirectory: string): Promise<string> {
	const path = await findCommand(context.env, command);
	if (path === undefined) throw new LabError("environment", `${command} is not installed.`, { code: "qemu-missing" });
	const { size, mtimeMs, ino } = await stat(path);
	const key = [path, size, mtimeMs, ino].join(" ");
	const file = join(cacheDirectory, "qemu.json");
	const memory = (await readJson(file)) as { key?: string; version?: string } | undefined;
	if (memory?.key === key && memory.version) return memory.version;
	const { stdout } = await mustRun(context, path, ["--version"]);
	const version = /version (.*)/.exec(stdout)?.[1]?.trim() ?? "unknown";
	await writeAtomically(file, { key, version });
	return version;
}
