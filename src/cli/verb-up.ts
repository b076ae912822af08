/** `lab up` */
import { openLab } from "../config/find-labs.ts";
import type { Plan } from "../model/plan.ts";
import { planLab } from "../plan/plan-lab.ts";
import { transcript } from "../report/transcript.ts";
import { up as bringUp } from "../run/up.ts";
import type { CliContext } from "./cli-context.ts";
import { openEngine } from "./engine-session.ts";
import type { Flags } from "./flags.ts";
import { moveOptions } from "./move-options.ts";
import { print } from "./output.ts";
import { owner } from "./owner.ts";
import { emitFailure, openRun } from "./run-session.ts";
import { setupContext } from "./setup-context.ts";

export async function up(context: CliContext, args: string[], flags: Flags): Promise<number> {
	const { lab } = openLab(args[0] ?? "", context.root);
	const instance = flags.name ?? lab.name;
	const plan = planLab(lab, { instance, ...(flags.wiring ? { wiring: flags.wiring } : {}) });
	if (flags.dryRun) {
		const options = await moveOptions(context.root);
		print(context, flags, plan, () => transcript(plan, options));
		return 0;
	}
	const run = await openRun(context, flags, ["up", ...args], () => []);
	try {
		const setup = setupContext(context, flags, {
			listen: (message) => run.emit({ type: "setup", message }),
			signal: run.signal,
			suspend: run.suspend,
		});
		const wish = { lab: lab.name, instance, requires: lab.requires, plan };
		const session = await run.phase("engine", () => openEngine(context, flags, setup, wish), lab.name);
		run.emit({ type: "engine-chosen", engine: session.choice });
		let outcome: "created" | "already-up";
		try {
			await session.vm?.setLab({ lab: lab.name, instance, run: run.runId });
			const runContext = {
				engine: session.engine,
				emit: run.emit,
				signal: run.signal,
				runId: run.runId,
				owner: owner(context.env),
				ensureImage: session.ensureImage,
				program: session.program,
			};
			const options = { keep: flags.keep ?? false, reconfigure: flags.reconfigure ?? false };
			outcome = await run.phase("up", () => bringUp(runContext, plan, options), lab.name);
		} catch (error) {
			await (flags.keep ? session.close() : session.discard());
			throw error;
		}
		await session.close();
		await run.close();
		print(context, flags, upReport(plan, outcome, session.choice), () => nextSteps(plan, outcome));
		return 0;
	} catch (error) {
		emitFailure(run.emit, error, lab.name);
		await run.close();
		throw error;
	}
}

function upReport(plan: Plan, outcome: string, engine: unknown) {
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

function nextSteps(plan: Plan, outcome: "created" | "already-up"): string {
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
