/** The steps of one node in order: ids, devices that exist by then, and what each kind needs to work. */
import { applies, type KernelFeature } from "../model/kernel.ts";
import type { Lab, Node } from "../model/lab.ts";
import type { Step } from "../model/step.ts";
import { checkDecap, checkIpvs, checkXdp } from "./check-balancer-steps.ts";
import { checkAddress, checkBridge, checkRoute, checkSysctl, checkTunnel } from "./check-network-steps.ts";
import { Devices } from "./devices.ts";
import type { Report } from "./report.ts";
import type { Path } from "./tree.ts";

/** What a check of a step sees. */
export interface StepScene {
	lab: Lab;
	node: Node;
	nodeName: string;
	/** As left by the steps before. */
	devices: Devices;
	/** As left by all steps of the node. */
	allDevices: Devices;
	path: Path;
	report: Report;
}

/** Checks the steps that are taken on a kernel that lacks the features. */
export function checkSteps(
	nodeName: string,
	node: Node,
	lab: Lab,
	lacks: readonly KernelFeature[],
	report: Report,
): void {
	const devices = new Devices(node);
	const allDevices = new Devices(node);
	for (const step of node.steps ?? []) if (applies(step.when, lacks)) allDevices.apply(step);
	const ids = new Set<string>();
	(node.steps ?? []).forEach((step, index) => {
		const path = ["nodes", nodeName, "steps", index];
		if (ids.has(step.id)) report.add([...path, "id"], `step id "${step.id}" is used twice in node ${nodeName}`);
		ids.add(step.id);
		if (!applies(step.when, lacks)) return;
		checkStep(step, { lab, node, nodeName, devices, allDevices, path, report });
		devices.apply(step);
	});
}

function checkStep(step: Step, scene: StepScene): void {
	if (step.sysctl) checkSysctl(step.sysctl, scene);
	if (step.address) checkAddress(step.address, scene);
	if (step.route) checkRoute(step.route, scene);
	if (step.tunnel) checkTunnel(step.tunnel, scene);
	if (step.bridge) checkBridge(step.bridge, scene);
	if (step.ipvs) checkIpvs(step.ipvs, scene);
	if (step.xdp) checkXdp(step.xdp, scene);
	if (step.decap) checkDecap(step.decap, scene);
	checkFeatures(step, scene);
}

/** Without the entry in `requires` the lab might be started on a daemon whose kernel cannot run it. */
function checkFeatures(step: Step, { lab, path, report }: StepScene): void {
	if (report.isLostBelow(["requires"])) return;
	for (const feature of featuresOf(step)) {
		if (lab.requires.includes(feature) || step.when?.has === feature) continue;
		const hint = `add ${feature} to requires, so that the lab is only started where the kernel can run it`;
		report.addAtKey(
			path,
			`step "${step.id}" needs the kernel feature ${feature}, which the lab does not require`,
			hint,
		);
	}
}

const SCHEDULER_FEATURES: Record<string, KernelFeature> = { rr: "ip_vs_rr", wrr: "ip_vs_wrr", wlc: "ip_vs_wlc" };

function featuresOf(step: Step): KernelFeature[] {
	const features: KernelFeature[] = [];
	if (step.ipvs) {
		const scheduler = SCHEDULER_FEATURES[step.ipvs.scheduler];
		features.push("ip_vs", ...(scheduler ? [scheduler] : []));
	}
	if (step.tunnel?.mode === "ipip" || step.address?.dev === "tunl0") features.push("ipip");
	if (step.tunnel?.mode === "vxlan") features.push("vxlan");
	if (step.ipset) features.push("ip_set");
	if (step.xdp || step.decap) features.push("xdp");
	const rules = step.iptables?.rules.join("\n") ?? "";
	if (/-m ipvs\b/.test(rules)) features.push("xt_ipvs");
	if (/-m statistic\b/.test(rules)) features.push("xt_statistic");
	return features;
}
