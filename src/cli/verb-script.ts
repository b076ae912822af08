/** `lab script` */
import { resolve } from "node:path";
import { openLabFile } from "../config/find-labs.ts";
import { shellScript } from "../report/script.ts";
import type { CliContext } from "./cli-context.ts";
import type { Flags } from "./flags.ts";
import { moveOptions } from "./move-options.ts";
import { writeFor } from "./output.ts";
import { planFor } from "./plan-for.ts";

export async function script(context: CliContext, args: string[], flags: Flags): Promise<number> {
	const { lab } = openLabFile(args[0] ?? "", context.root, flags.set);
	const plan = planFor(lab, flags);
	const text = shellScript(plan, await moveOptions(context.root));
	if (flags.output === undefined) context.stdout.write(text);
	else writeFor(resolve(context.cwd, flags.output), text, 0o755);
	return 0;
}
