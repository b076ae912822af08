/** How a node is doing, in one word: from the events of the job that makes or removes it, else from its daemon. Pure. */
import type { NodeView } from "../../report/summarise.ts";
import type { LabEntry, UiState } from "../state/state.ts";
import type { NodeSign } from "./wires.ts";

/** The sign of a node of a lab. */
export function nodeSign(state: UiState, entry: LabEntry, node: string): NodeSign {
	const building = state.job?.lab === entry.name && (state.job.kind === "up" || state.job.kind === "test");
	const view = building ? state.job?.run.labs.flatMap((lab) => lab.nodes).find(({ name }) => name === node) : undefined;
	if (view) return signOfView(view);
	const container = entry.live?.nodes[node];
	if (container === undefined) return { word: entry.live ? "gone" : "down", tone: entry.live ? "bad" : "quiet" };
	return container === "running" ? { word: "up", tone: "good" } : { word: container, tone: "bad" };
}

function signOfView(view: NodeView): NodeSign {
	switch (view.state) {
		case "planned":
			return { word: "waits", tone: "quiet" };
		case "created":
			return { word: "created", tone: "busy" };
		case "running": {
			const of = view.steps === undefined ? "" : `/${view.steps}`;
			return {
				word: view.steps === 0 ? "started" : `step ${Math.min(view.stepsDone + 1, view.steps ?? 1)}${of}`,
				tone: "busy",
			};
		}
		case "configured":
			return { word: "up", tone: "good" };
		case "failed":
			return { word: "FAILED", tone: "bad" };
		case "removed":
			return { word: "down", tone: "quiet" };
	}
}
