/** Which steps of a lab are taken, where that depends on the kernel: asks the kernel of the engine that was chosen. */
import { type FeatureAnswers, probeKernel } from "../engine/kernel-probe.ts";
import { cacheDirectory } from "../machine/directories.ts";
import type { KernelChoice, KernelFeature } from "../model/kernel.ts";
import { kernelChoices, type Lab, optionalFeatures } from "../model/lab.ts";
import { LABEL } from "../run/labels.ts";
import type { CliContext } from "./cli-context.ts";
import type { EngineSession } from "./engine-session.ts";
import type { Flags } from "./flags.ts";
import { withoutFeatures } from "./plan-for.ts";
import { probeMemory } from "./probe-memory.ts";

/** An emulated machine on a busy host takes some of this, in ms; a daemon of the user's own has the probe's own limit. */
const MACHINE_PROBE_MS = 30_000;

export interface StepChoice {
	/** Features that are not there, or not to be used. */
	lacks: KernelFeature[];
	/** For people and for run.json; empty where no step makes a difference. */
	choices: KernelChoice[];
}

/** Tries the features that the lab can do without; what `--without` names is not tried. */
export async function chooseSteps(
	context: CliContext,
	flags: Flags,
	{ engine, ensureImage, vm }: Pick<EngineSession, "engine" | "ensureImage" | "vm">,
	lab: Lab,
): Promise<StepChoice> {
	const unwanted = withoutFeatures(lab, flags);
	const asked = optionalFeatures(lab).filter((feature) => !unwanted.includes(feature));
	const answers: Partial<FeatureAnswers> =
		asked.length === 0
			? {}
			: await probeKernel(engine, asked, {
					loadModules: flags.loadModules ?? false,
					image: () => ensureImage("node"),
					labels: { [LABEL.instance]: "probe", [LABEL.role]: "probe" },
					memory: probeMemory(cacheDirectory(context.env)),
					...(vm ? { timeoutMs: MACHINE_PROBE_MS } : {}),
				});
	return stepsFor(lab, unwanted, answers);
}

/** The same from answers that are there already. */
export function stepsFor(lab: Lab, unwanted: readonly KernelFeature[], answers: Partial<FeatureAnswers>): StepChoice {
	const lacks = optionalFeatures(lab).filter((feature) => unwanted.includes(feature) || !answers[feature]?.ok);
	const how = (feature: KernelFeature) => {
		if (unwanted.includes(feature)) return `--without ${feature}`;
		const { how: tried = "not tried", detail } = answers[feature] ?? {};
		return detail ? `${tried}: ${detail}` : tried;
	};
	return { lacks, choices: kernelChoices(lab, lacks, how) };
}
