/** What is known of the last sending, backend by backend: clients' answers, the band, logs and balancer. Pure. */
import type { ShareBand } from "../../model/event.ts";
import type { NodeCounters } from "../../model/live-counters.ts";
import type { PhaseView, RunState } from "../../report/summarise.ts";
import type { LabMemory } from "../state/state.ts";

export interface BackendFigures {
	backend: string;
	got: number;
	band?: ShareBand;
	/** `2 to 18`, or `-`. */
	expected: string;
	/** What the backend has logged since the sending began; `-` where it logs nothing. */
	logged: string;
	/** What the balancers have given it since then; `-` where none counts for it. */
	counted: string;
	/** `too many`, `too few`, or empty. */
	verdict: string;
}

/** The phase of the last sending. */
export function sentPhase(run: RunState | undefined): PhaseView | undefined {
	return run?.labs.flatMap((lab) => lab.scenarios.flatMap(({ phases }) => phases)).at(-1);
}

/** One row per backend; none before the first sending. `run` is the sending under way, where there is one. */
export function trafficFigures(memory: LabMemory, run: RunState | undefined = memory.sent): BackendFigures[] {
	const phase = sentPhase(run);
	if (!phase) return [];
	return Object.entries(phase.shares).map(([backend, got]) => {
		const band = phase.bands[backend];
		return {
			backend,
			got,
			...(band ? { band } : {}),
			expected: bandText(band),
			logged: figure(gainOf(memory, (counters) => counters[backend]?.logged)),
			counted: figure(gainOf(memory, (counters) => balancerTotal(counters, backend))),
			verdict: bandVerdict(got, band, phase.sent >= phase.total),
		};
	});
}

function bandText(band: ShareBand | undefined): string {
	if (!band) return "-";
	return band.low === band.high ? `${band.low}` : `${band.low} to ${band.high}`;
}

function bandVerdict(count: number, band: ShareBand | undefined, complete: boolean): string {
	if (band && count > band.high) return "too many";
	return band && complete && count < band.low ? "too few" : "";
}

function figure(value: number | undefined): string {
	return value === undefined ? "-" : String(value);
}

/** What has been counted since the sending began; unknown until it has been read before it. */
function gainOf(memory: LabMemory, read: (counters: Record<string, NodeCounters>) => number | undefined) {
	const [before, now] = [read(memory.before), read(memory.counters)];
	return before === undefined || now === undefined ? undefined : Math.max(0, now - before);
}

function balancerTotal(counters: Record<string, NodeCounters>, backend: string): number | undefined {
	const rows = Object.values(counters).flatMap(({ balancers }) => balancers.flatMap((entry) => entry.rows));
	const own = rows.filter((row) => row.node === backend);
	return own.length === 0 ? undefined : own.reduce((sum, row) => sum + row.connections, 0);
}

/** Who counts for the backends: `ipvs at gw`. */
export function balancerNames(counters: Record<string, NodeCounters>): string {
	const names = Object.values(counters).flatMap(({ balancers }) =>
		balancers.map(({ kind, node }) => `${kind} at ${node}`),
	);
	return [...new Set(names)].join(", ");
}
