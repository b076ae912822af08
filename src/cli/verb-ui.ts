/** `lab ui` */
import { findLabs, loadLabWithScenarios } from "../config/find-labs.ts";
import { asLabError } from "../model/as-lab-error.ts";
import { EXIT, LabError, wordsOf } from "../model/error.ts";
import type { Lab } from "../model/lab.ts";
import { trafficChoices } from "../model/traffic-choice.ts";
import type { LabEntry } from "../ui/state/state.ts";
import type { CliContext } from "./cli-context.ts";
import type { Flags } from "./flags.ts";
import { loadScreen } from "./load-screen.ts";
import { takesLiveView } from "./terminal.ts";
import { liveStates } from "./ui/live.ts";
import type { Catalogue } from "./ui/ui-app.ts";
import { variantOf } from "./ui/variant.ts";

/** The labs of the project on a screen; with `--plain`, and where no screen can be drawn, as questions and answers. */
export async function ui(context: CliContext, args: string[], flags: Flags): Promise<number> {
	const labs = readCatalogue(context, flags);
	const first = args[0];
	if (first !== undefined && !labs.entries.some(({ name }) => name === first)) {
		throw new LabError("input", `there is no lab "${first}" in the catalogue`, {
			code: "unknown-lab",
			hint: `Labs: ${labs.entries.map(({ name }) => name).join(", ")}`,
		});
	}
	const plain = flags.plain === true || !takesLiveView(context.env, context.stdout);
	if (!plain && !context.stdin.isTTY) {
		throw new LabError("input", "lab ui needs a terminal to read keys from", {
			code: "no-terminal",
			hint: "With --plain it asks questions and reads lines, also from a pipe.",
		});
	}
	const { brokenOff } = plain
		? await (await import("./ui/plain-front.ts")).runPlainUi(context, flags, labs, first)
		: await (await loadScreen(() => import("./ui/screen-front.ts"))).runScreenUi(context, flags, labs, first);
	if (brokenOff) context.stdout.write(`${brokenOff}: stopped, and cleaned up.\n`);
	await tellWhatRuns(context);
	if (context.signal.aborted) return asLabError(context.signal.reason).exitCode;
	return brokenOff ? EXIT.interrupted : EXIT.passed;
}

/** Every lab of the project with what its files say; one with mistakes is listed too. */
function readCatalogue(context: CliContext, flags: Flags): Catalogue {
	const files = new Map<string, Lab>();
	const entries = findLabs(context.root).map((found): LabEntry => {
		const outcome = loadLabWithScenarios(found);
		if (!outcome.ok) return { name: found.name, problem: `its files have mistakes; see: lab validate ${found.name}` };
		const { lab, scenarios } = outcome.lab;
		try {
			const facts = { ...variantOf(lab, flags), scenarios, choices: trafficChoices(scenarios) };
			files.set(lab.name, lab);
			return { name: lab.name, facts };
		} catch (error) {
			return { name: lab.name, problem: wordsOf(error) };
		}
	});
	return { entries, files };
}

/** The last words: what goes on without the screen, and how to end it. */
async function tellWhatRuns(context: CliContext): Promise<void> {
	const up = Object.entries(await liveStates(context).catch(() => ({})));
	if (up.length === 0) {
		context.stdout.write("No lab is up.\n");
		return;
	}
	context.stdout.write("Still up:\n");
	for (const [name, { engine }] of up) {
		const where = engine === "vm" ? "embedded machine" : "Docker daemon";
		context.stdout.write(`  ${name}  (${where})  to take it down: lab down ${name}\n`);
	}
}
