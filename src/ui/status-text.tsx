/** Statuses as words; the colour only repeats what the word says. */
import type { ReactNode } from "react";
import type { CheckStatus, RunStatus } from "../model/verdict.ts";
import { Say, type Tone } from "./palette.tsx";

const CHECKS: Record<CheckStatus, { word: string; tone: Tone }> = {
	pass: { word: "PASS", tone: "good" },
	fail: { word: "FAIL", tone: "bad" },
	error: { word: "ERROR", tone: "trouble" },
	inconsistent: { word: "INCONSISTENT", tone: "warning" },
};

const RUNS: Record<RunStatus, { word: string; tone: Tone }> = {
	passed: { word: "PASSED", tone: "good" },
	failed: { word: "FAILED", tone: "bad" },
	error: { word: "ERROR", tone: "trouble" },
	inconsistent: { word: "INCONSISTENT", tone: "warning" },
	skipped: { word: "SKIPPED", tone: "busy" },
};

export function CheckStatusText({ status }: { status: CheckStatus }): ReactNode {
	return <Say tone={CHECKS[status].tone}>{CHECKS[status].word}</Say>;
}

export function RunStatusText({ status }: { status: RunStatus }): ReactNode {
	return <Say tone={RUNS[status].tone}>{RUNS[status].word}</Say>;
}
