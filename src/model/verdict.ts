/** Verdicts: what became of a check, a scenario, a lab and a run. */
import { EXIT, worstExitCode } from "./error.ts";
import type { KernelChoice } from "./kernel.ts";

/** `error`: could not be measured. `inconsistent`: the witnesses contradict each other. */
export type CheckStatus = "pass" | "fail" | "error" | "inconsistent";

export interface CheckResult {
	phase: string;
	check: string;
	status: CheckStatus;
	/** What the scenario asks for, as a person would say it. */
	expected: string;
	/** What was seen, with figures. */
	observed: string;
}

export type RunStatus = "passed" | "failed" | "error" | "inconsistent" | "skipped";

/** Each status as the word that reports and screens say. */
export const CHECK_WORDS: Record<CheckStatus, string> = {
	pass: "PASS",
	fail: "FAIL",
	error: "ERROR",
	inconsistent: "INCONSISTENT",
};

export const RUN_WORDS: Record<RunStatus, string> = {
	passed: "PASSED",
	failed: "FAILED",
	error: "ERROR",
	inconsistent: "INCONSISTENT",
	skipped: "SKIPPED",
};

export interface ScenarioResult {
	name: string;
	status: RunStatus;
	durationMs: number;
	checks: CheckResult[];
	/** Why it was skipped or could not be run. */
	reason?: string;
}

export interface LabResult {
	lab: string;
	status: RunStatus;
	durationMs: number;
	scenarios: ScenarioResult[];
	reason?: string;
}

export interface EngineChoice {
	kind: "docker" | "vm";
	kernel: string;
	daemon: string;
	/** Why this engine was taken. */
	reason: string;
	/** What the lab takes because of what its kernel has and lacks; left out where no step makes a difference. */
	choices?: KernelChoice[];
}

/** What `lab test -f json` prints. Extended only by adding. */
export interface RunReport {
	schema: 1;
	run: string;
	/** Folder with everything that was observed. */
	results: string;
	status: RunStatus;
	engine: EngineChoice;
	labs: LabResult[];
}

/**
 * The status of a scenario from its checks. Contradicting witnesses are the worst news, as then nothing measured can be
 * believed; next comes what could not be measured; no checks at all is an error, never a pass.
 */
export function statusOfChecks(checks: readonly { status: CheckStatus }[]): RunStatus {
	if (checks.length === 0) return "error";
	if (checks.some((check) => check.status === "inconsistent")) return "inconsistent";
	if (checks.some((check) => check.status === "fail")) return "failed";
	if (checks.some((check) => check.status === "error")) return "error";
	return "passed";
}

const EXIT_OF_STATUS: Record<RunStatus, number> = {
	passed: EXIT.passed,
	failed: EXIT.failed,
	error: EXIT.broken,
	inconsistent: EXIT.inconsistent,
	skipped: EXIT.environment,
};

/** Exit code of one status. */
export function exitCodeOf(status: RunStatus): number {
	return EXIT_OF_STATUS[status];
}

/** The status that decides among several, by the order of exit codes (worst first). Nothing at all is an error. */
export function worstStatus(statuses: readonly RunStatus[]): RunStatus {
	if (statuses.length === 0) return "error";
	const worst = worstExitCode(statuses.map(exitCodeOf));
	return statuses.find((status) => exitCodeOf(status) === worst) ?? "error";
}
