/** What the terminal UI knows and shows. Changed by `update.ts` only. */
import type { Lab } from "../../model/lab.ts";
import type { NodeCounters } from "../../model/live-counters.ts";
import type { Plan } from "../../model/plan.ts";
import type { Scenario } from "../../model/scenario.ts";
import type { Trace } from "../../model/trace.ts";
import type { TrafficChoice } from "../../model/traffic-choice.ts";
import type { RunState } from "../../report/summarise.ts";
import type { Tone } from "../palette.tsx";

/** A lab as its files describe it, with the steps for the kernel that it runs on, or would most likely run on. */
export interface LabFacts {
	lab: Lab;
	plan: Plan;
	scenarios: Scenario[];
	choices: TrafficChoice[];
}

/** A lab that is up, as its daemon tells. */
export interface LiveState {
	engine: "vm" | "docker";
	/** Container state by node: running, exited, ... */
	nodes: Record<string, string>;
	/** The lab and plan that it was made from. */
	made?: Pick<LabFacts, "lab" | "plan">;
}

export interface LabEntry {
	name: string;
	/** Undefined where the lab file has mistakes; `problem` says so. */
	facts?: LabFacts;
	problem?: string;
	/** Undefined while it is down. */
	live?: LiveState;
}

export const TABS = ["topology", "steps", "traffic", "path", "scenarios"] as const;
export type Tab = (typeof TABS)[number];

/** How many requests can be asked for, in the order of the keys. */
export const COUNTS = [1, 5, 10, 20, 50, 100, 200, 500] as const;

export const TRAFFIC_FIELDS = ["client", "target", "count"] as const;

/** What the UI remembers of a lab while it is used. Positions may point behind the end of what they count; drawing bounds them. */
export interface LabMemory {
	tab: Tab;
	/** Lines scrolled down, by tab. */
	scroll: Partial<Record<Tab, number>>;
	/** Position of the node whose steps are shown. */
	node: number;
	/** Position in TRAFFIC_FIELDS. */
	field: number;
	client: number;
	target: number;
	/** Position in COUNTS. */
	count: number;
	/** Position of the hop whose headers are shown. */
	hop: number;
	scenario: number;
	/** The last run that brought it up. */
	up?: RunState;
	/** The last run of each scenario, by name. */
	tests: Record<string, RunState>;
	/** The last sending, and the counters when it began. */
	sent?: RunState;
	before: Record<string, NodeCounters>;
	trace?: Trace;
	counters: Record<string, NodeCounters>;
}

export type JobKind = "up" | "down" | "test" | "send" | "trace";

/** What is being done; one thing at a time. */
export interface Job {
	kind: JobKind;
	lab: string;
	/** The scenario, or what is sent. */
	subject?: string;
	run: RunState;
	/** True once it was asked to stop. */
	stopping: boolean;
}

export type Overlay =
	| { kind: "help" }
	/** Which node to open a shell in. */
	| { kind: "shell"; cursor: number }
	/** A question before something that cannot be taken back; `yes` is done when it is answered so. */
	| { kind: "ask"; question: string; yes: "down" | "leave" }
	/** Text to read: evidence, a failure. */
	| { kind: "text"; title: string; lines: string[]; scroll: number };

export interface UiState {
	labs: LabEntry[];
	/** False until the machines and daemons have been asked once. */
	looked: boolean;
	cursor: number;
	/** Name of the lab that is open; the catalogue is shown without one. */
	open?: string;
	memory: Record<string, LabMemory>;
	job?: Job;
	overlay?: Overlay;
	/** The last words about something that has ended. */
	notice?: { tone: Tone; text: string };
}

const FRESH: LabMemory = {
	tab: "topology",
	scroll: {},
	node: 0,
	field: 0,
	client: 0,
	target: 0,
	count: 3,
	hop: 0,
	scenario: 0,
	tests: {},
	before: {},
	counters: {},
};

export function initialState(labs: LabEntry[]): UiState {
	return { labs, looked: false, cursor: 0, memory: {} };
}

export function memoryOf(state: UiState, lab: string): LabMemory {
	return state.memory[lab] ?? FRESH;
}

/** Changes what is remembered of a lab. */
export function remember(state: UiState, lab: string, change: Partial<LabMemory>): UiState {
	return { ...state, memory: { ...state.memory, [lab]: { ...memoryOf(state, lab), ...change } } };
}

/** The lab that is open. */
export function openEntry(state: UiState): LabEntry | undefined {
	return state.labs.find((entry) => entry.name === state.open);
}

/** The clients of a lab, those its scenarios send from. */
export function clientsOf(facts: LabFacts): string[] {
	return [...new Set(facts.choices.map((choice) => choice.from))];
}

/** The client and target that are chosen, if the lab has any. */
export function chosenTraffic(facts: LabFacts, memory: LabMemory): TrafficChoice | undefined {
	const clients = clientsOf(facts);
	const client = clients[Math.min(memory.client, clients.length - 1)];
	const targets = facts.choices.filter((choice) => choice.from === client);
	return targets[Math.min(memory.target, targets.length - 1)];
}

/** The number of requests that is chosen. */
export function chosenCount(memory: LabMemory): number {
	return COUNTS[memory.count] ?? COUNTS[0];
}
