/** What the tests of the run layer start from: the tiny lab, planned, and a run context around an engine in memory. */
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "vitest";
import { openLab } from "../../src/config/find-labs.ts";
import { LabError } from "../../src/model/error.ts";
import type { EventBody } from "../../src/model/event.ts";
import type { Plan } from "../../src/model/plan.ts";
import type { Scenario } from "../../src/model/scenario.ts";
import { type PlanOptions, planLab } from "../../src/plan/plan-lab.ts";
import type { RunContext } from "../../src/run/context.ts";
import { ResultsFolder } from "../../src/run/results-folder.ts";
import { FakeNodes, NODE_IMAGE } from "../support/fake-nodes.ts";

export const { lab, scenarios } = openLab("test/fixtures/tiny", ".");

export function plan(options: Partial<PlanOptions> = {}): Plan {
	return planLab(lab, { instance: "tiny", ...options });
}

export function scenario(name: string): Scenario {
	const found = scenarios.find((entry) => entry.name === name);
	if (!found) throw new Error(`no scenario ${name}`);
	return found;
}

export interface Setting {
	engine: FakeNodes;
	context: RunContext;
	events: EventBody[];
	aborter: AbortController;
}

/** `onEvent` sees every event as it is emitted, and may abort. */
export function setting(engine = new FakeNodes(), onEvent: (event: EventBody) => void = () => {}): Setting {
	engine.backends = ["real1", "real2"];
	const events: EventBody[] = [];
	const aborter = new AbortController();
	const context: RunContext = {
		engine,
		emit: (event) => {
			events.push(event);
			onEvent(event);
		},
		signal: aborter.signal,
		runId: "20260101-000000-ab12",
		owner: "somebody",
		maker: "1 2 boot",
		ensureImage: async () => NODE_IMAGE,
		program: async () => Buffer.from("program"),
	};
	return { engine, context, events, aborter };
}

export function results(): ResultsFolder {
	return new ResultsFolder(mkdtempSync(join(tmpdir(), "lab-run-")), "20260101-000000-ab12");
}

/** The events of one type. */
export function eventsOf<T extends EventBody["type"]>(events: EventBody[], type: T): Extract<EventBody, { type: T }>[] {
	return events.filter((event): event is Extract<EventBody, { type: T }> => event.type === type);
}

/** The error of a promise that must be rejected. */
export async function errorOf(work: Promise<unknown>): Promise<LabError> {
	const error = await work.then(
		() => undefined,
		(reason: unknown) => reason,
	);
	expect(error).toBeInstanceOf(LabError);
	return error as LabError;
}
