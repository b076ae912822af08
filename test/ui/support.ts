/** The project's labs as the terminal UI gets them, and keys and events to drive it with. */
import { labNames, openLab } from "../../src/config/find-labs.ts";
import type { EventBody, LabEvent } from "../../src/model/event.ts";
import { labWithout } from "../../src/model/lab.ts";
import type { NodeCounters } from "../../src/model/live-counters.ts";
import { trafficChoices } from "../../src/model/traffic-choice.ts";
import { planLab } from "../../src/plan/plan-lab.ts";
import type { Message, Wish } from "../../src/ui/state/messages.ts";
import { initialState, type LabEntry, type LiveState, type UiState } from "../../src/ui/state/state.ts";
import { update } from "../../src/ui/state/update.ts";

export const LABS = labNames(process.cwd());

export function entry(name: string, up = false): LabEntry {
	const { lab: file, scenarios } = openLab(name, process.cwd());
	const lab = labWithout(file, []);
	const plan = planLab(lab, { instance: name });
	const live: LiveState = {
		engine: "vm",
		nodes: Object.fromEntries(plan.nodes.map((node) => [node.name, "running"])),
	};
	return { name, facts: { lab, plan, scenarios, choices: trafficChoices(scenarios) }, ...(up ? { live } : {}) };
}

/** The UI with these labs, those after `up:` being up. */
export function ui(...names: string[]): UiState {
	const labs = names.map((name) => entry(name.replace("up:", ""), name.startsWith("up:")));
	return { ...initialState(labs), looked: true };
}

/** The state after keys and other messages, and everything wished for on the way. */
export function play(state: UiState, ...happened: (string | Message)[]): { state: UiState; wishes: Wish[] } {
	const wishes: Wish[] = [];
	let now = state;
	for (const one of happened) {
		const change = update(now, typeof one === "string" ? { type: "key", key: one } : one);
		now = change.state;
		wishes.push(...change.wishes);
	}
	return { state: now, wishes };
}

/** An event of a run; all at the same moment, so that a screen shows the same whatever was tested before. */
export function event(body: EventBody): Message {
	const whole: LabEvent = { ...body, seq: 0, at: new Date(1_700_000_000_000).toISOString() };
	return { type: "event", event: whole };
}

export function counters(lab: string, node: string, more: Partial<NodeCounters>, before = false): Message {
	const read: NodeCounters = { node, interfaces: {}, balancers: [], ...more };
	return { type: "counters", lab, counters: [read], ...(before ? { before: true as const } : {}) };
}
