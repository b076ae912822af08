/** One node: its part in the picture, how far it is, and the command it is running. */
import type { ReactNode } from "react";
import type { NodeView } from "../report/summarise.ts";
import { Line, oneLine } from "./line.tsx";
import { Say, type Tone } from "./palette.tsx";

const TONES: Record<NodeView["state"], Tone> = {
	planned: "quiet",
	created: "quiet",
	running: "busy",
	configured: "good",
	failed: "bad",
	removed: "quiet",
};

interface NodeRowProps {
	node: NodeView;
	/** Width of the name column, the same for all nodes of a lab. */
	nameWidth: number;
	/** Width of the role column; 0 leaves it out. */
	roleWidth: number;
}

export function NodeRow({ node, nameWidth, roleWidth }: NodeRowProps): ReactNode {
	const steps = node.steps === undefined ? `${node.stepsDone}` : `${node.stepsDone}/${node.steps}`;
	const step = node.failedStep ?? node.step;
	return (
		<Line indent={2}>
			<Say tone="strong">{node.name.padEnd(nameWidth)}</Say>
			{roleWidth === 0 ? "" : `  ${node.role.padEnd(roleWidth)}`}
			{"  "}
			<Say tone={TONES[node.state]}>{node.state.padEnd("configured".length)}</Say>
			<Say tone="quiet">{`  ${steps} steps`}</Say>
			{step ? `  ${step.id}: ${oneLine(step.commands[0] ?? "")}` : null}
			{step && step.commands.length > 1 ? <Say tone="quiet"> (+{step.commands.length - 1})</Say> : null}
			{!step && node.detail ? `  ${oneLine(node.detail)}` : null}
		</Line>
	);
}

/** All nodes of a lab in one line, where there is no room or no need for one each. */
export function NodeSummaryRow({ nodes }: { nodes: readonly NodeView[] }): ReactNode {
	const count = (state: NodeView["state"]) => nodes.filter((node) => node.state === state).length;
	const states = (Object.keys(TONES) as NodeView["state"][]).filter((state) => count(state) > 0);
	return (
		<Line indent={2}>
			{nodes.length} nodes:{" "}
			{states.map((state, index) => (
				<Say key={state} tone={TONES[state]}>{`${index === 0 ? "" : ", "}${count(state)} ${state}`}</Say>
			))}
		</Line>
	);
}
