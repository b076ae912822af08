/** The headings of the live screen: the command with its time, the engine, a lab with the phase it is in. */
import type { ReactNode } from "react";
import { formatDuration, type LabView, type RunState, type TimedPhase } from "../report/summarise.ts";
import { Line, oneLine } from "./line.tsx";
import { Say } from "./palette.tsx";
import { ProgressSign } from "./spinner.tsx";
import { RunStatusText } from "./status-text.tsx";

/** Heading lines of the whole run, the most important first. */
export function titleRows(state: RunState, now: number): ReactNode[] {
	const elapsed = formatDuration(state.startedAt === 0 ? 0 : now - state.startedAt);
	const interrupted = state.interruptedBy === "timeout" ? "time is up, cleaning up" : "interrupted, cleaning up";
	const notice = state.notices.findLast(({ level }) => level === "warning");
	const title = (
		<Line right={<Say tone="quiet">{elapsed}</Say>}>
			<Say tone="strong">{state.command ?? "lab"}</Say>
			{state.interruptedBy ? <Say tone="warning"> {interrupted}</Say> : null}
		</Line>
	);
	return [
		title,
		...(state.engine ? [<EngineRow key="engine" engine={state.engine} />] : []),
		...(notice ? [<NoticeRow key="notice" text={notice.text} />] : []),
	];
}

function EngineRow({ engine }: { engine: NonNullable<RunState["engine"]> }): ReactNode {
	const where = engine.kind === "vm" ? "embedded VM" : "Docker daemon";
	return (
		<Line>
			<Say tone="quiet">{`${where}, kernel ${engine.kernel}, Docker ${engine.daemon} (${oneLine(engine.reason)})`}</Say>
		</Line>
	);
}

function NoticeRow({ text }: { text: string }): ReactNode {
	return (
		<Line>
			<Say tone="warning">warning:</Say> {oneLine(text)}
		</Line>
	);
}

interface LabRowProps {
	lab: LabView;
	/** Phases of the command; those of this lab are shown with their times. */
	phases: readonly TimedPhase[];
	now: number;
}

export function LabRow({ lab, phases, now }: LabRowProps): ReactNode {
	const own = phases.filter((phase) => phase.lab === lab.name);
	const time = lab.durationMs === undefined ? undefined : <Say tone="quiet">{formatDuration(lab.durationMs)}</Say>;
	return (
		<Line right={time}>
			{lab.status === undefined ? null : <RunStatusText status={lab.status} />}
			{lab.status === undefined ? "" : " "}
			<Say tone="strong">{lab.name}</Say>
			{own.map((phase, index) => (
				// biome-ignore lint/suspicious/noArrayIndexKey: phases are only ever appended
				<PhaseText key={index} phase={phase} now={now} />
			))}
			{lab.reason === undefined ? null : `  ${oneLine(lab.reason)}`}
		</Line>
	);
}

function PhaseText({ phase, now }: { phase: TimedPhase; now: number }): ReactNode {
	const time = formatDuration(phase.durationMs ?? now - phase.startedAt);
	return (
		<Say>
			{"  "}
			<ProgressSign progress={phase.progress} now={now} /> {phase.name} <Say tone="quiet">{time}</Say>
		</Say>
	);
}
