/** A scenario, its phases and their checks, each on one line. */
import type { ReactNode } from "react";
import { type CheckView, formatDuration, type PhaseView, type ScenarioView } from "../report/summarise.ts";
import { Line, oneLine } from "./line.tsx";
import { Say } from "./palette.tsx";
import { ProgressSign } from "./spinner.tsx";
import { CheckStatusText, RunStatusText } from "./status-text.tsx";

export function ScenarioRow({ scenario, now }: { scenario: ScenarioView; now: number }): ReactNode {
	const { status, name, intent, reason } = scenario;
	const time = formatDuration(scenario.durationMs ?? now - scenario.startedAt);
	const detail = oneLine(status === undefined || reason === undefined ? intent : reason);
	return (
		<Line indent={2} right={<Say tone="quiet">{time}</Say>}>
			{status === undefined ? <ProgressSign progress="running" now={now} /> : <RunStatusText status={status} />}{" "}
			<Say tone="strong">{name}</Say> <Say tone="quiet">{detail}</Say>
		</Line>
	);
}

interface PhaseRowProps {
	phase: PhaseView;
	/** True while it is the one being run. */
	running: boolean;
	now: number;
}

export function PhaseRow({ phase, running, now }: PhaseRowProps): ReactNode {
	const traffic = phase.total === 0 ? undefined : <Say tone="quiet">{trafficText(phase)}</Say>;
	return (
		<Line indent={4} right={traffic}>
			<ProgressSign progress={running ? "running" : phaseProgress(phase)} now={now} /> {oneLine(phase.name)}
		</Line>
	);
}

function trafficText({ sent, answered, total }: PhaseView): string {
	const missing = sent - answered;
	return missing === 0 ? `${sent}/${total} answered` : `${sent}/${total} sent, ${missing} unanswered`;
}

function phaseProgress(phase: PhaseView): "done" | "failed" {
	return phase.checks.every((check) => check.status === "pass") ? "done" : "failed";
}

export function CheckRow({ check }: { check: CheckView }): ReactNode {
	return (
		<Line indent={6}>
			<CheckStatusText status={check.status} /> {oneLine(check.check)}: {oneLine(check.observed)}
			{check.status === "pass" ? null : ` (expected ${oneLine(check.expected)})`}
		</Line>
	);
}
