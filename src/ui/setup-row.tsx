/** One phase of set-up work: what it is for and how long it takes. */
import type { ReactNode } from "react";
import { formatDuration, type TimedPhase } from "../report/summarise.ts";
import { Line, oneLine } from "./line.tsx";
import { Say } from "./palette.tsx";
import { ProgressSign } from "./spinner.tsx";

export function SetupRow({ phase, now }: { phase: TimedPhase; now: number }): ReactNode {
	const time = formatDuration(phase.durationMs ?? now - phase.startedAt);
	return (
		<Line right={<Say tone="quiet">{time}</Say>}>
			<ProgressSign progress={phase.progress} now={now} /> <Say tone="strong">{phase.name}</Say>
			{phase.progress === "failed" ? <Say tone="bad"> failed</Say> : null}: {oneLine(phase.failure ?? phase.text)}
		</Line>
	);
}

/** One line of output of a program, under the row it belongs to. */
export function OutputRow({ text, indent = 2 }: { text: string; indent?: number }): ReactNode {
	return (
		<Line indent={indent}>
			<Say tone="quiet">│ {oneLine(text)}</Say>
		</Line>
	);
}
