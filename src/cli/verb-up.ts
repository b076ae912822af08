/** `lab up` */
import { openLabFile } from "../config/find-labs.ts";
import { EXIT } from "../model/error.ts";
import type { Lab } from "../model/lab.ts";
import type { Plan } from "../model/plan.ts";
import type { EngineChoice } from "../model/verdict.ts";
import { transcript } from "../report/transcript.ts";
import { up as bringUp } from "../run/up.ts";
import type { CliContext } from "./cli-context.ts";
import { endFailed } from "./end-failed.ts";
import type { Flags } from "./flags.ts";
import { openLabSession } from "./lab-session.ts";
import { moveOptions } from "./move-options.ts";
import { print } from "./output.ts";
import { planFor } from "./plan-for.ts";
import { openRun, type RunSession } from "./run-session.ts";

interface Outcome {
	plan: Plan;
	outcome: "created" | "already-up";
	engine: EngineChoice;
}

export async function up(context: CliContext, args: string[], flags: Flags): Promise<number> {
	const { lab } = openLabFile(args[0] ?? "", context.root, flags.set);
	// Before there is a run: flags that do not fit the lab leave nothing behind.
	const plan = planFor(lab, flags);
	if (flags.dryRun) {
		const options = await moveOptions(context.root);
		print(context, flags, plan, () => transcript(plan, options));
		return EXIT.passed;
	}
	const run = await openRun(context, flags, ["up", ...args], () => []);
	let done: Outcome;
	try {
		done = await bringLabUp(context, flags, run, lab);
	} catch (error) {
		return endFailed(context, flags, run, error, lab.name);
	}
	await run.close();
	print(context, flags, upReport(done), () => nextSteps(done));
	return EXIT.passed;
}

/** Brings a lab up in a run; on failure, and on an abort, it is gone again unless --keep is given. */
export async function bringLabUp(context: CliContext, flags: Flags, run: RunSession, lab: Lab): Promise<Outcome> {
	const { session, runContext, plan } = await openLabSession(context, flags, run, lab);
	try {
		const { keep = false, reconfigure = false } = flags;
		const options = { keep, reconfigure, disposable: session.vm !== undefined };
		const outcome = await run.phase("up", () => bringUp(runContext, plan, options), lab.name);
		await session.close();
		return { plan, outcome, engine: session.choice };
	} catch (error) {
		// Whoever interrupts wants it gone, also with --keep.
		await (flags.keep && !run.signal.aborted ? session.close() : session.discard());
		throw error;
	}
}

function upReport({ plan, outcome, engine }: Outcome) {
	return {
		lab: plan.lab,
		instance: plan.instance,
		outcome,
		engine,
		nodes: plan.nodes.map(({ name, role, container, ports }) => ({
			name,
			role,
			container,
			addresses: Object.fromEntries(ports.map((port) => [port.interface, port.addresses])),
		})),
	};
}

function nextSteps({ plan, outcome }: Outcome): string {
	const client = plan.nodes.find((node) => node.role === "client")?.name ?? plan.nodes[0]?.name;
	const name = plan.instance === plan.lab ? "" : ` -n ${plan.instance}`;
	return [
		`${plan.instance} is ${outcome === "created" ? "up" : "up already; nothing was changed"}.`,
		`  look around   lab shell ${client}${name}`,
		`  one command   lab exec ${client}${name} -- ip route`,
		`  its state     lab inspect ${plan.instance}`,
		`  take it down  lab down ${plan.instance}`,
	].join("\n");
}
