/**
 * The one stream of events. The screen, the plain log, JSON lines and every report are folds over it; the core emits and
 * never prints. Extended only by adding.
 */
import type { ErrorKind, Where } from "./error.ts";
import type { SetupMessage } from "./progress.ts";
import type { CheckResult, EngineChoice, RunReport, RunStatus } from "./verdict.ts";

export type NodeState = "planned" | "created" | "running" | "configured" | "failed" | "removed";

/** How many requests a backend may get before its check fails. */
export interface ShareBand {
	low: number;
	high: number;
}

export type EventBody =
	/** First of a run; `results` is the folder that everything is written to. */
	| { type: "run-begin"; run: string; results: string; command: string }
	| { type: "setup"; message: SetupMessage }
	| { type: "engine-chosen"; engine: EngineChoice }
	/** A phase of the whole command (`engine`, `images`, `up`, `test`, `down`, ...) began or ended; times go to run.json. */
	| { type: "phase-begin"; phase: string; lab?: string }
	| { type: "phase-end"; phase: string; lab?: string; ok: boolean; durationMs: number }
	| { type: "lab-planned"; lab: string; instance: string; nodes: { name: string; role: string; steps?: number }[] }
	| { type: "node-state"; lab: string; node: string; state: NodeState; detail?: string }
	| { type: "step-begin"; lab: string; node: string; step: string; commands: string[] }
	| { type: "step-end"; lab: string; node: string; step: string; ok: boolean; output?: string }
	| { type: "scenario-begin"; lab: string; scenario: string; intent: string }
	| { type: "scenario-phase"; lab: string; scenario: string; phase: string; requests: number }
	| { type: "traffic"; lab: string; scenario: string; phase: string; sent: number; answered: number; total: number }
	| {
			type: "shares";
			lab: string;
			scenario: string;
			phase: string;
			shares: Record<string, number>;
			bands?: Record<string, ShareBand>;
	  }
	/** `evidence`: files under the results folder that the verdict rests on. */
	| { type: "check"; lab: string; scenario: string; result: CheckResult; evidence?: string[] }
	| { type: "scenario-end"; lab: string; scenario: string; status: RunStatus; durationMs: number; reason?: string }
	| { type: "lab-end"; lab: string; status: RunStatus; durationMs: number; reason?: string }
	/** A `LabError` that ended a lab or, without `lab`, the run. */
	| { type: "failure"; lab?: string; kind: ErrorKind; code: string; message: string; hint?: string; where?: Where }
	/** A signal arrived or the time was up; cleaning up follows. */
	| { type: "interrupted"; by: "SIGINT" | "SIGTERM" | "timeout" }
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
