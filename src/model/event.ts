/**
 * The one stream of events. The screen, the plain log, JSON lines and every report are folds over it; the core emits and
 * never prints. Extended only by adding.
 */
import type { SetupMessage } from "./progress.ts";
import type { CheckResult, EngineChoice, RunReport, RunStatus } from "./verdict.ts";

export type NodeState = "planned" | "created" | "running" | "configured" | "failed" | "removed";

export type EventBody =
	| { type: "setup"; message: SetupMessage }
	| { type: "engine-chosen"; engine: EngineChoice }
	/** A phase of the whole command (`engine`, `images`, `up`, `test`, `down`, ...) began or ended; times go to run.json. */
	| { type: "phase-begin"; phase: string; lab?: string }
	| { type: "phase-end"; phase: string; lab?: string; ok: boolean; durationMs: number }
	| { type: "lab-planned"; lab: string; instance: string; nodes: { name: string; role: string }[] }
	| { type: "node-state"; lab: string; node: string; state: NodeState; detail?: string }
	| { type: "step-begin"; lab: string; node: string; step: string; commands: string[] }
	| { type: "step-end"; lab: string; node: string; step: string; ok: boolean; output?: string }
	| { type: "scenario-begin"; lab: string; scenario: string; intent: string }
	| { type: "scenario-phase"; lab: string; scenario: string; phase: string; requests: number }
	| { type: "traffic"; lab: string; scenario: string; phase: string; sent: number; answered: number; total: number }
	| { type: "shares"; lab: string; scenario: string; phase: string; shares: Record<string, number> }
	| { type: "check"; lab: string; scenario: string; result: CheckResult }
	| { type: "scenario-end"; lab: string; scenario: string; status: RunStatus; durationMs: number; reason?: string }
	| { type: "lab-end"; lab: string; status: RunStatus; durationMs: number; reason?: string }
	| { type: "run-end"; report: RunReport }
	| { type: "notice"; level: "info" | "warning"; text: string };

/** An event with its place in the run. */
export type LabEvent = EventBody & {
	/** Position in the run, from 0. */
	seq: number;
	/** ISO 8601 time. */
	at: string;
};

export type Emit = (event: EventBody) => void;
