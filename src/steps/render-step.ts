/** From a step of a lab file to commands. */
import type { PlannedStep } from "../model/plan.ts";
import { type Step, type StepBody, type StepKind, stepKind } from "../model/step.ts";
import { renderAddress } from "./address.ts";
import { renderBridge } from "./bridge.ts";
import { renderDecap } from "./decap.ts";
import { renderFile } from "./file.ts";
import { renderIpset } from "./ipset.ts";
import { renderIptables } from "./iptables.ts";
import { renderIpvs } from "./ipvs.ts";
import type { Rendered } from "./rendered.ts";
import { renderRoute } from "./route.ts";
import { renderRule } from "./rule.ts";
import { renderRun } from "./run.ts";
import { renderService } from "./service.ts";
import { renderSysctl } from "./sysctl.ts";
import { renderTunnel } from "./tunnel.ts";
import { renderXdp } from "./xdp.ts";

const RENDERERS: { [K in StepKind]: (body: StepBody<K>, step: Step) => Rendered } = {
	sysctl: renderSysctl,
	address: renderAddress,
	route: renderRoute,
	rule: renderRule,
	tunnel: renderTunnel,
	bridge: renderBridge,
	ipvs: renderIpvs,
	iptables: renderIptables,
	ipset: renderIpset,
	xdp: renderXdp,
	decap: renderDecap,
	service: renderService,
	file: renderFile,
	run: renderRun,
};

function renderKind<K extends StepKind>(kind: K, step: Step): Rendered {
	const body = step[kind] as StepBody<K>;
	return RENDERERS[kind](body, step);
}

/** Renders one step; pure. */
export function renderStep(step: Step): PlannedStep {
	const kind = stepKind(step);
	return { id: step.id, why: step.why, kind, ...whenText(step), ...renderKind(kind, step) };
}

function whenText({ when }: Step): { when?: string } {
	if (!when) return {};
	return { when: when.has ? `the kernel has ${when.has}` : `the kernel lacks ${when.lacks}` };
}
