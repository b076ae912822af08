/** What a lab takes because of its kernel, in words. */
import type { KernelChoice } from "../model/kernel.ts";
import type { EngineChoice } from "../model/verdict.ts";

/** `its kernel lacks ipip, so real1: decap is taken`; empty where no step depends on the kernel. */
export function choicesText(choices: readonly KernelChoice[] = []): string {
	return choices.map(choiceText).join("; ");
}

function choiceText({ feature, has, how, steps }: KernelChoice): string {
	const asked = how.startsWith("--without");
	const finding = asked
		? `taken for a kernel without ${feature} (${how})`
		: `its kernel ${has ? "has" : "lacks"} ${feature}`;
	return steps.length === 0 ? finding : `${finding}, hence ${steps.join(", ")}`;
}

/** Why the engine was taken, and what follows from its kernel. */
export function reasonText({ reason, choices }: EngineChoice): string {
	return [reason, choicesText(choices)].filter((text) => text !== "").join("; ");
}
