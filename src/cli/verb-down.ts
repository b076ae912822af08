/** `lab down` */

import { stopVm } from "../machine/vm.ts";
import { EXIT, LabError } from "../model/error.ts";
import { removeInstance } from "../run/instances.ts";
import type { CliContext } from "./cli-context.ts";
import type { Flags } from "./flags.ts";
import { print } from "./output.ts";
import { findEverything, pickInstance, type Running } from "./running.ts";

export async function down(context: CliContext, args: string[], flags: Flags): Promise<number> {
	const name = args[0] ?? flags.name;
	if (flags.all && args.length > 0) {
		throw new LabError("input", "an instance is named and --all is given", {
			code: "all-and-names",
			hint: "Leave one out.",
		});
	}
	const everything = await findEverything(context);
	const removed: string[] = [];
	const problems: string[] = [];
	try {
		const wantedVm = name === undefined ? undefined : everything.emptyVms.find((vm) => vm.name === name);
		const chosen = flags.all || wantedVm ? [] : [pickInstance(everything.running, name)];
		for (const entry of flags.all ? everything.running : chosen) {
			problems.push(...(await takeDown(entry)));
			removed.push(entry.instance.instance);
		}
		for (const vm of flags.all ? everything.emptyVms : wantedVm ? [wantedVm] : []) {
			await stopVm(vm);
			removed.push(vm.name);
		}
	} finally {
		await everything.close();
	}
	if (problems.length > 0) {
		throw new LabError("broken", `could not remove everything: ${problems.join("; ")}`, {
			code: "removal-failed",
			hint: "Once the reason is gone, run the same command again; it removes what is left.",
		});
	}
	print(context, flags, { removed }, () => (removed.length > 0 ? `${removed.join(", ")}: down` : "nothing was up"));
	return EXIT.passed;
}

/**
 * A lab in its own machine goes with the machine; elsewhere its containers and networks are removed. Returns what could not be
 * removed, in words.
 */
export async function takeDown(entry: Running): Promise<string[]> {
	if (entry.vm) {
		await stopVm(entry.vm);
		return [];
	}
	return removeInstance(entry.engine, entry.instance.instance);
}
