/** The live screen as a list of rows, most of which can be left out when the terminal is small. */
import { Text } from "ink";
import type { LabView, NodeView, PhaseView, RunState, ScenarioView, TimedPhase } from "../report/summarise.ts";
import { BLANK, type Row } from "./fit-rows.ts";
import { LabRow, titleRows } from "./heading-rows.tsx";
import { NodeRow, NodeSummaryRow } from "./node-row.tsx";
import { CheckRow, PhaseRow, ScenarioRow } from "./scenario-row.tsx";
import { OutputRow, SetupRow } from "./setup-row.tsx";
import { barScale, ShareBar } from "./share-bar.tsx";

/** What matters when room is short, from what goes first to what stays. */
const IMPORTANCE = { past: 1, idle: 2, done: 3, passed: 4, context: 5, current: 6, wrong: 7, heading: 8 } as const;

/** Below this width the role of a node is left out. */
const NARROW = 60;

export interface ScreenSize {
	columns: number;
	rows: number;
}

/** Everything there is to show, from top to bottom. */
export function screenRows(state: RunState, size: ScreenSize, now: number): Row[] {
	const sections = [
		titleRows(state, now).map((element, index) => row(`title-${index}`, IMPORTANCE.heading - index, element)),
		setupRows(state.setup, now),
		...state.labs.map((lab) => labRows(lab, state, size, now)),
	];
	const filled = sections.filter((rows) => rows.length > 0);
	return filled.flatMap((rows, index) =>
		index === 0 ? rows : [row(`blank-${index}`, BLANK, <Text> </Text>), ...rows],
	);
}

function row(key: string, importance: number, element: Row["element"]): Row {
	return { key, importance, element };
}

function setupRows(phases: readonly TimedPhase[], now: number): Row[] {
	return phases.flatMap((phase, index) => {
		const importance = { running: IMPORTANCE.current, failed: IMPORTANCE.wrong, done: IMPORTANCE.past }[phase.progress];
		const key = `setup-${index}`;
		// A live window on the latest output; in full once the phase has failed, gone once it has not.
		const kept = { running: phase.lines.slice(-3), failed: phase.lines, done: [] }[phase.progress];
		const lines = kept.map((text, line) => row(`${key}-${line}`, importance, <OutputRow text={text} />));
		return [row(key, importance, <SetupRow phase={phase} now={now} />), ...lines];
	});
}

function labRows(lab: LabView, state: RunState, size: ScreenSize, now: number): Row[] {
	return [
		row(`lab-${lab.name}`, IMPORTANCE.heading, <LabRow lab={lab} phases={state.phases} now={now} />),
		...nodeRows(lab, size),
		...lab.scenarios.flatMap((scenario) => scenarioRows(lab, scenario, size, now)),
	];
}

function nodeRows(lab: LabView, size: ScreenSize): Row[] {
	const settled = lab.nodes.every((node) => node.state === "configured" || node.state === "removed");
	if (lab.nodes.length === 0) return [];
	if (settled && lab.scenarios.length > 0) {
		return [row(`nodes-${lab.name}`, IMPORTANCE.done, <NodeSummaryRow nodes={lab.nodes} />)];
	}
	const nameWidth = Math.max(...lab.nodes.map((node) => node.name.length));
	const roleWidth = size.columns < NARROW ? 0 : Math.max(...lab.nodes.map((node) => node.role.length));
	return lab.nodes.flatMap((node) => {
		const key = `node-${lab.name}-${node.name}`;
		return [
			row(key, nodeImportance(node), <NodeRow node={node} nameWidth={nameWidth} roleWidth={roleWidth} />),
			...failedStepRows(key, node),
		];
	});
}

function nodeImportance(node: NodeView): number {
	if (node.failedStep || node.state === "failed") return IMPORTANCE.wrong;
	return node.step ? IMPORTANCE.current : IMPORTANCE.idle;
}

function failedStepRows(key: string, node: NodeView): Row[] {
	const lines = (node.failedStep?.output ?? "").trimEnd().split("\n");
	return lines
		.filter((line) => line !== "")
		.map((line, index) => row(`${key}-${index}`, IMPORTANCE.wrong, <OutputRow text={line} indent={4} />));
}

function scenarioRows(lab: LabView, scenario: ScenarioView, size: ScreenSize, now: number): Row[] {
	const key = `scenario-${lab.name}-${scenario.name}`;
	const head = row(key, scenarioImportance(scenario), <ScenarioRow scenario={scenario} now={now} />);
	// Of those that have passed only the latest shows more than its own line.
	if (scenario.status === "passed" && scenario !== lab.scenarios.at(-1)) return [head];
	const phases = scenario.phases.flatMap((phase, index) => {
		const running = scenario.status === undefined && index === scenario.phases.length - 1;
		return phaseRows(`${key}-${index}`, phase, running, size, now);
	});
	return [head, ...phases];
}

function scenarioImportance({ status }: ScenarioView): number {
	if (status === undefined) return IMPORTANCE.heading;
	return status === "passed" || status === "skipped" ? IMPORTANCE.done : IMPORTANCE.wrong;
}

function phaseRows(key: string, phase: PhaseView, running: boolean, size: ScreenSize, now: number): Row[] {
	const importance = running ? IMPORTANCE.current : IMPORTANCE.passed;
	return [
		row(key, importance, <PhaseRow phase={phase} running={running} now={now} />),
		...shareRows(key, phase, size, running ? IMPORTANCE.context : IMPORTANCE.past),
		...phase.checks.map((check, index) => {
			const passed = running ? IMPORTANCE.context : IMPORTANCE.idle;
			return row(
				`${key}-check-${index}`,
				check.status === "pass" ? passed : IMPORTANCE.wrong,
				<CheckRow check={check} />,
			);
		}),
	];
}

/** Cells of a bar line that are not the bar: indent, gaps, the number, the band. */
const AROUND_BAR = 38;
const LONGEST_BAR = 40;

function shareRows(
	key: string,
	{ shares, bands, sent, total }: PhaseView,
	size: ScreenSize,
	importance: number,
): Row[] {
	const nameWidth = Math.max(0, ...Object.keys(shares).map((name) => name.length));
	const barWidth = Math.max(8, Math.min(LONGEST_BAR, size.columns - nameWidth - AROUND_BAR));
	const common = { scale: barScale(shares, bands, total), nameWidth, barWidth, complete: sent >= total };
	return Object.entries(shares).map(([backend, count]) => {
		const band = bands[backend];
		const bar = <ShareBar backend={backend} count={count} {...common} {...(band ? { band } : {})} />;
		return row(`${key}-share-${backend}`, importance, bar);
	});
}
