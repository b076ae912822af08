/** What a person may send in a lab: the clients and targets of its scenarios, with what is expected of a lab as brought up. */
import { type Expectation, type ExpectationKind, expectationKind } from "./expectation.ts";
import { changesOf, type Phase, type Scenario, TRAFFIC_KINDS, type Traffic } from "./scenario.ts";

export interface TrafficChoice {
	from: string;
	/** `nc 192.168.10.1:50007`, `curl http://...` or `ping ...`. */
	target: string;
	traffic: Traffic;
	/** Name of the scenario that it and its expectations are taken from. */
	scenario: string;
	/** What the scenario expects that holds for any number of requests. */
	expect: Expectation[];
}

/** Most requests of one sending. */
export const MOST_REQUESTS = 500;

/** Expectations that do not depend on the number of requests, nor on anything but the traffic itself. */
const ANY_COUNT: readonly ExpectationKind[] = ["answered", "share", "source", "counters"];

/** `nc 192.168.10.1:50007`. */
export function targetOf(traffic: Traffic): string {
	const kind = TRAFFIC_KINDS.find((name) => traffic[name] !== undefined);
	return kind === undefined ? "" : `${kind} ${traffic[kind]}`;
}

/**
 * Clients and targets, each pair once, in the order of the scenarios. Only phases count that find the lab as `up` has left it:
 * what is expected behind a change would be wrong without it. A change that takes nothing to undo (zeroing counters) is none.
 */
export function trafficChoices(scenarios: readonly Scenario[]): TrafficChoice[] {
	const choices = new Map<string, TrafficChoice>();
	for (const scenario of scenarios) {
		for (const phase of unchangedPhases(scenario)) {
			if (!phase.traffic) continue;
			const choice = choiceOf(scenario, phase, phase.traffic);
			const key = `${choice.from} ${choice.target}`;
			const known = choices.get(key);
			if (!known || (!hasShare(known) && hasShare(choice))) choices.set(key, choice);
		}
	}
	return [...choices.values()];
}

function choiceOf(scenario: Scenario, phase: Phase, traffic: Traffic): TrafficChoice {
	const { upload: _upload, interval: _interval, sources: _sources, ...plain } = traffic;
	return {
		from: traffic.from,
		target: targetOf(traffic),
		traffic: { ...plain, lines: 1 },
		scenario: scenario.name,
		expect: phase.expect.filter((entry) => ANY_COUNT.includes(expectationKind(entry))),
	};
}

function hasShare(choice: TrafficChoice): boolean {
	return choice.expect.some((entry) => entry.share !== undefined);
}

/** Changes stay until the scenario ends, so only the phases before the first one. */
function unchangedPhases(scenario: Scenario): Phase[] {
	const first = scenario.phases.findIndex(
		(phase) => phase.during || changesOf(phase).some(({ undo }) => undo !== "true"),
	);
	return first < 0 ? scenario.phases : scenario.phases.slice(0, first);
}

/** The phase that sends `count` requests of a choice and judges them as its scenario does. */
export function sendPhase(choice: TrafficChoice, count: number): Phase {
	const fallback: Expectation[] = [{ answered: "all" }];
	return {
		name: `${count} request${count === 1 ? "" : "s"} from ${choice.from}: ${choice.target}`.slice(0, 100),
		traffic: { ...choice.traffic, count: Math.min(count, MOST_REQUESTS) },
		expect: choice.expect.length > 0 ? choice.expect : fallback,
	};
}
