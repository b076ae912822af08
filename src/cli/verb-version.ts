/** `lab version` */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { alignRows } from "../report/table.ts";
import type { CliContext } from "./cli-context.ts";
import type { Flags } from "./flags.ts";
import { print } from "./output.ts";

export async function version(context: CliContext, _args: string[], flags: Flags): Promise<number> {
	const { version: own } = JSON.parse(readFileSync(join(context.root, "package.json"), "utf8")) as { version: string };
	const { found } = await context.findDaemon();
	const daemon = found ? { name: found.name, ...(await found.engine.info()) } : null;
	await found?.engine.close();
	const data = { lab: own, node: process.version, platform: `${process.platform} ${process.arch}`, daemon };
	const words = daemon
		? `${daemon.daemon} (API ${daemon.api}, kernel ${daemon.kernel}) at ${daemon.name}`
		: "none answers";
	print(context, flags, data, () =>
		alignRows([
			["lab", data.lab],
			["node", data.node],
			["platform", data.platform],
			["docker daemon", words],
		]),
	);
	return 0;
}
