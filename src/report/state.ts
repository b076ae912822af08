/** The nouns of a run as its events tell it. `summarise.ts` folds the events into them; every reader shows them. */
import type { ErrorKind, Where } from "../model/error.ts";
import type { NodeState, ShareBand } from "../model/event.ts";
import type { CheckResult, EngineChoice, RunReport, RunStatus } from "../model/verdict.ts";

export type Progress = "running" | "done" | "failed";

/** Work that takes time: a set-up phase, or a phase of the whole command. Times are milliseconds since the epoch. */
export interface TimedPhase {
	name: string;
	lab?: string;
	text: string;
	progress: Progress;
	startedAt: number;
	durationMs?: number;
	/** The last output lines, at most `KEPT_LINES`. */
	lines: string[];
	/** Why it failed. */
	failure?: string;
}

/** A step being run, or one that failed. */
export interface StepView {
	id: string;
	commands: string[];
	startedAt: number;
	output?: string;
}

export interface NodeView {
	name: string;
	role: string;
	state: NodeState;
	detail?: string;
	/** How many steps it has, where the plan told. */
	steps?: number;
	stepsDone: number;
	/** The step being run. */
	step?: StepView;
	failedStep?: StepView;
}

export interface CheckView extends CheckResult {
	/** Files under the results folder that the verdict rests on. */
	evidence: string[];
}

export interface PhaseView {
	name: string;
	/** Requests that are to be sent. */
	total: number;
	sent: number;
	answered: number;
	/** Requests per backend; empty until told. */
	shares: Record<string, number>;
	/** What each backend may get, where the check is statistical. */
	bands: Record<string, ShareBand>;
	checks: CheckView[];
}

export interface ScenarioView {
	name: string;
	intent: string;
	startedAt: number;
	/** Undefined while it runs. */
	status?: RunStatus;
	durationMs?: number;
	reason?: string;
	phases: PhaseView[];
}

export interface FailureView {
	lab?: string;
	kind: ErrorKind;
	code: string;
	message: string;
	hint?: string;
	where?: Where;
}

export interface LabView {
	name: string;
	instance: string;
	startedAt: number;
	nodes: NodeView[];
	scenarios: ScenarioView[];
	/** Undefined while it runs, and after `up`. */
	status?: RunStatus;
	durationMs?: number;
	reason?: string;
}

export interface RunState {
	/** Time of the first and of the latest event, milliseconds since the epoch; 0 before the first. */
	startedAt: number;
	latestAt: number;
	run?: string;
	results?: string;
	command?: string;
	setup: TimedPhase[];
	phases: TimedPhase[];
	engine?: EngineChoice;
	labs: LabView[];
	notices: { level: "info" | "warning"; text: string }[];
	failures: FailureView[];
	interruptedBy?: "SIGINT" | "SIGTERM" | "timeout";
	/** What the run itself computed; present once it is over. */
	report?: RunReport;
}
