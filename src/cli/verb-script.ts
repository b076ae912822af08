/** `lab script` */
import { writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { openLab } from "../config/find-labs.ts";
import { planLab } from "../plan/plan-lab.ts";
import { shellScript } from "../report/script.ts";
import type { CliContext } from "./cli-context.ts";
import type { Flags } from "./flags.ts";
import { moveOptions } from "./move-options.ts";

export async function script(context: CliContext, args: string[], flags: Flags): Promise<number> {
	const { lab } = openLab(args[0] ?? "", context.root);
	const plan = planLab(lab, { instance: flags.name ?? lab.name, ...(flags.wiring ? { wiring: flags.wiring } : {}) });
	const text = shellScript(plan, await moveOptions(context.root));
	if (flags.output === undefined) context.stdout.write(text);
	else writeFileSync(resolve(context.cwd, flags.output), text, { mode: 0o755 });
	return 0;
}
